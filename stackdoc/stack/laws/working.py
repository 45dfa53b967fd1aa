"""A law worked out with numbers that each have a place of origin: a fact, a record, an assumption, another sum."""

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
from stackdoc.stack.laws.sum import Absent, Asked, Term, Worked
from stackdoc.stack.laws.terms import cited, expect, given, measured

ORIGINS = ("fact", "given", "measured", "law", "sum")
ABOVE = "worked out above"
CORNERS = 4  # inputs with an interval whose combinations are all worked out


def asked(
    site: Site, law: object, keys: Mapping[str, object], place: Location, places: Mapping[str, Location]
) -> Asked:
    """The sum of a fence's keys, its law and symbols looked up. Raises StackdocError at the line of what is wrong."""
    laws = handbook(site).laws
    if str(law) not in laws:
        raise place.refuse(f"unknown law {str(law)!r}", did_you_mean(str(law), laws))
    found, inputs, unit = laws[str(law)], keys.get("with", {}), str(keys.get("in", ""))
    made = Asked(found, inputs if isinstance(inputs, dict) else {}, unit, place, places)
    for name in made.inputs:
        if name not in found.symbols:
            hint = did_you_mean(name, found.symbols)
            raise made.at(name).refuse(f"law {found.id!r} has no symbol {name!r}", hint)
    if missing := [name for name in found.symbols if name not in made.inputs]:
        message = f"law {found.id!r} lacks {', '.join(missing)}"
        raise places.get("with", place).refuse(message, f"{missing[0]}: {found.symbols[missing[0]].means}")
    if unit:
        expect(unit, found.unit, places.get("in", place), f"the result of {found.id!r}")
    return made


def is_measured(site: Site, sum: Asked) -> bool:
    """Whether any number in it depends on the machine chosen."""
    return any(_rests_on_records(site, sum, name) for name in sum.inputs)


def worked(site: Site, sum: Asked, choice: Choice) -> Worked:
    """The sum on the machine chosen. Raises Absent, or StackdocError for what the author must mend."""
    terms = tuple(_term(site, sum, name, choice) for name in sum.law.symbols)
    try:
        value = evaluate(sum.law.tree, {term.symbol: term.value for term in terms})
        low, high = _range(sum.law, terms)
    except NoValue as reason:
        if is_measured(site, sum):  # a record never makes a page fail
            raise Absent(f"the law {reason}") from None
        raise sum.place.refuse(f"law {sum.law.id!r} {reason}") from None
    return Worked(sum.law, sum.unit, value, low, high, terms)


def _range(law: Law, terms: Sequence[Term]) -> tuple[float, float] | tuple[None, None]:
    """The least and the most that the intervals put in allow."""
    ranged = [term for term in terms if term.low is not None and term.high is not None]
    if not ranged or len(ranged) > CORNERS or any(term.low is None and _is_open(term) for term in terms):
        return None, None
    fixed = {term.symbol: term.value for term in terms}
    sides = product(*((term.low or 0.0, term.high or 0.0) for term in ranged))
    found = [
        evaluate(law.tree, {**fixed, **dict(zip((term.symbol for term in ranged), side, strict=True))})
        for side in sides
    ]
    return min(found), max(found)


def _is_open(term: Term) -> bool:
    """Whether a number is measured, directly or in a sum before, and has no interval."""
    if term.inner is not None:
        return any(map(_is_open, term.inner.terms)) and term.low is None
    return term.origin == "measured" and term.low is None


def _term(site: Site, sum: Asked, symbol: str, choice: Choice) -> Term:
    origin, what = _origin(sum, symbol)
    place = sum.at(symbol)
    if origin == "fact":
        return cited(site, sum.law, symbol, str(what), place)
    if origin == "given":
        return given(sum.law, symbol, what, place)
    if origin == "measured":
        return measured(site, sum.law, symbol, str(what), place, choice)
    inner = worked(site, _inner(site, sum, symbol), choice)
    expect(inner.law.unit, sum.law.units[symbol], place, f"the result of {inner.law.id!r}")
    address = f"#sum-{what}" if origin == "sum" else f"/laws/#law-{inner.law.id}"
    written = element("a", inner.number, class_="sd-summed", href=address)
    said = ABOVE if origin == "sum" else f"by {inner.law.name[:1].lower()}{inner.law.name[1:]}"
    return Term(symbol, inner.value, inner.low, inner.high, written, inner.text, said, inner)


def _origin(sum: Asked, symbol: str) -> tuple[str, object]:
    """`{fact: id}` and its kin; a bare number or text is one that is given."""
    written, place = sum.inputs[symbol], sum.at(symbol)
    if not isinstance(written, dict):
        return "given", written
    names = [name for name in written if name in ORIGINS]
    if len(names) != 1:
        odd = next((name for name in written if name not in ORIGINS), "")
        raise place.refuse(f"{symbol} says not where its number is from", did_you_mean(odd, ORIGINS))
    extra = [name for name in written if name != names[0] and (names[0], name) not in (("law", "with"), ("law", "in"))]
    if extra:
        raise place.refuse(f"unknown key {extra[0]!r} beside {names[0]}", f"write {symbol}: {{{names[0]}: …}}")
    return names[0], written[names[0]]


def _inner(site: Site, sum: Asked, symbol: str) -> Asked:
    """The sum within the sum: a law with numbers of its own, or one that stands earlier on the page."""
    written, place = sum.inputs[symbol], sum.at(symbol)
    assert isinstance(written, dict)
    if "law" in written:
        inputs = written.get("with") or {}
        if not isinstance(inputs, dict):
            raise place.refuse(f"with is {str(inputs)[:60]!r}; it must be a mapping", "write with: {SYMBOL: NUMBER}")
        below = {"with": place, **{f"with.{name}": place for name in inputs}}
        return asked(site, written["law"], written, place, below)
    name = str(written["sum"])
    earlier = {
        known: one
        for (file, known), one in handbook(site).sums.items()
        if file == place.file and (not place.line or one.last < place.line)
    }
    if name not in earlier:
        hint = did_you_mean(name, earlier) or f"write as: {name} in a fence calc above"
        raise place.refuse(f"no sum {name!r} stands above on this page", hint)
    found = earlier[name]
    there = Location(found.file, found.line + 1)
    return asked(site, found.keys["calc"], found.keys, there, {})


def _rests_on_records(site: Site, sum: Asked, symbol: str) -> bool:
    origin, _ = _origin(sum, symbol)
    return origin == "measured" or (origin in ("law", "sum") and is_measured(site, _inner(site, sum, symbol)))


def flat(terms: Sequence[Term]) -> Iterator[Term]:
    """Every number put in, those of sums within included."""
    for term in terms:
        yield replace(term, inner=None)
        if term.inner:
            yield from flat(term.inner.terms)
