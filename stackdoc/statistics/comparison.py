"""One point on two sides: the ratio with its interval, and the word that may be said of it.

Two records are of two runs. The interval of their ratio holds three things: how launches differ within a run (the
bootstrap), how runs differ (`between.py`), and how far the controls say that the machine itself moved (`controls.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, hypot, log
from statistics import median
from typing import Literal

from stackdoc.model.record import Point, Record, method_of
from stackdoc.statistics.between import RunHistory, half_width
from stackdoc.statistics.controls import direction, explaining, moves, told
from stackdoc.statistics.interval import BAND, FEWEST, ratio_interval
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import summarise

Word = Literal[
    "faster",
    "slower",
    "higher",
    "lower",
    "less than 5 % apart",
    "no difference we can measure",
    "ambiguous",
    "the machine itself moved",
    "",
]
MOVED: tuple[Word, ...] = ("faster", "slower", "higher", "lower")
NOTHING_KNOWN = RunHistory()
FARTHEST = 600.0  # of a ratio's logarithm: more than two figures can differ by, and its exponential is still a float


@dataclass(frozen=True)
class Comparison:
    """The point `key` of `b` over that of `a`, the base: a `ratio` of 2 takes twice as long, or is twice as much.

    `low` and `high` are its 95 % interval, `word` says what `b` is against `a`. Where the two must not be
    compared, `refused` says why and all else is empty. `differences` stand beside the ratio in words; `machine` says
    which controls of the point's kind moved, `between` how far runs differ and how that is known.
    """

    key: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    word: Word = ""
    refused: str = ""
    differences: tuple[str, ...] = ()
    machine: str = ""
    between: str = ""


def compare(a: Record, b: Record, key: str, run_history: RunHistory = NOTHING_KNOWN) -> Comparison:
    """The same point in two records of one example, measured on two machines or at two times.

    `run_history` is what other records tell of how runs differ.
    """
    if reason := _incomparable(a, b, key):
        return Comparison(key, refused=reason)
    base, other = a.point(key), b.point(key)
    assert base is not None and other is not None  # noqa: PT018
    found = replace(_over(base, other), differences=tuple(_differences(a, b, base, other)))
    if _is_exact(base) and _is_exact(other):
        return found
    return _between(a, b, found, base, run_history)


def against(base: Point, other: Point) -> Comparison:
    """A point over one of another example that does the same job, on one machine: each in launches of its own."""
    for point in (base, other):
        if reason := _unfit(point):
            return Comparison(other.key, refused=reason)
    if (base.kind, base.unit) != (other.kind, other.unit):
        return Comparison(other.key, refused=f"in {other.unit}, the base in {base.unit}")
    return _over(base, other)


def _over(base: Point, other: Point) -> Comparison:
    below, above = _values(base), _values(other)
    low, high = ratio_interval(above, below)
    word = _word(base.kind == "time", low, high)
    return Comparison(other.key, ratio=median(above) / median(below), low=low, high=high, word=word)


def _between(a: Record, b: Record, found: Comparison, base: Point, run_history: RunHistory) -> Comparison:
    """The comparison with an interval that holds what two runs differ by.

    The two parts of the interval are independent, so their half widths add as squares (G. Zou and A. Donner,
    "Construction of confidence limits about effect measures", 2008). Where a control moved, the code alone is somewhere
    between what was measured and what is left of it when the control's ratio is taken out: the interval holds both.
    """
    assert found.ratio is not None and found.low is not None and found.high is not None  # noqa: PT018
    kinds, sign = explaining(base, a), direction(base)
    here = (a,) if a.machine.id == b.machine.id else (a, b)
    spreads = [run_history.spread(base, kinds, (a, b), record) for record in here]
    width, middle = half_width(spreads), log(found.ratio)
    low = max(middle - hypot(middle - log(found.low), width), -FARTHEST)
    high = min(middle + hypot(log(found.high) - middle, width), FARTHEST)
    moved = [one for one in moves(a, b) if one.name in kinds]
    shifts = [0.0, *(sign * log(one.ratio) for one in moved if one.is_told)]
    is_time = base.kind == "time"
    word = _word(is_time, exp(low - max(shifts)), exp(high - min(shifts)))
    if word not in MOVED and _word(is_time, exp(low), exp(high)) in MOVED:
        word = "the machine itself moved"
    return replace(
        found,
        low=exp(low - max(shifts)),
        high=exp(high - min(shifts)),
        word=word,
        machine=told(moved),
        between="; ".join(dict.fromkeys(map(str, spreads))),
    )


def _is_exact(point: Point) -> bool:
    """All launches report the same: a count, or a share of a fixed input, which no machine changes."""
    values = _values(point)
    return point.kind == "value" and min(values) == max(values)


def _incomparable(a: Record, b: Record, key: str) -> str:
    """Why the two figures must not stand over one another, or nothing."""
    for name in ("example", "digest"):
        one, two = getattr(a, name), getattr(b, name)
        if one != two:
            return f"{name} differs: {one[:24]} and {two[:24]}"
    if _way(a) != _way(b):
        return f"method differs: {a.method[:24]} on {a.device} and {b.method[:24]} on {b.device}"
    points = a.point(key), b.point(key)
    for record, point in zip((a, b), points, strict=True):
        if point is None:
            return f"{record.id} has no point {key}"
        if reason := _unfit(point):
            return f"{record.id}: {reason}"
    return ""


def _way(record: Record) -> str:
    """The present methods of all devices time what a program waits for; an older one is itself."""
    return "" if record.method == method_of(record.device) else record.method


def _unfit(point: Point) -> str:
    if not point.launches:
        return "no launches"
    summary = summarise(point)
    if summary.quality == "shared":
        return f"the machine was shared: {summary.counted} of {summary.launches} launches undisturbed"
    if summary.counted < FEWEST:
        return f"{summary.counted} launches; an interval needs {FEWEST}"
    return "" if min(_values(point)) > 0 else "a launch has the value 0 or less"


def _values(point: Point) -> list[float]:
    return [one.value for one in map(sample, point.launches) if one.counts]


def _word(is_time: bool, low: float, high: float) -> Word:
    if low > BAND:
        return "slower" if is_time else "higher"
    if high < 1 / BAND:
        return "faster" if is_time else "lower"
    if low <= 1 <= high:
        return "no difference we can measure"
    return "less than 5 % apart" if low >= 1 / BAND and high <= BAND else "ambiguous"


def _differences(a: Record, b: Record, one: Point, two: Point) -> Iterator[str]:
    pairs: list[tuple[str, object, object]] = [
        ("machine", a.machine.id, b.machine.id),
        ("device", a.device, b.device),
        ("threads", a.threads, b.threads),
        ("profile", a.profile, b.profile),
        ("python", a.software.python, b.software.python),
        ("system", a.software.system, b.software.system),
        ("kernel", a.software.kernel, b.software.kernel),
        ("stackdoc", a.software.stackdoc, b.software.stackdoc),
        ("driver", a.software.driver or "none", b.software.driver or "none"),
        ("date", a.measured_at[:10], b.measured_at[:10]),
        ("launched", a.launched, b.launched),
        ("clock", one.clock, two.clock),
        ("cache", one.cache, two.cache),
        ("dtype", one.dtype, two.dtype),
        ("quality", summarise(one).quality, summarise(two).quality),
    ]
    pairs += [(name, left or "unset", right or "unset") for name, left, right in _environment(a, b)]
    names = sorted(a.software.packages.keys() | b.software.packages.keys())
    pairs += [(name, a.software.packages.get(name, "none"), b.software.packages.get(name, "none")) for name in names]
    yield from (f"{name}: {left} and {right}" for name, left, right in pairs if left != right)


def _environment(a: Record, b: Record) -> Iterator[tuple[str, str | None, str | None]]:
    one, two = a.software.environment, b.software.environment
    return ((name, one.get(name), two.get(name)) for name in sorted(one.keys() | two.keys()))
