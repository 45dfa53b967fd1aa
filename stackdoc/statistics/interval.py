"""Confidence intervals over launches: of a median by order statistics, of a ratio of medians by the bootstrap.

The level and its name on pages are defined here alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import count as count_from
from math import comb, log

LEVEL = Fraction(95, 100)
INTERVAL = f"{float(100 * LEVEL):g} % interval"  # what pages call it
BAND = 1.05  # differences of less than 5 % either way are ignored
APART = 0.05  # the least difference of two modes


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the exact order-statistic interval of the median; None for fewer than FEWEST values."""
    ranks = _ranks(len(values))
    if ranks is None:
        return None
    ordered = sorted(values)
    return ordered[ranks[0]], ordered[ranks[1]]


@cache
def _ranks(count: int) -> tuple[int, int] | None:
    """Return the order statistics (from 0) that bound the interval of `count` values.

    The number of values below the median is binomial. Each tail has at most half of what LEVEL leaves. At 95 % no tail
    of five or fewer values is that small. `scipy.stats.quantile_test` gives the same bounds.
    """
    tail, below = 1, 0  # the number of 2**count outcomes with at most `below` values under the median
    while 2 * tail <= (1 - LEVEL) * 2**count:
        below += 1
        tail += comb(count, below)
    return (below - 1, count - below) if below else None


FEWEST = next(count for count in count_from(1) if _ranks(count))  # launches that an order-statistic interval needs


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> tuple[float, float]:
    """Return the percentile interval of median(above) / median(below) by the bootstrap of independent launches.

    The distribution of a resampled median has a closed form, so nothing is drawn at random.
    """
    pairs = sorted(
        (numerator / denominator, weight * other)
        for numerator, weight in resampled_median(above)
        for denominator, other in resampled_median(below)
    )
    tail = float(1 - LEVEL) / 2
    return _quantile(pairs, tail), _quantile(pairs, 1 - tail)


def resampled_median(values: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield each value that the median of a resample (with replacement) can have, with its probability."""
    ordered = sorted(values)
    count = len(ordered)
    half = count // 2
    if count % 2:
        for place in range(count):
            yield ordered[place], _at_most(place + 1, half + 1, count) - _at_most(place, half + 1, count)
        return
    for low in range(count):
        exactly = _at_most(low + 1, half, count) - _at_most(low, half, count)
        for high in range(low + 1, count):
            together = _both(low, high, count)
            exactly -= together
            yield (ordered[low] + ordered[high]) / 2, together
        yield ordered[low], max(exactly, 0.0)


@cache
def _at_most(place: int, rank: int, count: int) -> float:
    """Return the probability that at least `rank` of `count` draws are among the `place` smallest values."""
    part = place / count
    return sum(comb(count, k) * part**k * (1 - part) ** (count - k) for k in range(rank, count + 1))


@cache
def _both(low: int, high: int, count: int) -> float:
    """Return the probability that the two middle draws of an even count are values `low` < `high` (from 0)."""
    half = count // 2
    below = ((low + 1) / count) ** half - (low / count) ** half
    above = ((count - high) / count) ** half - ((count - high - 1) / count) ** half
    return comb(count, half) * below * above


def _quantile(pairs: Sequence[tuple[float, float]], part: float) -> float:
    reached = 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= part:
            return value
    return pairs[-1][0]


def has_two_modes(values: Sequence[float]) -> bool:
    """Return whether the launches form two groups of at least three, with a gap over twice as wide as either group."""
    if len(values) < FEWEST or min(values) <= 0:
        return False
    logs = [log(value) for value in sorted(values)]
    gap, cut = max((logs[cut] - logs[cut - 1], cut) for cut in range(3, len(logs) - 2))
    width = max(logs[cut - 1] - logs[0], logs[-1] - logs[cut])
    return gap > APART and gap > 2 * width
