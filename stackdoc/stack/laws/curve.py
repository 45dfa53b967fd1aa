"""A law as a function of one of its symbols, for a diagram of curves."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.laws.evaluate import evaluate
from stackdoc.render.domain import LawCurve
from stackdoc.render.html.element import element, join
from stackdoc.render.values.machine_switch import choices
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.calc import readable
from stackdoc.stack.laws.calculation import Term
from stackdoc.stack.laws.compute import depends_on_machine, read_calculation, terms_of


def curve(site: Site, id: str, symbol: str, inputs: Mapping[str, object], place: Location) -> LawCurve:
    """Return the law with every symbol but one set. Raises StackdocError for what is unknown or missing."""
    laws = handbook(site).laws
    if id not in laws:
        raise place.refuse(f"unknown law {id!r}", did_you_mean(id, laws))
    law = laws[id]
    if symbol not in law.symbols:
        raise place.refuse(f"law {id!r} has no symbol {symbol!r}", did_you_mean(symbol, law.symbols))
    if symbol in inputs:
        raise place.refuse(f"{symbol!r} is on the axis and can't be set")
    calculation = read_calculation(site, id, {"with": {**inputs, symbol: 1}}, place, {})
    if depends_on_machine(site, calculation):
        raise place.refuse("a diagram can't show a measured value", "set the symbol to a fact or a number")
    terms = [term for term in terms_of(site, calculation, choices(site)[0]) if term.symbol != symbol]
    values = {term.symbol: term.value for term in terms}
    words = join([element("a", law.name, href=f"/laws/#law-{id}"), _inputs(terms)])
    return LawCurve(
        law.symbols[symbol].unit, law.unit, lambda x: evaluate(law.tree, {**values, symbol: x}), Markup(words)
    )


def _inputs(terms: list[Term]) -> Markup:
    parts = [join([f"{readable(term.symbol)} ", term.written]) for term in terms]
    return join([": ", join(parts, ", ")]) if parts else Markup()
