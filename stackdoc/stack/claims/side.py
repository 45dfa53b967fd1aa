"""On which side of a value a figure lies, and what decides it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from typing import Literal

from stackdoc.model.record import Record
from stackdoc.statistics import Figure, format_figure, quantity
from stackdoc.statistics.extent import extent
from stackdoc.statistics.roofs import Roofs

OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}
Basis = Literal["interval", "extent", ""]


@dataclass(frozen=True)
class Side:
    """`meets`: whether the figure stands in the relation; None where it is undecided.

    `basis` is what decides: the 95 % interval, which lies within the range of the launches that count, so that six
    clean launches on one side decide; or the extent of all launches, disturbed ones included, of which `bound` is the
    end next to the value.
    """

    figure: Figure
    meets: bool | None
    basis: Basis = ""
    bound: float | None = None

    @property
    def words(self) -> str:
        """The figure with what decides, or why nothing does."""
        figure, shown = self.figure, format_figure(self.figure)
        if figure.quality == "launch-bound":
            return f"{shown}, which is the cost of launching and not of the work"
        if figure.low is not None and figure.low == figure.high:
            return shown
        if self.basis == "extent" and self.bound is not None:
            end = "at least" if self.bound <= figure.value else "at most"
            return f"{shown}, and {end} {_alone(figure, self.bound)} by every launch, however disturbed"
        if figure.low is None or figure.high is None:
            why = "the machine was shared" if figure.quality == "shared" else "too few launches for an interval"
            return f"{shown}, {why}"
        bounds = " to ".join(format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
        return f"{shown} (95 % interval {bounds})"


def side_of(record: Record, key: str, name: str, op: str, value: float, roofs: Roofs | None = None) -> Side | None:
    """The side of the quantity `name` of that point or ratio; None where the record does not hold it.

    Its interval decides where it lies on one side as a whole; without an interval its extent does. Under six launches
    there is neither, and nothing is decided unless all launches of a value agree to the last digit. A launch-bound
    figure decides nothing.
    """
    figure = quantity(record, key, name, roofs)
    if figure is None:
        return None
    if figure.quality == "launch-bound":
        return Side(figure, None)
    if figure.low is not None and figure.high is not None:
        return Side(figure, _meets(op, value, figure.low, figure.high), "interval")
    found = extent(record, key, name, roofs)
    meets = _meets(op, value, *found) if found else None
    if found is None or meets is None:
        return Side(figure, None)
    return Side(figure, meets, "extent", found[0] if found[0] >= value else found[1])


def _meets(op: str, value: float, low: float, high: float) -> bool | None:
    """Whether the whole range satisfies the relation, or violates it; None where it straddles the value."""
    first, last = (OPERATORS[op](bound, value) for bound in (low, high))
    return first if first == last else None


def _alone(figure: Figure, bound: float) -> str:
    return format_figure(Figure(bound, None, None, figure.unit))
