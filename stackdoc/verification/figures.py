"""Compares the numbers of a passage with the figures of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

from stackdoc.model.record import Record
from stackdoc.statistics import Figure, format_figure, quantity
from stackdoc.statistics.quantities import QUANTITIES
from stackdoc.statistics.roofs import Roofs
from stackdoc.verification.finding import Value
from stackdoc.verification.mentions import Mention, mentions

INTERVAL = re.compile(r"(?:interval|\bCI\b|%)[^.;]{0,12}$")
WRONG_POWERS = (*range(-15, 16, 3), 2, -2)  # 2: a share written as a percentage


@dataclass(frozen=True)
class RecordedFigure:
    """A figure of the record, by the key of its point or ratio and the name of the quantity."""

    key: str
    quantity: str
    figure: Figure

    @property
    def shown(self) -> str:
        """The figure as the site writes it."""
        return format_figure(self.figure)

    @property
    def printed(self) -> Mention | None:
        return next(mentions(self.shown, [self.figure.unit]), None)


@dataclass(frozen=True)
class Quotation:
    """What a passage quotes of a record: the verdict, the number as written, and the figure that it is or should be."""

    value: Value
    mention: Mention | None = None
    recorded: RecordedFigure | None = None


def recorded_figures(record: Record, roofs: Roofs | None, key: str = "") -> tuple[RecordedFigure, ...]:
    """Return the figures of one point or ratio, or of all."""
    keys = [key] if key else record.keys
    figures = ((each, name, quantity(record, each, name, roofs)) for each in keys for name in QUANTITIES)
    return tuple(RecordedFigure(each, name, figure) for each, name, figure in figures if figure is not None)


def judge(quoted: Sequence[Mention], figures: Sequence[RecordedFigure], names_point: bool) -> Quotation:
    """Return the most favourable verdict on the numbers of a passage; `names_point` if the citation names a point."""
    pairs = [(mention, recorded) for mention in quoted for recorded in figures if _matches(mention, recorded)]
    if pairs:
        mention, recorded = next((pair for pair in pairs if _is_as_shown(*pair)), pairs[0])
        if wrong := _wrong_interval(quoted, [recorded for _, recorded in pairs]):
            return wrong
        value: Value = "as recorded" if _is_as_shown(mention, recorded) else "rounded properly"
        return Quotation(value, mention, recorded)
    if names_point:
        for mention in quoted:
            if meant := next((recorded for recorded in figures if _digits_match(mention, recorded)), None):
                return Quotation("wrong unit", mention, meant)
    units = {recorded.figure.unit for recorded in figures}
    if comparable := [mention for mention in quoted if mention.unit in units]:
        mention, recorded = min(_pairs_of_same_unit(comparable, figures), key=_distance)
        slipped = not names_point and any(_digits_match(mention, other) for other in figures)
        return Quotation("wrong unit" if slipped else "wrong value", mention, recorded)
    if quoted and names_point and figures:
        return Quotation("wrong unit", quoted[0], figures[0])
    return Quotation("none quoted")


def matching(quoted: Sequence[Mention], figures: Sequence[RecordedFigure]) -> set[Mention]:
    """Return the numbers that are one of the figures."""
    return {mention for mention in quoted if any(_matches(mention, recorded) for recorded in figures)}


def _pairs_of_same_unit(
    quoted: Iterable[Mention], figures: Sequence[RecordedFigure]
) -> Iterator[tuple[Mention, RecordedFigure]]:
    return ((mention, recorded) for mention in quoted for recorded in figures if recorded.figure.unit == mention.unit)


def _distance(pair: tuple[Mention, RecordedFigure]) -> float:
    quoted, recorded = abs(pair[0].number * pair[0].scale), abs(pair[1].figure.value)
    return abs(log(quoted / recorded)) if quoted and recorded else float("inf")


def _matches(mention: Mention, recorded: RecordedFigure) -> bool:
    """Whether the mention is the figure, or the figure as the site shows it, rounded to the digits of the mention."""
    if mention.unit != recorded.figure.unit:
        return False
    printed = recorded.printed
    return mention.rounds(recorded.figure.value) or (
        printed is not None and mention.rounds(printed.number * printed.scale)
    )


def _is_as_shown(mention: Mention, recorded: RecordedFigure) -> bool:
    printed = recorded.printed
    if printed is None or (mention.number, mention.scale) != (printed.number, printed.scale):
        return False
    return mention.places == printed.places


def _digits_match(mention: Mention, recorded: RecordedFigure) -> bool:
    """Whether the digits are those of the figure, while the unit or its prefix may differ."""
    return any(mention.rounds(recorded.figure.value, 10.0**power) for power in WRONG_POWERS)


def _wrong_interval(quoted: Sequence[Mention], matches: Sequence[RecordedFigure]) -> Quotation | None:
    """Return a verdict if a range called an interval is not the interval of one of the figures."""
    for mention in quoted:
        if not mention.low or not INTERVAL.search(mention.before):
            continue
        bounded = [each for each in matches if each.figure.low is not None and each.figure.unit == mention.unit]
        if bounded and not any(_is_interval(mention, recorded.figure) for recorded in bounded):
            text = f"{mention.low} to {mention.text}"
            return Quotation("wrong value", replace(mention, text=text), bounded[0])
    return None


def _is_interval(mention: Mention, figure: Figure) -> bool:
    low = next(mentions(f"{mention.low} {mention.printed_unit}", [figure.unit]), None)
    ends = ((low, figure.low), (mention, figure.high))
    return all(end is not None and bound is not None and _is_bound(end, bound, figure) for end, bound in ends)


def _is_bound(mention: Mention, bound: float, figure: Figure) -> bool:
    return _matches(mention, RecordedFigure("", "", replace(figure, value=bound)))
