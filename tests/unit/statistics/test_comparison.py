"""What may be said of two records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stackdoc.statistics import compare
from tests.made.points import NINE, blocks, timed, valued
from tests.made.records import record


@pytest.mark.parametrize(
    ("factor", "word"),
    [
        (1.0, "no difference we can measure"),
        (1.25, "slower"),
        (0.8, "faster"),
        (1.15, "ambiguous"),
        (1.05, "no difference we can measure"),
    ],
)
def test_a_difference_is_claimed_only_beyond_its_interval(factor: float, word: str) -> None:
    base = record(timed(NINE))
    other = record(timed([factor * value for value in NINE]))
    comparison = compare(base, other, "a")
    assert comparison.word == word
    assert comparison.ratio == pytest.approx(factor)
    assert comparison.low is not None
    assert comparison.high is not None
    assert comparison.low <= factor <= comparison.high


def test_swapping_the_sides_turns_the_comparison_round() -> None:
    a, b = record(timed(NINE)), record(timed([1.2 * value for value in NINE]))
    there, back = compare(a, b, "a"), compare(b, a, "a")
    assert (there.word, back.word) == ("slower", "faster")
    assert there.ratio == pytest.approx(1 / (back.ratio or 0))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "timer/0"}, "method differs: timer/1 on cpu and timer/0 on cpu"),
        ({"digest": "e" * 64}, "digest differs"),
        ({"example": "kernels/other"}, "example differs"),
        ({"points": ()}, "has no point a"),
        ({"points": (timed(NINE[:5]),)}, "5 launches; an interval needs 6"),
        ({"points": (valued([0.0, *NINE[1:]], name="a"),)}, "a launch has the value 0 or less"),
        (
            {"points": (replace(timed([1.0]), launches=tuple(blocks(i, [1e-3] * 30, share=0.5) for i in range(9))),)},
            "shared",
        ),
    ],
)
def test_what_is_not_comparable_is_refused_in_words(change: dict[str, Any], reason: str) -> None:
    comparison = compare(
        record(timed(NINE)),
        record(timed(NINE), **change) if "points" not in change else replace(record(timed(NINE)), **change),
        "a",
    )
    assert reason in comparison.refused
    assert (comparison.ratio, comparison.word) == (None, "")


def test_every_difference_stands_beside_the_ratio() -> None:
    a = record(timed(NINE))
    b = record(timed(NINE), threads=2, software=replace(a.software, packages={"torch": "2.14.0"}))
    assert compare(a, b, "a").differences == ("threads: 1 and 2", "torch: 2.12.0 and 2.14.0")
