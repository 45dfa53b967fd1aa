"""How many launches an example gets: a sequential rule, fixed before anything is seen."""

from __future__ import annotations

from collections.abc import Sequence

from stackdoc.model.record import Point
from stackdoc.plan.plan import Profile
from stackdoc.statistics import summarise

QUICK = 6
FULL = (9, 15, 21)
SPARE = 3  # launches at most that make up for disturbed ones
WIDE = 0.05  # half the interval over the value, above which a full run goes on


def first_target(profile: Profile, declared: int) -> int:
    """Timed launches to begin with; an example may `declare` fewer (0: it declares none), never more."""
    wanted = QUICK if profile == "quick" else FULL[0]
    return min(wanted, declared) if declared else wanted


def next_target(profile: Profile, declared: int, done: int, points: Sequence[Point]) -> int:
    """Launches wanted after `done` of them; `done` itself when that is enough.

    A launch that was disturbed is made up for, up to three times: its signals decide, never its value. Only timings ask
    for more launches: of a reported value, a share near zero for one, no width says that it is not known well enough.
    """
    first = first_target(profile, declared)
    steps = (first,) if profile == "quick" or declared else FULL
    reached = max((step for step in steps if step <= done), default=first)
    made_up = min(max(map(disturbed, points), default=0), SPARE)
    if done < reached + made_up:
        return reached + made_up
    if not any(is_wide(point) for point in points if point.kind == "time"):
        return done
    return next((step + made_up for step in steps if step > reached), done)


def disturbed(point: Point) -> int:
    """Launches of the point that do not count."""
    summary = summarise(point)
    return summary.launches - summary.counted


def is_wide(point: Point) -> bool:
    """True when the 95 % interval of the point reaches more than 5 % to either side, on average."""
    summary = summarise(point)
    if summary.low is None or summary.high is None or summary.value == 0:
        return False
    return (summary.high - summary.low) / 2 > WIDE * abs(summary.value)
