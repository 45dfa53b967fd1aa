"""What all launches of one point say together, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import Literal

from stackdoc.model.record import Point
from stackdoc.statistics.interval import FEWEST, has_two_modes, median_interval
from stackdoc.statistics.samples import Sample, relative_spread, sample

Quality = Literal["quiet", "spread", "shared", "throttled", "launch-bound", "unstable"]
QUIET = 0.05  # spread between launches, and half width of the interval, of a quiet figure
LAUNCH_BOUND = 1.5  # times the device's own time, beyond which launching is what is timed
UNSTABLE = 0.20  # half width of the interval above which a figure is unstable
PRESSED = 50.0  # percent of the time before a launch in which a task waited for a CPU; idle machines show up to 13


@dataclass(frozen=True)
class Summary:
    """Seconds for a time point, the point's own unit for a value.

    `value` is the median of the launch medians over the launches that count, `low` and `high` its 95 %
    interval, None below six such launches. `best` is the fastest block of all, `worst` the slowest launch
    median; they bound a figure that is `shared`. `launches` were run and `counted` were undisturbed;
    `blocks` (a launch) and `calls` (a block) are medians; `set_aside` blocks were not clean.
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


@cache
def summarise(point: Point) -> Summary:
    """Raises ValueError for a point without launches. A page asks for each point many times."""
    if not point.launches:
        raise ValueError(f"{point.key} has no launch")
    samples = [sample(launch) for launch in point.launches]
    counting = [] if on_a_loaded_machine(point) else [one for one in samples if one.counts]
    values = [one.value for one in counting or samples]
    low, high = interval(values, exact=point.kind == "value") if len(counting) == len(values) else (None, None)
    throttled = any(launch.throttle for launch in point.launches)
    disturbance: Quality | None = "throttled" if throttled else "launch-bound" if is_launch_bound(point) else None
    return Summary(
        value=median(values),
        low=low,
        high=high,
        best=_best(point, samples),
        worst=max(one.value for one in samples),
        launches=len(samples),
        counted=len(counting),
        blocks=int(median(one.blocks for one in samples)),
        calls=int(median(max(launch.calls, 1) for launch in point.launches)),
        set_aside=sum(one.blocks - one.clean for one in samples),
        quality=_quality(values, (low, high), len(samples), len(counting), disturbance),
    )


def on_a_loaded_machine(point: Point) -> bool:
    """True when tasks waited for a CPU most of the time before most launches of a timing.

    A scheduler may give a launch whole slices, even a core, beside tasks that use all others: its blocks are clean
    then, but caches, memory and clock are not its own. What one launch finds may stem from the launch before it.
    """
    pressure = [launch.psi for launch in point.launches if launch.psi is not None and launch.cpu_ns]
    return bool(pressure) and median(pressure) > PRESSED


def on_device(point: Point) -> Point | None:
    """The point by the device's own time; None where there is none, as on a processor."""
    if not all(launch.device_ns for launch in point.launches):
        return None
    return replace(point, launches=tuple(replace(one, wall_ns=one.device_ns, device_ns=()) for one in point.launches))


def is_launch_bound(point: Point) -> bool:
    """Whether a program waits for its launches, and not for the device."""
    both = [(median(launch.wall_ns), median(launch.device_ns)) for launch in point.launches if launch.device_ns]
    return bool(both) and median(waited / max(device, 1) for waited, device in both) > LAUNCH_BOUND


def _best(point: Point, samples: Sequence[Sample]) -> float:
    highest = point.kind == "value" and point.better == "higher"
    return max(one.best for one in samples) if highest else min(one.best for one in samples)


def interval(values: Sequence[float], *, exact: bool = False) -> tuple[float, float] | tuple[None, None]:
    """The 95 % interval over launches; `exact` values on which two or more launches agree are their own."""
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
    """The first that applies: shared, throttled or launch-bound, unstable, quiet; else they spread, or are too few."""
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
    """Digits of `value` down to the first one that the interval leaves open: 1 to 3, 2 without an interval.

    The method itself is good to 1 %, so a narrower interval earns no fourth digit. A value that all launches
    agree on has 4.
    """
    if low is None or high is None:
        return 2
    half = (high - low) / 2
    if half == 0:
        return 4
    return min(max(magnitude(value) - magnitude(half) + 1, 1), 3) if value else 1


def magnitude(value: float) -> int:
    """The power of ten of the leading digit: 3.29e-3 has -3. Differences of floats are off by their last bits."""
    return int(f"{abs(value):.9e}".partition("e")[2])
