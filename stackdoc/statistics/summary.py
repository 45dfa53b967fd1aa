"""Summarises the launches of one point, and rates their quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median
from typing import Literal

from stackdoc.model.record import Point
from stackdoc.statistics.condensed import Sample
from stackdoc.statistics.interval import FEWEST, has_two_modes, median_interval
from stackdoc.statistics.samples import relative_spread, sample

Quality = Literal["quiet", "spread", "shared", "throttled", "launch-bound", "unstable"]
QUIET = 0.05  # spread between launches, and half width of the interval, of a quiet figure
LAUNCH_BOUND = 1.5  # times the device's own time, beyond which the timing shows the launching
UNSTABLE = 0.20  # half width of the interval above which a figure is unstable
PRESSED = 50.0  # percent of the time before a launch in which a task waited for a CPU; idle machines show up to 13


@dataclass(frozen=True)
class Summary:
    """The summary of a point, in seconds for a timing and in the point's own unit for a value.

    `value` is the median of the medians of all launches that count, `low` and `high` its interval, None below six
    such launches. `best` is the fastest block of all, `worst` the slowest launch median; they bound a `shared` figure.
    `launches` were run, and `counted` of them were undisturbed. `blocks` (per launch) and `calls` (per block) are
    medians; `set_aside` blocks were not clean.
    """

    value: float
    low: float | None
    high: float | None
    best: float
    worst: float
    launches: int
    counted: int
    blocks: int
    calls: int
    set_aside: int
    quality: Quality


@lru_cache(1 << 14)  # a site may have more points than fit into memory
def summarise(point: Point) -> Summary:
    """Return the summary, cached. Raises ValueError for a point without launches."""
    if not point.launches:
        raise ValueError(f"{point.key} has no launch")
    samples = [sample(launch) for launch in point.launches]
    counting = [] if was_loaded(point) else [launch for launch in samples if launch.counts]
    values = [launch.value for launch in counting or samples]
    low, high = interval(values, exact=point.kind == "value") if len(counting) == len(values) else (None, None)
    throttled = any(launch.throttle for launch in point.launches)
    disturbance: Quality | None = "throttled" if throttled else "launch-bound" if is_launch_bound(point) else None
    return Summary(
        value=median(values),
        low=low,
        high=high,
        best=_best(point, samples),
        worst=max(launch.value for launch in samples),
        launches=len(samples),
        counted=len(counting),
        blocks=int(median(launch.blocks for launch in samples)),
        calls=int(median(max(launch.calls, 1) for launch in point.launches)),
        set_aside=sum(launch.blocks - launch.clean for launch in samples),
        quality=_quality(values, (low, high), len(samples), len(counting), disturbance),
    )


def was_loaded(point: Point) -> bool:
    """Return whether tasks waited for a CPU most of the time before most launches of a timing.

    The scheduler may give a launch whole slices, even a core, while other tasks use all others: its blocks are clean
    then, but it shares caches, memory and clock. The pressure before a single launch may stem from the launch before.
    """
    pressure = [launch.psi for launch in point.launches if launch.psi is not None and launch.has_cpu_times]
    return bool(pressure) and median(pressure) > PRESSED


def device_timed(point: Point) -> Point | None:
    """Return the point with the device's own times; None unless all launches have them."""
    if not all(launch.has_device_times for launch in point.launches):
        return None
    return replace(point, launches=tuple(launch.on_device_clock() for launch in point.launches))


def missing_device_times(point: Point) -> int:
    """Return how many launches lack the device's own times, if others have them."""
    without = sum(not launch.has_device_times for launch in point.launches)
    return without if without < len(point.launches) else 0


def is_launch_bound(point: Point) -> bool:
    """Return whether a program waits for the launching of its work rather than for the device."""
    launches = [launch for launch in point.launches if launch.has_device_times]
    both = [(launch.median_ns, launch.on_device_clock().median_ns) for launch in launches]
    return bool(both) and median(waited / max(device, 1) for waited, device in both) > LAUNCH_BOUND


def _best(point: Point, samples: Sequence[Sample]) -> float:
    highest = point.kind == "value" and point.better == "higher"
    blocks = [launch.best for launch in samples]
    return max(blocks) if highest else min(blocks)


def interval(values: Sequence[float], *, exact: bool = False) -> tuple[float, float] | tuple[None, None]:
    """Return the interval over launches; for `exact` values on which all launches agree, the value itself."""
    if exact and len(values) > 1 and min(values) == max(values):
        return values[0], values[0]
    return median_interval(values) or (None, None)


def _quality(
    values: Sequence[float],
    bounds: tuple[float | None, float | None],
    launches: int,
    counted: int,
    disturbance: Quality | None,
) -> Quality:
    """Return the first quality that applies: shared, then the `disturbance`, unstable, quiet, spread."""
    low, high = bounds
    if counted < min(FEWEST, launches):
        return "shared"
    if disturbance:
        return disturbance
    if low is None or high is None:
        return "spread"
    middle = abs(median(values))
    half = (high - low) / 2
    if half > UNSTABLE * middle or has_two_modes(values):
        return "unstable"
    return "quiet" if half <= QUIET * middle and relative_spread(values) <= QUIET else "spread"


def significant_digits(value: float, low: float | None, high: float | None) -> int:
    """Return the digits of `value` to show, down to the first one that the interval leaves uncertain.

    There are 1 to 3, and 2 without an interval. The method itself is accurate to 1 %, so even a narrow interval allows
    no fourth digit. A value on which all launches agree has 4.
    """
    if low is None or high is None:
        return 2
    half = (high - low) / 2
    if half == 0:
        return 4
    return min(max(magnitude(value) - magnitude(half) + 1, 1), 3) if value else 1


def magnitude(value: float) -> int:
    """Return the power of ten of the leading digit (-3 for 3.29e-3), after rounding off floating-point errors."""
    return int(f"{abs(value):.9e}".partition("e")[2])
