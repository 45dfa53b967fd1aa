"""Tables of cited numbers."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html.element import element, join, link
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages.listings import date
from stackdoc.stack.facts.fact import Fact

KINDS = {"datasheet": "data sheet", "paper": "paper", "report": "report", "derived": "derived"}


def facts_table(facts: Iterable[Fact]) -> Markup:
    """Tabulate cited numbers: value and unit as printed, conditions, source and date."""
    rows = [
        [
            fact.quantity,
            element("span", fact_value(fact), id=f"fact-{fact.id}"),
            fact.conditions or NONE,
            _source(fact),
            date(fact.as_of),
        ]
        for fact in facts
    ]
    names = ["quantity", "value", "conditions", "source", "as of"]
    return table([(name, name == "value") for name in names], rows, "Cited, not measured here.", stacked=True)


def _source(fact: Fact) -> Markup:
    """Render the source with its kind, and the note on it."""
    named = join([link(fact.source, fact.url), f"({KINDS.get(fact.kind, fact.kind)})"], " ")
    return join([named, element("div", fact.note, class_="sd-small")]) if fact.note else named


def fact_value(fact: Fact) -> Markup:
    """Render the number as the source prints it, with its unit, marked as cited."""
    shown = f"{fact.value}\u00a0{fact.unit}" if fact.unit and fact.unit != "1" else fact.value
    return element("data", shown, class_="sd-fact", value=fact.value, data_fact=fact.id)
