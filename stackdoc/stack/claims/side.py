"""Decide on which side of a threshold a figure lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from typing import Literal

from stackdoc.model.record import Record
from stackdoc.statistics import Figure, format_figure, quantity
from stackdoc.statistics.extent import extent
from stackdoc.statistics.interval import INTERVAL
from stackdoc.statistics.roofs import Roofs

OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}
Basis = Literal["interval", "extent", ""]


@dataclass(frozen=True)
class Side:
    """`meets` is whether the figure satisfies the relation; None means undecided.

    `basis` is what decides: the interval, which is within the range of the counted launches, so that six clean
    launches on one side are enough; or the extent of all launches, disturbed ones included. `bound` is the end of that
    extent next to the threshold.
    """

    figure: Figure
    meets: bool | None
    basis: Basis = ""
    bound: float | None = None

    @property
    def words(self) -> str:
        """The figure with what decides it, or with the reason why nothing does."""
        figure, shown = self.figure, format_figure(self.figure)
        if figure.quality == "launch-bound":
            return f"{shown}, which is the cost of launching and not of the work"
        if figure.low is not None and figure.low == figure.high:
            return shown
        if self.basis == "extent" and self.bound is not None:
            end = "at least" if self.bound <= figure.value else "at most"
            return f"{shown}, and {end} {_format_bound(figure, self.bound)} by every launch, however disturbed"
        if figure.low is None or figure.high is None:
            why = "the machine was shared" if figure.quality == "shared" else "too few launches for an interval"
            return f"{shown}, {why}"
        bounds = " to ".join(format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
        return f"{shown} ({INTERVAL} {bounds})"


def side_of(record: Record, key: str, name: str, op: str, value: float, roofs: Roofs | None = None) -> Side | None:
    """Compare the quantity `name` of a point or ratio with `value`; None if the record does not contain it.

    The interval decides if all of it is on one side; without an interval, the extent does. Fewer than six launches give
    neither, and decide nothing unless all launches agree to the last digit. A launch-bound figure decides nothing.
    """
    figure = quantity(record, key, name, roofs)
    if figure is None:
        return None
    if figure.quality == "launch-bound":
        return Side(figure, None)
    if figure.low is not None and figure.high is not None:
        return Side(figure, _meets(op, value, figure.low, figure.high), "interval")
    bounds = extent(record, key, name, roofs)
    meets = _meets(op, value, *bounds) if bounds else None
    if bounds is None or meets is None:
        return Side(figure, None)
    return Side(figure, meets, "extent", bounds[0] if bounds[0] >= value else bounds[1])


def _meets(op: str, value: float, low: float, high: float) -> bool | None:
    """Whether all of the range satisfies the relation or violates it; None if the range contains the value."""
    first, last = (OPERATORS[op](bound, value) for bound in (low, high))
    return first if first == last else None


def _format_bound(figure: Figure, bound: float) -> str:
    return format_figure(Figure(bound, None, None, figure.unit))
