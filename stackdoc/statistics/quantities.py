"""The quantities of a point: a row says what one is computed from, how pages name it, and which values are possible.

A new quantity is a row of QUANTITIES. Everything that takes the name of a quantity then knows it: roles, fences,
claims, exports, figures, tables, the extent of a figure, and the planted values of `check --sceptic`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from statistics import median
from typing import Any, Literal

from stackdoc.model.record import Energy, Memory, Point, Ratio, Record, Work
from stackdoc.statistics.figure import Figure
from stackdoc.statistics.interval import FEWEST, median_interval
from stackdoc.statistics.roofs import Roofs, threads_of
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import Quality, Summary, device_timed, missing_device_times, summarise

Range = tuple[float, float]


@dataclass(frozen=True)
class Quantity:
    """One quantity. With neither `amount` nor `read` it is what was measured: a time, or a reported value.

    `label` names the axis of a figure, `column` the column of a table of timings; without one there is no column.

    `amount` returns what the time of a call divides, in `unit` times seconds, such as its operations; None if that is
    unknown. `clock` is the time that counts: what a `program` waits for a call, or the `device`'s own; `kernel` means
    the device's own if the point has it. `read` returns the figure of a quantity that does not depend on the time.

    `possible` is the range of its values, without the ends. `fields` returns the fields of a point with a given value,
    for a quantity that the time of a call does not decide.
    """

    label: str
    unit: str = ""
    amount: Callable[[Point, Roofs | None], float | None] | None = None
    read: Callable[[Point], Figure | None] | None = None
    clock: Literal["program", "kernel", "device"] = "program"
    column: str = ""
    possible: Range = (0.0, inf)
    fields: Callable[[float], Mapping[str, Any]] | None = None


def quantity(record: Record, key: str, name: str, roofs: Roofs | None = None) -> Figure | None:
    """Return the quantity `name` of the point or ratio `key`; None if the record does not have it.

    That is so if there is no such point, if no work was stated, no roof measured or no counter read, or if only some
    launches have a device time that the quantity needs. Raises ValueError for a name outside of QUANTITIES.
    """
    if name not in QUANTITIES:
        raise ValueError(f"unknown quantity {name!r}; known: {', '.join(QUANTITIES)}")
    if name == "ratio":
        ratio = record.ratio(key)
        return ratio_of(record, ratio) if ratio else None
    point, row = record.point(key), QUANTITIES[name]
    if point is None or not point.launches:
        return None
    if row.read:
        return row.read(point)
    timed = timed_by(point, name) if (name == "value") == (point.kind == "value") else None
    if timed is None:
        return None
    if not row.amount:
        return _measured(timed)
    amount = amount_of(record, point, name, roofs)
    return _per(_measured(timed), amount, row.unit) if amount else None


def timed_by(point: Point, name: str) -> Point | None:
    """Return the point whose times give the quantity: the device's own times for what a kernel does.

    None if only some launches have these: a mixture with the times that a program waits would be neither.
    """
    clock, device = QUANTITIES[name].clock, device_timed(point)
    if clock == "device" or (clock == "kernel" and (device or missing_device_times(point))):
        return device
    return point


def amount_of(record: Record, point: Point, name: str, roofs: Roofs | None) -> float | None:
    """Return what the time of a call divides to give the quantity; None if it is unknown or not derived from the time.

    The roofs of a machine were measured with the threads of a launch, and count for no other number of threads.
    """
    measured_alike = threads_of(point, record) == record.threads
    amount = QUANTITIES[name].amount
    return amount(point, roofs if measured_alike else None) if amount else None


def _measured(point: Point) -> Figure:
    """Return the median with its interval, or the best block if too few launches were undisturbed."""
    summary = summarise(point)
    if summary.quality == "shared":
        return Figure(summary.best, None, None, point.unit, "shared", "best")
    return Figure(summary.value, summary.low, summary.high, point.unit, summary.quality)


def _per(time: Figure, amount: float, unit: str) -> Figure | None:
    """Return `amount` over the time; the bounds of the interval swap."""
    if time.value <= 0:
        return None
    bounded = time.low is not None and time.high is not None and time.low > 0
    low, high = (amount / time.high, amount / time.low) if bounded and time.high and time.low else (None, None)
    return Figure(amount / time.value, low, high, unit, time.quality, time.estimate)


def _flop(point: Point, roofs: Roofs | None) -> float | None:  # noqa: ARG001
    return (point.work and point.work.flop) or None


def _bytes(point: Point, roofs: Roofs | None) -> float | None:  # noqa: ARG001
    return (point.work and point.work.bytes) or None


def _at_roof(point: Point, roofs: Roofs | None) -> float | None:
    """Return the seconds that a call takes at the roof."""
    return roofs.share(1.0, point.work, point.dtype) if roofs and point.work else None


def _intensity(point: Point) -> Figure | None:
    work = point.work
    if work is None or not work.flop or not work.bytes or point.kind == "value":
        return None
    return Figure(work.flop / work.bytes, None, None, "FLOP/B")


def _memory(point: Point) -> Figure | None:
    """Return the peak above the memory in use before the call; in records of the first schema, the peak itself."""
    memory = point.memory
    if memory and memory.before_bytes is not None and memory.peak_bytes is not None:
        return Figure(memory.peak_bytes - memory.before_bytes, None, None, "B")
    peaks = [launch.memory_bytes for launch in point.launches if launch.memory_bytes is not None]
    return Figure(max(peaks), max(peaks), max(peaks), "B") if peaks else None


def _energy(point: Point) -> Figure | None:
    """Return the energy of a call, less the idle energy if the idle power was measured."""
    energy = point.energy
    if not energy or not energy.joules or not energy.calls:
        return None
    above_idle = energy.joules - (energy.idle_watts or 0.0) * energy.seconds
    return Figure(above_idle / energy.calls, None, None, "J") if above_idle > 0 else None


QUANTITIES: Mapping[str, Quantity] = {
    "time": Quantity("time per call", "s"),
    "device-time": Quantity("device time per call", "s", clock="device"),
    "rate": Quantity("rate", "FLOP/s", _flop, column="rate"),
    "bandwidth": Quantity("bandwidth", "B/s", _bytes, clock="kernel", column="bandwidth"),
    "intensity": Quantity(
        "arithmetic intensity",
        "FLOP/B",
        read=_intensity,
        fields=lambda value: {"work": Work(flop=value, bytes=1.0)},
    ),
    "roof-share": Quantity(
        "share of the machine’s own roof",
        "%",
        _at_roof,
        clock="kernel",
        column="of its roof",
        possible=(0.0, 1.0),
    ),
    "memory": Quantity(
        "memory", "B", read=_memory, fields=lambda value: {"memory": Memory("host", "planted", 0, round(value))}
    ),
    "energy": Quantity(
        "energy per call", "J", read=_energy, fields=lambda value: {"energy": Energy("planted", value, 1e-3, 1)}
    ),
    "value": Quantity("value", possible=(-inf, inf)),
    "ratio": Quantity("ratio", "×"),
}


def ratio_of(record: Record, ratio: Ratio) -> Figure | None:
    """Return the median of the launches' ratios with its order-statistic interval: each launch runs both sides.

    If either side is shared, return the ratio of the best blocks without an interval.
    """
    slow, fast = record.point(ratio.slow), record.point(ratio.fast)
    if slow is None or fast is None or not slow.launches or not fast.launches:
        return None
    return _ratio(slow, fast)


@lru_cache(1 << 14)
def _ratio(slow: Point, fast: Point) -> Figure | None:
    sides = summarise(slow), summarise(fast)
    quality = _worse(*sides)
    if quality == "shared":
        return Figure(sides[0].best / sides[1].best, None, None, "×", quality, "best") if sides[1].best else None
    fasts = {launch.index: sample(launch) for launch in fast.launches}
    pairs = [(sample(launch), fasts[launch.index]) for launch in slow.launches if launch.index in fasts]
    ratios = [above.value / below.value for above, below in pairs if above.counts and below.counts and below.value]
    if not ratios:
        return None
    low, high = (median_interval(ratios) if len(ratios) >= FEWEST else None) or (None, None)
    return Figure(median(ratios), low, high, "×", quality)


def _worse(a: Summary, b: Summary) -> Quality:
    order: tuple[Quality, ...] = ("shared", "throttled", "launch-bound", "unstable", "spread", "quiet")
    return min((a.quality, b.quality), key=order.index)
