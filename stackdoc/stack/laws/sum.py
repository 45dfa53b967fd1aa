"""A sum as its author wrote it, and as it comes out on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from stackdoc.laws.law import Law
from stackdoc.render.html.element import element
from stackdoc.render.values.points import Location
from stackdoc.stack.laws.shown import bounds, shown


class Absent(Exception):
    """The machine chosen has no record of what the sum needs; the message says why."""


@dataclass(frozen=True)
class Asked:
    """A sum as its author wrote it: `inputs` by symbol, `unit` that of the result (empty: the law's own).

    `places` finds the line of an input; `place` is that of the whole.
    """

    law: Law
    inputs: Mapping[str, object]
    unit: str
    place: Location
    places: Mapping[str, Location]

    def at(self, symbol: str) -> Location:
        return self.places.get(f"with.{symbol}", self.places.get("with", self.place))


@dataclass(frozen=True)
class Term:
    """One number put in: `value` with its bounds in SI base units, how it is `written` (with its link), the same in
    plain `words`, and where it comes from in words: `cited`, `assumed`, `measured`, by which law."""

    symbol: str
    value: float
    low: float | None
    high: float | None
    written: Markup
    words: str
    origin: str
    inner: Worked | None = None


@dataclass(frozen=True)
class Worked:
    """A sum on one machine."""

    law: Law
    unit: str
    value: float
    low: float | None
    high: float | None
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        return shown(self.value, self.law.unit, self.low, self.high, self.unit)

    @property
    def interval(self) -> str:
        """`2.61 to 2.74 GB`; empty where nothing that was put in has an interval."""
        if self.low is None or self.high is None or self.low == self.high:
            return ""
        return bounds(self.law.unit, self.low, self.high, self.value, self.unit)

    @property
    def number(self) -> Markup:
        """The result; `value` holds it unrounded in SI base units."""
        return element("data", self.text, class_="sd-sum", value=repr(self.value), data_law=self.law.id)
