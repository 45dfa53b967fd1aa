"""Evaluate a law with inputs from facts, records, assumptions and other calculations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from stackdoc.errors import did_you_mean
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.law import Law
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import Choice
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.calculation import Calculation, NotMeasured, Result, Term
from stackdoc.stack.laws.terms import check_unit, cited_term, given_term, measured_term

ORIGINS = ("fact", "given", "measured", "law", "sum")
EARLIER = "calculated above"
CORNERS = 4  # most inputs with an interval; every combination of their bounds is evaluated


def read_calculation(
    site: Site, id: object, keys: Mapping[str, object], place: Location, places: Mapping[str, Location]
) -> Calculation:
    """Build a calculation from the keys of a fence or role. Raises StackdocError at the line of the first fault."""
    laws = handbook(site).laws
    if str(id) not in laws:
        raise place.refuse(f"unknown law {str(id)!r}", did_you_mean(str(id), laws))
    law, inputs, unit = laws[str(id)], keys.get("with", {}), str(keys.get("in", ""))
    calculation = Calculation(law, inputs if isinstance(inputs, dict) else {}, unit, place, places)
    for name in calculation.inputs:
        if name not in law.symbols:
            hint = did_you_mean(name, law.symbols)
            raise calculation.at(name).refuse(f"law {law.id!r} has no symbol {name!r}", hint)
    if missing := [name for name in law.symbols if name not in calculation.inputs]:
        message = f"law {law.id!r} lacks {', '.join(missing)}"
        raise places.get("with", place).refuse(message, f"{missing[0]}: {law.symbols[missing[0]].means}")
    if unit:
        check_unit(unit, law.unit, places.get("in", place), f"the result of {law.id!r}")
    return calculation


def depends_on_machine(site: Site, calculation: Calculation) -> bool:
    """Whether any input depends on the selected machine."""
    return any(_input_depends_on_machine(site, calculation, name) for name in calculation.inputs)


def compute(site: Site, calculation: Calculation, choice: Choice) -> Result:
    """Evaluate on the selected machine. Raises NotMeasured, or StackdocError for a fault of the author."""
    terms = terms_of(site, calculation, choice)
    try:
        value = evaluate(calculation.law.tree, {term.symbol: term.value for term in terms})
        low, high = _range(calculation.law, terms)
    except NoValue as reason:
        if depends_on_machine(site, calculation):  # a record must not break a page
            raise NotMeasured(f"the law {reason}") from None
        raise calculation.place.refuse(f"law {calculation.law.id!r} {reason}") from None
    return Result(calculation.law, calculation.unit, value, low, high, terms)


def terms_of(site: Site, calculation: Calculation, choice: Choice) -> tuple[Term, ...]:
    """Return the inputs with their values on the selected machine. Raises as `compute` does."""
    return tuple(_term(site, calculation, name, choice) for name in calculation.law.symbols)


def _range(law: Law, terms: Sequence[Term]) -> tuple[float, float] | tuple[None, None]:
    """Return the smallest and largest result that the intervals of the inputs allow."""
    ranged = [term for term in terms if term.low is not None and term.high is not None]
    if not ranged or len(ranged) > CORNERS or any(term.low is None and _lacks_interval(term) for term in terms):
        return None, None
    fixed = {term.symbol: term.value for term in terms}
    corners = product(*((term.low or 0.0, term.high or 0.0) for term in ranged))
    results = [
        evaluate(law.tree, {**fixed, **dict(zip((term.symbol for term in ranged), corner, strict=True))})
        for corner in corners
    ]
    return min(results), max(results)


def _lacks_interval(term: Term) -> bool:
    """Whether a value is measured, directly or within an inner calculation, but has no interval."""
    if term.inner is not None:
        return any(map(_lacks_interval, term.inner.terms)) and term.low is None
    return term.origin == "measured" and term.low is None


def _term(site: Site, calculation: Calculation, symbol: str, choice: Choice) -> Term:
    origin, what = _origin(calculation, symbol)
    place = calculation.at(symbol)
    if origin == "fact":
        return cited_term(site, calculation.law, symbol, str(what), place)
    if origin == "given":
        return given_term(calculation.law, symbol, what, place)
    if origin == "measured":
        return measured_term(site, calculation.law, symbol, str(what), place, choice)
    inner = compute(site, _inner_calculation(site, calculation, symbol), choice)
    check_unit(inner.law.unit, calculation.law.units[symbol], place, f"the result of {inner.law.id!r}")
    address = f"#sum-{what}" if origin == "sum" else f"/laws/#law-{inner.law.id}"
    written = element("a", inner.number, class_="sd-summed", href=address)
    source = EARLIER if origin == "sum" else f"by {inner.law.name[:1].lower()}{inner.law.name[1:]}"
    return Term(symbol, inner.value, inner.low, inner.high, written, inner.text, source, inner)


def _origin(calculation: Calculation, symbol: str) -> tuple[str, object]:
    """Split an input such as `{fact: id}` into kind and value; a bare number or text is `given`."""
    written, place = calculation.inputs[symbol], calculation.at(symbol)
    if not isinstance(written, dict):
        return "given", written
    names = [name for name in written if name in ORIGINS]
    if len(names) != 1:
        unknown = next((name for name in written if name not in ORIGINS), "")
        raise place.refuse(f"{symbol} does not state where its value comes from", did_you_mean(unknown, ORIGINS))
    extra = [name for name in written if name != names[0] and (names[0], name) not in (("law", "with"), ("law", "in"))]
    if extra:
        raise place.refuse(f"unknown key {extra[0]!r} beside {names[0]}", f"write {symbol}: {{{names[0]}: …}}")
    return names[0], written[names[0]]


def _inner_calculation(site: Site, calculation: Calculation, symbol: str) -> Calculation:
    """Return the calculation that an input refers to: a law with its own inputs, or an earlier one on the page."""
    written, place = calculation.inputs[symbol], calculation.at(symbol)
    assert isinstance(written, dict)
    if "law" in written:
        inputs = written.get("with") or {}
        if not isinstance(inputs, dict):
            raise place.refuse(f"with is {str(inputs)[:60]!r}; it must be a mapping", "write with: {SYMBOL: NUMBER}")
        below = {"with": place, **{f"with.{name}": place for name in inputs}}
        return read_calculation(site, written["law"], written, place, below)
    name = str(written["sum"])
    earlier = {
        key: candidate
        for (file, key), candidate in handbook(site).uses.calculations.items()
        if file == place.file and (not place.line or candidate.last < place.line)
    }
    if name not in earlier:
        hint = did_you_mean(name, earlier) or f"add as: {name} to a calc fence above"
        raise place.refuse(f"no calculation {name!r} above on this page", hint)
    named = earlier[name]
    there = Location(named.file, named.line + 1)
    return read_calculation(site, named.keys["calc"], named.keys, there, {})


def _input_depends_on_machine(site: Site, calculation: Calculation, symbol: str) -> bool:
    origin, _ = _origin(calculation, symbol)
    return origin == "measured" or (
        origin in ("law", "sum") and depends_on_machine(site, _inner_calculation(site, calculation, symbol))
    )


def flatten(terms: Sequence[Term]) -> Iterator[Term]:
    """Yield every input, including those of inner calculations."""
    for term in terms:
        yield replace(term, inner=None)
        if term.inner:
            yield from flatten(term.inner.terms)
