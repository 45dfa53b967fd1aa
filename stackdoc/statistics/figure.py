"""A figure of a record: a quantity of a point with its interval, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Literal, get_args

from stackdoc.model.prefixes import DECIMAL
from stackdoc.model.record import Point, Ratio, Record
from stackdoc.statistics.interval import FEWEST, median_interval
from stackdoc.statistics.roofs import Roofs, threads_of
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import (
    Quality,
    Summary,
    device_timed,
    magnitude,
    missing_device_times,
    significant_digits,
    summarise,
)

Quantity = Literal[
    "time", "device-time", "rate", "bandwidth", "intensity", "roof-share", "memory", "energy", "value", "ratio"
]
QUANTITIES: tuple[str, ...] = get_args(Quantity)
PREFIXES = {0: "", **{power: symbol for symbol, power in DECIMAL.values() if -12 <= power <= 15}}
PREFIXED = frozenset({"s", "B", "B/s", "FLOP", "FLOP/s", "J", "W", "Hz"})
OF_KERNELS = ("bandwidth", "roof-share")  # by the time that a kernel takes, not by what a program waits
THIN_SPACE = "\u202f"
MINUS = "\u2212"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALL = 1e-4  # numbers below it are written with a power of ten


@dataclass(frozen=True)
class Figure:
    """`value` with its 95 % interval in SI base units; a share, as a fraction of 1, has the unit `%`, a ratio `×`.

    If the machine was shared, `estimate` is `best`: a bound without an interval.
    """

    value: float
    low: float | None
    high: float | None
    unit: str
    quality: Quality = "quiet"
    estimate: Literal["median", "best"] = "median"


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
    point = record.point(key)
    if point is None or not point.launches:
        return None
    if name == "memory":
        return _memory(point)
    if name == "energy":
        return _energy(point)
    if threads_of(point, record) != record.threads:
        roofs = None  # measured with the threads of a launch
    if (name == "value") != (point.kind == "value"):
        return None
    timed = timed_by(point, name)
    if timed is None:
        return None
    time = _measured(timed)
    return time if name in ("time", "device-time", "value") else _derived(time, point, name, roofs)


def timed_by(point: Point, name: str) -> Point | None:
    """Return the point whose times give the quantity: the device's own times for what a kernel does.

    None if only some launches have these: a mixture with the times that a program waits would be neither.
    """
    device = device_timed(point)
    if name == "device-time" or (name in OF_KERNELS and (device or missing_device_times(point))):
        return device
    return point


def _measured(point: Point) -> Figure:
    """Return the median with its interval, or the best block if too few launches were undisturbed."""
    summary = summarise(point)
    if summary.quality == "shared":
        return Figure(summary.best, None, None, point.unit, "shared", "best")
    return Figure(summary.value, summary.low, summary.high, point.unit, summary.quality)


def _derived(time: Figure, point: Point, name: str, roofs: Roofs | None) -> Figure | None:
    work = point.work
    if work is None or time.value <= 0:
        return None
    if name == "intensity":
        return Figure(work.flop / work.bytes, None, None, "FLOP/B") if work.flop and work.bytes else None
    if name == "roof-share":
        share = roofs.share(1.0, work, point.dtype) if roofs else None
        return _per(time, share, "%") if share else None
    amount, unit = (work.flop, "FLOP/s") if name == "rate" else (work.bytes, "B/s")
    return _per(time, amount, unit) if amount else None


def _per(time: Figure, amount: float, unit: str) -> Figure:
    """Return `amount` over the time; the bounds of the interval swap."""
    bounded = time.low is not None and time.high is not None and time.low > 0
    low, high = (amount / time.high, amount / time.low) if bounded and time.high and time.low else (None, None)
    return Figure(amount / time.value, low, high, unit, time.quality, time.estimate)


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


def ratio_of(record: Record, ratio: Ratio) -> Figure | None:
    """Return the median of the launches' ratios with its order-statistic interval: each launch runs both sides.

    If either side is shared, return the ratio of the best blocks without an interval.
    """
    slow, fast = record.point(ratio.slow), record.point(ratio.fast)
    if slow is None or fast is None or not slow.launches or not fast.launches:
        return None
    return _ratio(slow, fast)


@cache
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


def format_figure(figure: Figure) -> str:
    """Return the figure with an SI prefix and the digits that its interval allows: `3.29 ms`, `4.9 B/token`, `29×`."""
    value, unit = figure.value, figure.unit
    digits = significant_digits(value, figure.low, figure.high)
    place = _last_place(figure, digits)
    if unit == "%":
        return f"{_number(value, -2, place)} %"
    power = _power(figure, place) if unit in PREFIXED else 0
    number = _number(value, power, place)
    if digits == 4 and "." in number:
        number = number.rstrip("0").rstrip(".")
    if unit == "×":
        return f"{number}×"
    per = unit[1:] if unit.startswith("1/") else unit  # `52 /s`, since `52 1/s` reads as two numbers
    return f"{number} {PREFIXES[power]}{per}".rstrip()


def format_seconds(seconds: float) -> str:
    """Return a duration without an interval, such as a prediction: `3.3 ms`."""
    return format_figure(Figure(seconds, None, None, "s"))


def _last_place(figure: Figure, digits: int) -> int:
    """Return the power of ten of the last digit shown; a figure and its bounds share it."""
    if figure.low is not None and figure.high is not None and figure.high > figure.low and digits < 3:
        largest = max(abs(figure.value), abs(figure.low), abs(figure.high))
        place = min(magnitude((figure.high - figure.low) / 2), magnitude(largest))
        is_lost = 0.5 * 10.0 ** (place - 2) < abs(figure.value) <= 0.5 * 10.0**place  # rounded to zero
        return max(magnitude(figure.value), place - 2) if is_lost else place
    return magnitude(float(f"{figure.value:.{digits - 1}e}")) - digits + 1 if figure.value else 0


def _power(figure: Figure, place: int) -> int:
    """Return the power of the prefix: that of the largest of the figure and its bounds, which share it."""
    largest = max(abs(number) for number in (figure.value, figure.low, figure.high) if number is not None)
    rounded = round(largest / 10.0**place) * 10.0**place
    power = magnitude(rounded) // 3 * 3 if rounded else 0
    return min(max(power, min(PREFIXES)), max(PREFIXES))


def _number(value: float, power: int, place: int) -> str:
    """Return `value` in units of 10^power, rounded at 10^place, with thousands separated from five digits on."""
    rounded = round(value, -place) * 10.0**-power  # a tie is rounded by the exact binary value
    if 0 < abs(rounded) < SMALL:
        power = magnitude(rounded) + power
        return f"{_number(value, power, place)}×10{str(power).translate(RAISED)}"
    text = f"{rounded:,.{max(power - place, 0)}f}"
    return text.replace(",", THIN_SPACE if abs(rounded) >= 10_000 else "").replace("-", MINUS)
