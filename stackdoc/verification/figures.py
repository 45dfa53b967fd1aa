"""Whether a number of a passage is one that the record holds, and which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

from stackdoc.model.record import Record
from stackdoc.statistics import Figure, format_figure, quantity
from stackdoc.statistics.figure import QUANTITIES
from stackdoc.statistics.roofs import Roofs
from stackdoc.verification.finding import Value
from stackdoc.verification.mentions import Mention, mentions

INTERVAL = re.compile(r"(?:interval|\bCI\b|%)[^.;]{0,12}$")
THOUSANDS = (*range(-15, 16, 3), 2, -2)  # 2: a share written as a percentage


@dataclass(frozen=True)
class Held:
    """A figure that the record holds, and how the site writes it."""

    key: str
    quantity: str
    figure: Figure

    @property
    def shown(self) -> str:
        return format_figure(self.figure)

    @property
    def printed(self) -> Mention | None:
        return next(mentions(self.shown, [self.figure.unit]), None)


@dataclass(frozen=True)
class Quoted:
    """What a passage says of a record: the answer, the number as written, the figure it is or should be."""

    value: Value
    mention: Mention | None = None
    held: Held | None = None


def held(record: Record, roofs: Roofs | None, key: str = "") -> tuple[Held, ...]:
    """The figures of one point, or of all."""
    keys = [key] if key else [*(point.key for point in record.points), *(ratio.key for ratio in record.ratios)]
    found = ((one, name, quantity(record, one, name, roofs)) for one in keys for name in QUANTITIES)
    return tuple(Held(one, name, figure) for one, name, figure in found if figure is not None)


def quoted(said: Sequence[Mention], figures: Sequence[Held], pointed: bool) -> Quoted:
    """The best answer that the numbers of a passage allow; `pointed` says that one point was named."""
    pairs = [(mention, one) for mention in said for one in figures if _is(mention, one)]
    if pairs:
        mention, one = next((pair for pair in pairs if _as_shown(*pair)), pairs[0])
        if wrong := _wrong_interval(said, [one for _, one in pairs]):
            return wrong
        return Quoted("as recorded" if _as_shown(mention, one) else "rounded properly", mention, one)
    units = {one.figure.unit for one in figures}
    if pointed:
        for mention in said:
            meant = next((one for one in figures if _digits_agree(mention, one)), None)
            if meant:
                return Quoted("wrong unit", mention, meant)
    comparable = [mention for mention in said if mention.unit in units]
    if comparable:
        mention, one = min(_pairs(comparable, figures), key=_distance)
        slipped = not pointed and any(_digits_agree(mention, other) for other in figures)
        return Quoted("wrong unit" if slipped else "wrong value", mention, one)
    if said and pointed and figures:
        return Quoted("wrong unit", said[0], figures[0])
    return Quoted("none quoted")


def matched(said: Sequence[Mention], figures: Sequence[Held]) -> set[Mention]:
    """The numbers that are some figure of the record."""
    return {mention for mention in said if any(_is(mention, one) for one in figures)}


def _pairs(said: Iterable[Mention], figures: Sequence[Held]) -> Iterator[tuple[Mention, Held]]:
    return ((mention, one) for mention in said for one in figures if one.figure.unit == mention.unit)


def _distance(pair: tuple[Mention, Held]) -> float:
    said, true = abs(pair[0].number * pair[0].scale), abs(pair[1].figure.value)
    return abs(log(said / true)) if said and true else float("inf")


def _is(mention: Mention, one: Held) -> bool:
    """The figure itself, or what the site prints of it, rounded to the digits of the mention."""
    if mention.unit != one.figure.unit:
        return False
    printed = one.printed
    return mention.rounds(one.figure.value) or (printed is not None and mention.rounds(printed.number * printed.scale))


def _as_shown(mention: Mention, one: Held) -> bool:
    printed = one.printed
    same = printed is not None and (mention.number, mention.scale) == (printed.number, printed.scale)
    return same and printed is not None and mention.places == printed.places


def _digits_agree(mention: Mention, one: Held) -> bool:
    """The digits are the figure's, the unit or its prefix is not."""
    return any(mention.rounds(one.figure.value, 10.0**power) for power in THOUSANDS)


def _wrong_interval(said: Sequence[Mention], found: Sequence[Held]) -> Quoted | None:
    """A range called an interval must be the interval of one of the figures found."""
    for mention in said:
        if not mention.low or not INTERVAL.search(mention.before):
            continue
        bounded = [one for one in found if one.figure.low is not None and one.figure.unit == mention.unit]
        if bounded and not any(_is_interval(mention, one.figure) for one in bounded):
            text = f"{mention.low} to {mention.text}"
            return Quoted("wrong value", replace(mention, text=text), bounded[0])
    return None


def _is_interval(mention: Mention, figure: Figure) -> bool:
    low = next(mentions(f"{mention.low} {mention.printed_unit}", [figure.unit]), None)
    ends = ((low, figure.low), (mention, figure.high))
    return all(
        end is not None and bound is not None and _bound(end, replace(figure, value=bound)) for end, bound in ends
    )


def _bound(mention: Mention, figure: Figure) -> bool:
    return _is(mention, Held("", "", figure))
