"""Compares a point in two records: the ratio with its interval, and the word that it justifies.

Two records are of two runs. The interval of their ratio covers three things: how launches differ within a run (the
bootstrap), how runs differ (`between.py`), and how far the machine itself moved, by its controls (`controls.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, hypot, log
from statistics import median
from typing import Literal

from stackdoc.model.record import Point, Record, method_of
from stackdoc.statistics.between import RunHistory, half_width
from stackdoc.statistics.controls import describe_moves, moves, relevant_controls, slowdown_sign
from stackdoc.statistics.figure import Figure, format_figure
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
NO_HISTORY = RunHistory()
FARTHEST = 600.0  # bound of a ratio's logarithm: no two figures differ by more, and its exponential is still a float


@dataclass(frozen=True)
class Comparison:
    """The point `key` of `b` over that of `a`, the base: at a `ratio` of 2 it takes twice as long, or is twice as much.

    `low` and `high` are the interval, and `word` describes `b` compared with `a`. If the two must not be compared,
    `refused` is the reason and all else is empty. `differences` lists what else differs between the records, `machine`
    the controls that moved, `between` how far runs differ and how that is known.
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


def compare(a: Record, b: Record, key: str, run_history: RunHistory = NO_HISTORY) -> Comparison:
    """Compare the same point in two records of one example, from two machines or two times.

    `run_history` shows how runs differ, from other records.
    """
    if reason := _incomparable(a, b, key):
        return Comparison(key, refused=reason)
    base, other = a.point(key), b.point(key)
    assert base is not None and other is not None  # noqa: PT018
    within = replace(_over(base, other), differences=tuple(_differences(a, b, base, other)))
    if _is_exact(base) and _is_exact(other):
        return within
    return _between(a, b, within, base, run_history)


def against(base: Point, other: Point) -> Comparison:
    """Compare points of two examples that do the same job on one machine, each in launches of its own."""
    for point in (base, other):
        if reason := _unusable(point):
            return Comparison(other.key, refused=reason)
    if (base.kind, base.unit) != (other.kind, other.unit):
        return Comparison(other.key, refused=f"in {other.unit}, the base in {base.unit}")
    return _over(base, other)


def format_ratio(comparison: Comparison) -> str:
    """Return `1.02× (0.97 to 1.07)`; empty if the figures must not be compared."""
    if comparison.ratio is None or comparison.low is None or comparison.high is None:
        return ""
    ratio = Figure(comparison.ratio, comparison.low, comparison.high, "×")
    low, high = (format_figure(replace(ratio, value=bound)) for bound in (comparison.low, comparison.high))
    return f"{format_figure(ratio)} ({low.removesuffix('×')} to {high.removesuffix('×')})"


def _over(base: Point, other: Point) -> Comparison:
    below, above = _values(base), _values(other)
    low, high = ratio_interval(above, below)
    word = _word(base.kind == "time", low, high)
    return Comparison(other.key, ratio=median(above) / median(below), low=low, high=high, word=word)


def _between(a: Record, b: Record, within: Comparison, base: Point, run_history: RunHistory) -> Comparison:
    """Return the comparison with an interval that covers how two runs differ.

    The two parts of the interval are independent, so their half widths add as squares (G. Zou and A. Donner,
    "Construction of confidence limits about effect measures", 2008). If a control moved, the true ratio of the code is
    between the measured ratio and that ratio without the control's, so the interval covers both.
    """
    assert within.ratio is not None and within.low is not None and within.high is not None  # noqa: PT018
    kinds, sign = relevant_controls(base, a), slowdown_sign(base)
    sides = (a,) if a.machine.id == b.machine.id else (a, b)
    spreads = [run_history.spread(base, kinds, (a, b), record) for record in sides]
    width, middle = half_width(spreads), log(within.ratio)
    low = max(middle - hypot(middle - log(within.low), width), -FARTHEST)
    high = min(middle + hypot(log(within.high) - middle, width), FARTHEST)
    moved = [move for move in moves(a, b) if move.name in kinds]
    shifts = [0.0, *(sign * log(move.ratio) for move in moved if move.is_significant)]
    is_time = base.kind == "time"
    word = _word(is_time, exp(low - max(shifts)), exp(high - min(shifts)))
    if word not in MOVED and _word(is_time, exp(low), exp(high)) in MOVED:
        word = "the machine itself moved"
    return replace(
        within,
        low=exp(low - max(shifts)),
        high=exp(high - min(shifts)),
        word=word,
        machine=describe_moves(moved),
        between="; ".join(dict.fromkeys(map(str, spreads))),
    )


def _is_exact(point: Point) -> bool:
    """Whether all launches report the same value, such as a count, which does not depend on the machine."""
    values = _values(point)
    return point.kind == "value" and min(values) == max(values)


def _incomparable(a: Record, b: Record, key: str) -> str:
    """Return why the two figures must not be compared, or nothing."""
    for name in ("example", "digest"):
        first, second = getattr(a, name), getattr(b, name)
        if first != second:
            return f"{name} differs: {first[:24]} and {second[:24]}"
    if _method(a) != _method(b):
        return f"method differs: {a.method[:24]} on {a.device} and {b.method[:24]} on {b.device}"
    points = a.point(key), b.point(key)
    for record, point in zip((a, b), points, strict=True):
        if point is None:
            return f"{record.id} has no point {key}"
        if reason := _unusable(point):
            return f"{record.id}: {reason}"
    return ""


def _method(record: Record) -> str:
    """Return "" for the current method of any device, as all of them time what a program waits for."""
    return "" if record.method == method_of(record.device) else record.method


def _unusable(point: Point) -> str:
    if not point.launches:
        return "no launches"
    summary = summarise(point)
    if summary.quality == "shared":
        return f"the machine was shared: {summary.counted} of {summary.launches} launches undisturbed"
    if summary.counted < FEWEST:
        return f"{summary.counted} launches; an interval needs {FEWEST}"
    return "" if min(_values(point)) > 0 else "a launch has the value 0 or less"


def _values(point: Point) -> list[float]:
    return [launch.value for launch in map(sample, point.launches) if launch.counts]


def _word(is_time: bool, low: float, high: float) -> Word:
    if low > BAND:
        return "slower" if is_time else "higher"
    if high < 1 / BAND:
        return "faster" if is_time else "lower"
    if low <= 1 <= high:
        return "no difference we can measure"
    return "less than 5 % apart" if low >= 1 / BAND and high <= BAND else "ambiguous"


def _differences(a: Record, b: Record, point_a: Point, point_b: Point) -> Iterator[str]:
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
        ("clock", point_a.clock, point_b.clock),
        ("cache", point_a.cache, point_b.cache),
        ("dtype", point_a.dtype, point_b.dtype),
        ("quality", summarise(point_a).quality, summarise(point_b).quality),
    ]
    pairs += [(name, left or "unset", right or "unset") for name, left, right in _environment(a, b)]
    names = sorted(a.software.packages.keys() | b.software.packages.keys())
    pairs += [(name, a.software.packages.get(name, "none"), b.software.packages.get(name, "none")) for name in names]
    yield from (f"{name}: {left} and {right}" for name, left, right in pairs if left != right)


def _environment(a: Record, b: Record) -> Iterator[tuple[str, str | None, str | None]]:
    variables_a, variables_b = a.software.environment, b.software.environment
    names = sorted(variables_a.keys() | variables_b.keys())
    return ((name, variables_a.get(name), variables_b.get(name)) for name in names)
