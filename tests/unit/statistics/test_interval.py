"""Intervals of medians and of their ratios cover what they say."""

from __future__ import annotations

import random
from math import isnan
from statistics import median

import pytest
from scipy.stats import quantile_test

from stackdoc.statistics.interval import (
    FEWEST,
    INTERVAL,
    has_two_modes,
    median_interval,
    ratio_interval,
    resampled_median,
)


@pytest.mark.parametrize(("count", "ranks"), [(6, (1, 6)), (9, (2, 8)), (12, (3, 10)), (15, (4, 12)), (21, (6, 16))])
def test_the_interval_is_made_of_order_statistics(count: int, ranks: tuple[int, int]) -> None:
    values = [float(value) for value in range(1, count + 1)]
    random.Random(1).shuffle(values)
    assert median_interval(values) == ranks


@pytest.mark.parametrize("count", range(1, 60))
def test_the_interval_of_a_median_is_the_one_that_scipy_gives(count: int) -> None:
    theirs = quantile_test(range(count)).confidence_interval(0.95)
    bounds = None if isnan(theirs.low + theirs.high) else (theirs.low, theirs.high)
    assert median_interval(list(range(count))) == bounds


@pytest.mark.parametrize("count", [6, 7, 9, 10, 21])
def test_the_bootstrap_in_closed_form_is_that_of_drawing(count: int) -> None:
    draw = random.Random(7)
    values = [draw.lognormvariate(0, 0.3) for _ in range(count)]
    closed = list(resampled_median(values))
    assert sum(weight for _, weight in closed) == pytest.approx(1)
    drawn = [median(draw.choices(values, k=count)) for _ in range(4000)]
    for part in (0.1, 0.5, 0.9):
        edge = sorted(drawn)[int(part * 4000)] + 1e-9
        assert sum(weight for value, weight in closed if value <= edge) == pytest.approx(
            sum(value <= edge for value in drawn) / 4000, abs=0.03
        )


def test_two_modes_are_seen_and_one_is_not_taken_for_two() -> None:
    draw = random.Random(3)
    one = [[draw.lognormvariate(0, 0.1) for _ in range(9)] for _ in range(400)]
    two = [[draw.lognormvariate(0.4 * (index % 2), 0.02) for index in range(9)] for _ in range(400)]
    assert sum(map(has_two_modes, one)) <= 8
    assert sum(map(has_two_modes, two)) >= 392


@pytest.mark.parametrize("count", [6, 9])
def test_intervals_cover_the_true_median_as_often_as_they_say(count: int) -> None:
    draw = random.Random(11)
    covered = 0
    for _ in range(2000):
        bounds = median_interval([draw.lognormvariate(0, 0.2) for _ in range(count)])
        assert bounds
        covered += bounds[0] <= 1 <= bounds[1]
    assert 0.94 <= covered / 2000 <= 0.99


def test_identical_code_is_seldom_called_different() -> None:
    draw = random.Random(5)
    wrong = 0
    for _ in range(400):
        sides = [[draw.lognormvariate(0, 0.08) for _ in range(9)] for _ in range(2)]
        low, high = ratio_interval(*sides)
        wrong += low > 1.05 or high < 1 / 1.05
    assert wrong / 400 <= 0.10


def test_an_interval_needs_as_many_launches_as_its_level_asks() -> None:
    """At 95 % each tail is at most 2.5 %, and all of n launches are above the median once in 2**n."""
    assert FEWEST == 6
    assert median_interval(range(FEWEST)) is not None
    assert median_interval(range(FEWEST - 1)) is None
    assert INTERVAL == "95 % interval"
