"""A calculation as its author wrote it, and its result on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from stackdoc.laws.law import Law
from stackdoc.render.html.element import element
from stackdoc.render.values.points import Location
from stackdoc.stack.laws.formatting import format_bounds, format_value


class NotMeasured(Exception):
    """The selected machine has no record of a value that the calculation needs; the message gives the reason."""


@dataclass(frozen=True)
class Calculation:
    """A law with its inputs, as written on a page.

    `inputs` are by symbol; `unit` is the requested unit of the result, or empty for the unit of the law. `places` gives
    the line of each key, `place` that of the fence or role.
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
    """One input: `value` and its bounds are in SI base units.

    `written` is the HTML with its link, `words` the same as plain text, `origin` where the number comes from: `cited`,
    `assumed`, `measured`, or the law that gives it. `inner` is the calculation that it is the result of.
    """

    symbol: str
    value: float
    low: float | None
    high: float | None
    written: Markup
    words: str
    origin: str
    inner: Result | None = None


@dataclass(frozen=True)
class Result:
    """The result of a calculation on one machine; `value` and its bounds are in SI base units."""

    law: Law
    unit: str
    value: float
    low: float | None
    high: float | None
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        return format_value(self.value, self.law.unit, self.low, self.high, self.unit)

    @property
    def interval(self) -> str:
        """`2.61 to 2.74 GB`; empty if no input has an interval."""
        if self.low is None or self.high is None or self.low == self.high:
            return ""
        return format_bounds(self.law.unit, self.low, self.high, self.value, self.unit)

    @property
    def number(self) -> Markup:
        """The result as a `data` element whose `value` is unrounded, in SI base units."""
        return element("data", self.text, class_="sd-sum", value=repr(self.value), data_law=self.law.id)
