"""The number of launches an example gets: a sequential rule, fixed before any result is seen."""

from __future__ import annotations

from collections.abc import Sequence

from stackdoc.model.record import Point
from stackdoc.plan.plan import Profile
from stackdoc.statistics import summarise

QUICK = 6
FULL = (9, 15, 21)
MAX_REPLACEMENTS = 3  # extra launches that replace disturbed ones
WIDE = 0.05  # half the interval over the value, above which a full run continues


def first_target(profile: Profile, declared: int) -> int:
    """Return the number of timed launches to begin with. An example may have `declared` fewer, never more (0: none)."""
    wanted = QUICK if profile == "quick" else FULL[0]
    return min(wanted, declared) if declared else wanted


def next_target(profile: Profile, declared: int, done: int, points: Sequence[Point]) -> int:
    """Return the number of launches wanted after `done` of them: `done` itself if they are enough.

    Up to three disturbed launches are replaced; whether a launch was disturbed follows from its signals, never from
    its value. Only wide intervals of timings extend a run: a reported value may be a share near zero, whose relative
    width does not tell whether it is known well enough.
    """
    first = first_target(profile, declared)
    steps = (first,) if profile == "quick" or declared else FULL
    reached = max((step for step in steps if step <= done), default=first)
    replacements = min(max(map(disturbed_launches, points), default=0), MAX_REPLACEMENTS)
    if done < reached + replacements:
        return reached + replacements
    if not any(is_wide(point) for point in points if point.kind == "time"):
        return done
    return next((step + replacements for step in steps if step > reached), done)


def disturbed_launches(point: Point) -> int:
    """Return the number of the point's launches that were disturbed and do not count."""
    summary = summarise(point)
    return summary.launches - summary.counted


def is_wide(point: Point) -> bool:
    """Whether half the width of the point's interval exceeds 5 % of its value."""
    summary = summarise(point)
    if summary.low is None or summary.high is None or summary.value == 0:
        return False
    return (summary.high - summary.low) / 2 > WIDE * abs(summary.value)
