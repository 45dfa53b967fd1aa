"""Inputs of a law: a cited number, an assumption, a measured value."""

from __future__ import annotations

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.laws.amount import Amount, are_compatible, dimension_of, parse_amount, to_base
from stackdoc.laws.law import Law
from stackdoc.laws.units import BadUnit
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import Choice, view_for, views_default_first, why_not
from stackdoc.render.values.points import Location, Selection, known_example, parse_selection
from stackdoc.render.values.record_view import RecordView, figure_of
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.tables import fact_value
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.calculation import NotMeasured, Term
from stackdoc.stack.laws.formatting import format_exact, with_unit
from stackdoc.statistics import format_figure
from stackdoc.statistics.quantities import QUANTITIES

PLAIN_NUMBERS = {"×": "1", "%": "1"}  # units whose values are plain numbers


def cited_term(site: Site, law: Law, symbol: str, id: str, place: Location) -> Term:
    """Return the fact `id` as an input. Raises StackdocError if it is unknown or its unit does not match."""
    facts = handbook(site).facts
    if id not in facts:
        raise place.refuse(f"unknown fact {id!r}", did_you_mean(id, facts))
    fact = facts[id]
    amount = _amount(f"{fact.value} {'' if fact.unit == '1' else fact.unit}", "1", place, f"fact {id!r} can't be used")
    check_unit(amount.unit, law.units[symbol], place, f"fact {id!r}")
    written = element("a", fact_value(fact), class_="sd-cited", href=f"/facts/#fact-{id}", title=_source(fact))
    words = with_unit(fact.value, fact.unit)
    return Term(symbol, amount.base, None, None, written, words, "cited")


def _source(fact: Fact) -> str:
    return ". ".join(part for part in (fact.quantity, fact.conditions, f"{fact.source}, {fact.as_of}") if part)


def given_term(law: Law, symbol: str, what: object, place: Location) -> Term:
    """Return an assumed number as an input. Raises StackdocError if it is not an amount or its unit does not match."""
    if not isinstance(what, str | int | float):
        raise place.refuse(f"{symbol} is {what!r}", "write a number and a unit, such as 8192 token")
    amount = _amount(what, law.units[symbol], place, symbol)
    check_unit(amount.unit, law.units[symbol], place, symbol)
    words = with_unit(_as_written(what, amount) if isinstance(what, str) else format_exact(amount.value), amount.unit)
    return Term(symbol, amount.base, None, None, element("span", words, class_="sd-given"), words, "assumed")


def _as_written(text: str, amount: Amount) -> str:
    """The number as the author wrote it."""
    return text.strip().removesuffix(amount.unit).strip() or format_exact(amount.value)


def measured_term(site: Site, law: Law, symbol: str, words: str, place: Location, choice: Choice) -> Term:
    """Return a measured value on the selected machine: `words` are `EXAMPLE NAME k=v … QUANTITY`.

    Raises NotMeasured if that machine has no such value, StackdocError for a fault of the author.
    """
    parts = words.split()
    if len(parts) < 3:
        raise place.refuse(f"{words!r} is too short", "write EXAMPLE NAME k=v … QUANTITY")
    example, *point, quantity = parts
    known_example(site, example, place)
    if quantity not in QUANTITIES:
        raise place.refuse(f"unknown quantity {quantity!r}", did_you_mean(quantity, QUANTITIES))
    selection = parse_selection(site, example, " ".join(point), place)
    views = views_default_first(site, example)
    view = view_for(site, choice, example, views)
    if view is None:
        raise NotMeasured(f"{example}: {why_not(site, choice, example)}")
    try:
        return _term_from_record(view, selection, quantity, law, symbol, place)
    except StackdocError:
        if view.stale or view is not views[0]:  # faults of the page are reported for the first record only
            raise NotMeasured(f"{example}: its record has no such value") from None
        raise


def _term_from_record(
    view: RecordView, selection: Selection, quantity: str, law: Law, symbol: str, place: Location
) -> Term:
    keys, example = selection.keys(view.record), view.record.example
    if len(keys) > 1:
        raise place.refuse(
            f"{str(selection)!r} names {len(keys)} points", f"give more parameters; known: {', '.join(keys)}"
        )
    figure = figure_of(view, keys[0], quantity) if keys else None
    written = linked(view, keys[0], quantity) if keys else None
    if figure is None or written is None:
        raise NotMeasured(f"{example}: its run left this point out")
    unit = PLAIN_NUMBERS.get(figure.unit, figure.unit)
    scale = _scale(unit, law.units[symbol], place, f"{quantity} of {example!r}")
    low, high = (None if bound is None else bound * scale for bound in (figure.low, figure.high))
    text = format_figure(figure)
    return Term(symbol, figure.value * scale, low, high, written, text, "measured")


def _scale(unit: str, wanted_unit: str, place: Location, what: str) -> float:
    try:
        scale = to_base(1.0, unit or "1")
    except BadUnit as reason:
        raise place.refuse(f"{what} is in {unit!r}, which no law can use: {reason}", reason.hint) from None
    check_unit(unit or "1", wanted_unit, place, what)
    return scale


def _amount(text: str | float, default: str, place: Location, what: str) -> Amount:
    try:
        return parse_amount(text, default)
    except BadUnit as reason:
        raise place.refuse(f"{what}: {reason}", reason.hint) from None


def check_unit(unit: str, wanted_unit: str, place: Location, what: str) -> None:
    """Raise StackdocError if the two units have different dimensions; `what` names the value in the message."""
    try:
        matches = are_compatible(unit, wanted_unit)
    except BadUnit as reason:
        raise place.refuse(str(reason), reason.hint) from None
    if not matches:
        raise place.refuse(f"{what} is {dimension_of(unit)} ({unit}), where {wanted_unit} is expected")
