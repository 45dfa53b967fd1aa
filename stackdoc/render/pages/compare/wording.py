"""A comparison in words: its ratio or speed-up with the interval, its outcome, and what else differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.model.record import Record
from stackdoc.render.html.element import element
from stackdoc.render.values.record_view import record_path
from stackdoc.statistics import Comparison, Figure, format_figure, format_ratio
from stackdoc.statistics.comparison import MOVED
from stackdoc.statistics.controls import describe_moves, moves

REFUSED = "not compared"
FASTER, SLOWER = "faster", "slower"
MACHINE = "the machine itself moved"
WORDS = (*MOVED, "less than 5 % apart", "no difference we can measure", MACHINE, "ambiguous", REFUSED)


def speed_up(comparison: Comparison) -> tuple[float, float, float]:
    """Return how many times as fast as the base, with the interval; above 1 is faster."""
    assert comparison.ratio is not None and comparison.low is not None and comparison.high is not None  # noqa: PT018
    return 1 / comparison.ratio, 1 / comparison.high, 1 / comparison.low


def gain(comparison: Comparison, is_time: bool) -> str:
    """Return a time as a speed-up, and a value as its ratio to the base; both with the interval."""
    if comparison.ratio is None or not is_time:
        return format_ratio(comparison)
    value, low, high = speed_up(comparison)
    return format_ratio(replace(comparison, ratio=value, low=low, high=high))


def times(value: float) -> str:
    """Return a factor without an interval: `1.4×`."""
    return format_figure(Figure(float(f"{value:.2g}"), None, None, "×"))


def between_runs(comparison: Comparison) -> str | None:
    return f"One run differs from the next {comparison.between}" if comparison.between else None


def in_words(comparison: Comparison, shared: Sequence[str] = ()) -> str:
    """Return the outcome with the differences not in `shared`, or why there is none."""
    if comparison.refused:
        return f"not compared: {comparison.refused}"
    own = [name for name in comparison.differences if name not in shared]
    word = comparison.machine if comparison.word == MACHINE else comparison.word
    return f"{word} ({'; '.join(own)})" if own else word


def common(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """Return the differences that all compared points share, in their order."""
    compared = [comparison.differences for comparison in comparisons if not comparison.refused]
    return tuple(name for name in compared[0] if all(name in rest for rest in compared)) if compared else ()


def record_link(record: Record) -> Markup:
    return element("a", f"record {record.id}", href=record_path(record.id))


def machine_moved(base: Record, record: Record) -> str:
    """Return a sentence on the controls that moved between two records of one machine, or an empty string."""
    sentence = describe_moves(moves(base, record))
    return f" {capitalised(sentence)}." if sentence else ""
