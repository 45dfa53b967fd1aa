"""One figure of a record: a quantity of a point with its interval, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Literal, get_args

from stackdoc.model.record import Point, Ratio, Record
from stackdoc.statistics.interval import FEWEST, median_interval
from stackdoc.statistics.roofs import Roofs, threads_of
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import Quality, Summary, magnitude, on_device, significant_digits, summarise

Quantity = Literal[
    "time", "device-time", "rate", "bandwidth", "intensity", "roof-share", "memory", "energy", "value", "ratio"
]
QUANTITIES: tuple[str, ...] = get_args(Quantity)
PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P"}
PREFIXED = frozenset({"s", "B", "B/s", "FLOP", "FLOP/s", "J", "W", "Hz"})
OF_KERNELS = ("bandwidth", "intensity", "roof-share")  # what a kernel does, and not what a program waits for
THIN_SPACE = "\u202f"
MINUS = "\u2212"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALL = 1e-4  # below which noughts would have to be counted


@dataclass(frozen=True)
class Figure:
    """`value` with its 95 % interval in SI base units; a share of 1 has the unit `%`, a ratio `×`.

    `estimate` is `best` where the machine was shared: a bound, without an interval.
    """

    value: float
    low: float | None
    high: float | None
    unit: str
    quality: Quality = "quiet"
    estimate: Literal["median", "best"] = "median"


def quantity(record: Record, key: str, name: str, roofs: Roofs | None = None) -> Figure | None:
    """The quantity `name` of the point or ratio `key`; None where the record does not hold it.

    It does not when there is no such point, no work was stated, no roof measured, no counter read. Raises
    ValueError for a name outside of QUANTITIES.
    """
    if name not in QUANTITIES:
        raise ValueError(f"{name!r} is no quantity; known: {', '.join(QUANTITIES)}")
    if name == "ratio":
        ratio = next((ratio for ratio in record.ratios if ratio.key == key), None)
        return ratio_of(record, ratio) if ratio else None
    point = record.point(key)
    if point is None or not point.launches:
        return None
    if name == "memory":
        return _memory(point)
    if name == "energy":
        return _energy(point)
    if threads_of(point, record) != record.threads:
        roofs = None  # they are those of a launch's threads
    if (name == "value") != (point.kind == "value"):
        return None
    timed = timed_by(point, name)
    if timed is None:
        return None
    found = _measured(timed)
    return found if name in ("time", "device-time", "value") else _derived(found, point, name, roofs)


def timed_by(point: Point, name: str) -> Point | None:
    """The point whose times give the quantity: the device's own for what a kernel does, where they are known."""
    device = on_device(point)
    if name == "device-time":
        return device
    return device if device and name in OF_KERNELS else point


def _measured(point: Point) -> Figure:
    """The median with its interval, or the best where too few launches were undisturbed."""
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
    """`amount` over the time; the interval turns round."""
    bounded = time.low is not None and time.high is not None and time.low > 0
    low, high = (amount / time.high, amount / time.low) if bounded and time.high and time.low else (None, None)
    return Figure(amount / time.value, low, high, unit, time.quality, time.estimate)


def _memory(point: Point) -> Figure | None:
    """What the call held beyond what was there before it; in records of the first schema, all that was given out."""
    seen = point.memory
    if seen and seen.before_bytes is not None and seen.peak_bytes is not None:
        return Figure(seen.peak_bytes - seen.before_bytes, None, None, "B")
    peaks = [launch.memory_bytes for launch in point.launches if launch.memory_bytes is not None]
    return Figure(max(peaks), max(peaks), max(peaks), "B") if peaks else None


def _energy(point: Point) -> Figure | None:
    """Of a call, above what the part takes while idle where that was seen."""
    seen = point.energy
    if not seen or not seen.joules or not seen.calls:
        return None
    above_idle = seen.joules - (seen.idle_watts or 0.0) * seen.seconds
    return Figure(above_idle / seen.calls, None, None, "J") if above_idle > 0 else None


def ratio_of(record: Record, ratio: Ratio) -> Figure | None:
    """The median of the ratio that each launch saw, with its order-statistic interval: both sides ran in one process.

    Where either side is shared it is the ratio of the best blocks, without an interval.
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


def _worse(one: Summary, other: Summary) -> Quality:
    order: tuple[Quality, ...] = ("shared", "throttled", "launch-bound", "unstable", "spread", "quiet")
    return min((one.quality, other.quality), key=order.index)


def format_figure(figure: Figure) -> str:
    """`3.29 ms`, `97 GFLOP/s`, `4.9 B/token`, `72 %`, `29×`: the digits that the interval allows, with an SI prefix."""
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
    """A duration without an interval, such as a prediction: `3.3 ms`."""
    return format_figure(Figure(seconds, None, None, "s"))


def _last_place(figure: Figure, digits: int) -> int:
    """The power of ten of the last digit shown; bounds of one interval share it."""
    if figure.low is not None and figure.high is not None and figure.high > figure.low and digits < 3:
        largest = max(abs(figure.value), abs(figure.low), abs(figure.high))
        place = min(magnitude((figure.high - figure.low) / 2), magnitude(largest))
        is_lost = 0.5 * 10.0 ** (place - 2) < abs(figure.value) <= 0.5 * 10.0**place  # would be printed as nothing
        return max(magnitude(figure.value), place - 2) if is_lost else place
    return magnitude(float(f"{figure.value:.{digits - 1}e}")) - digits + 1 if figure.value else 0


def _power(figure: Figure, place: int) -> int:
    """The power of the prefix: the one that suits the largest of the figure and its bounds, so that they share it."""
    largest = max(abs(number) for number in (figure.value, figure.low, figure.high) if number is not None)
    rounded = round(largest / 10.0**place) * 10.0**place
    power = magnitude(rounded) // 3 * 3 if rounded else 0
    return min(max(power, min(PREFIXES)), max(PREFIXES))


def _number(value: float, power: int, place: int) -> str:
    """`value` in units of 10^power, rounded at 10^place; thousands apart from five digits on."""
    rounded = round(value, -place) * 10.0**-power  # of a tie the side on which the binary value lies
    if 0 < abs(rounded) < SMALL:
        power = magnitude(rounded) + power
        return f"{_number(value, power, place)}×10{str(power).translate(RAISED)}"
    text = f"{rounded:,.{max(power - place, 0)}f}"
    return text.replace(",", THIN_SPACE if abs(rounded) >= 10_000 else "").replace("-", MINUS)
