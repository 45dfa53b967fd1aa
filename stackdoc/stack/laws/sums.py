"""A law worked out with numbers that each have a place of origin: a fact, a record, an assumption, another sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.laws.amount import Amount, kind, read, same_kind, to_base
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.law import Law
from stackdoc.laws.units import BadUnit
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import Choice, bench_for, ordered, why_not
from stackdoc.render.values.points import Place, known_example, wanted
from stackdoc.render.values.record_view import figure_of
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.tables import fact_value
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.shown import bounds, joined, number, shown
from stackdoc.statistics import format_figure
from stackdoc.statistics.figure import QUANTITIES

ORIGINS = ("fact", "given", "measured", "law", "sum")
CORNERS = 4  # inputs with an interval whose combinations are all worked out
SHARED = {"×": "1", "%": "1"}  # units of figures whose value is a plain number


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
    place: Place
    places: Mapping[str, Place]

    def at(self, symbol: str) -> Place:
        return self.places.get(f"with.{symbol}", self.places.get("with", self.place))


@dataclass(frozen=True)
class Term:
    """One number put in: `value` with its bounds in SI base units, how it is `written` (with its link), the same in
    plain `words`, and where it comes from: `cited`, `assumed`, `measured`, or the name of another law."""

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


def asked(site: Site, law: object, keys: Mapping[str, object], place: Place, places: Mapping[str, Place]) -> Asked:
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
        _expect(unit, found.unit, places.get("in", place), f"the result of {found.id!r}")
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
        return _cited(site, sum.law, symbol, str(what), place)
    if origin == "given":
        return _given(sum.law, symbol, what, place)
    if origin == "measured":
        return _measured(site, sum.law, symbol, str(what), place, choice)
    inner = worked(site, _inner(site, sum, symbol), choice)
    _expect(inner.law.unit, sum.law.units[symbol], place, f"the result of {inner.law.id!r}")
    address = f"#sum-{what}" if origin == "sum" else f"/laws/#law-{inner.law.id}"
    written = element("a", inner.number, class_="sd-summed", href=address)
    return Term(symbol, inner.value, inner.low, inner.high, written, inner.text, inner.law.name, inner)


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
        below = {"with": place, **{f"with.{name}": place for name in dict(written.get("with") or {})}}
        return asked(site, written["law"], written, place, below)
    name = str(written["sum"])
    earlier = {
        known: one
        for (file, known), one in handbook(site).sums.items()
        if file == place.file and (not place.line or one.line < place.line)
    }
    if name not in earlier:
        hint = did_you_mean(name, earlier) or f"write as: {name} in a fence calc above"
        raise place.refuse(f"no sum {name!r} stands above on this page", hint)
    found = earlier[name]
    there = Place(found.file, found.line + 1)
    return asked(site, found.keys["calc"], found.keys, there, {})


def _cited(site: Site, law: Law, symbol: str, id: str, place: Place) -> Term:
    facts = handbook(site).facts
    if id not in facts:
        raise place.refuse(f"unknown fact {id!r}", did_you_mean(id, facts))
    fact = facts[id]
    amount = _amount(f"{fact.value} {'' if fact.unit == '1' else fact.unit}", "1", place, f"fact {id!r} can't be used")
    _expect(amount.unit, law.units[symbol], place, f"fact {id!r}")
    written = element("a", fact_value(fact), class_="sd-cited", href=f"/facts/#fact-{id}", title=_source(fact))
    words = joined(fact.value, fact.unit)
    return Term(symbol, amount.base, None, None, written, words, "cited")


def _source(fact: Fact) -> str:
    return ". ".join(part for part in (fact.quantity, fact.conditions, f"{fact.source}, {fact.as_of}") if part)


def _given(law: Law, symbol: str, what: object, place: Place) -> Term:
    if not isinstance(what, str | int | float):
        raise place.refuse(f"{symbol} is {what!r}", "write a number and a unit, such as 8192 token")
    amount = _amount(what, law.units[symbol], place, symbol)
    _expect(amount.unit, law.units[symbol], place, symbol)
    words = joined(number(amount.value) if isinstance(what, int | float) else _printed(what, amount), amount.unit)
    return Term(symbol, amount.base, None, None, element("span", words, class_="sd-given"), words, "assumed")


def _printed(text: str, amount: Amount) -> str:
    """The number as the author wrote it."""
    return text.strip().removesuffix(amount.unit).strip() or number(amount.value)


def _measured(site: Site, law: Law, symbol: str, words: str, place: Place, choice: Choice) -> Term:
    parts = words.split()
    if len(parts) < 3:
        raise place.refuse(f"{words!r} is too short", "write EXAMPLE NAME k=v … QUANTITY")
    example, *point, quantity = parts
    known_example(site, example, place)
    if quantity not in QUANTITIES:
        raise place.refuse(f"unknown quantity {quantity!r}", did_you_mean(quantity, QUANTITIES))
    selection = wanted(site, example, " ".join(point), place)
    bench = bench_for(site, choice, example, ordered(site, example))
    if bench is None:
        raise Absent(f"{example}: {why_not(site, choice, example)}")
    keys = selection.keys(bench.record)
    if len(keys) > 1:
        raise place.refuse(
            f"{str(selection)!r} names {len(keys)} points", f"give more parameters; known: {', '.join(keys)}"
        )
    figure = figure_of(bench, keys[0], quantity) if keys else None
    written = linked(bench, keys[0], quantity) if keys else None
    if figure is None or written is None:
        raise Absent(f"{example}: its run left this out")
    unit = SHARED.get(figure.unit, figure.unit)
    scale = _scale(unit, law.units[symbol], place, f"{quantity} of {example!r}")
    low, high = (None if bound is None else bound * scale for bound in (figure.low, figure.high))
    text = format_figure(figure)
    return Term(symbol, figure.value * scale, low, high, written, text, "measured")


def _scale(unit: str, wanted_unit: str, place: Place, what: str) -> float:
    try:
        scale = to_base(1.0, unit or "1")
    except BadUnit as reason:
        raise place.refuse(f"{what} is in {unit!r}, which no sum can use: {reason}", reason.hint) from None
    _expect(unit or "1", wanted_unit, place, what)
    return scale


def _amount(text: str | float, default: str, place: Place, what: str) -> Amount:
    try:
        return read(text, default)
    except BadUnit as reason:
        raise place.refuse(f"{what}: {reason}", reason.hint) from None


def _expect(unit: str, wanted_unit: str, place: Place, what: str) -> None:
    try:
        fits = same_kind(unit, wanted_unit)
    except BadUnit as reason:
        raise place.refuse(str(reason), reason.hint) from None
    if not fits:
        raise place.refuse(f"{what} is {kind(unit)} ({unit}), where {wanted_unit} is expected")


def _rests_on_records(site: Site, sum: Asked, symbol: str) -> bool:
    origin, _ = _origin(sum, symbol)
    return origin == "measured" or (origin in ("law", "sum") and is_measured(site, _inner(site, sum, symbol)))


def flat(terms: Sequence[Term]) -> Iterator[Term]:
    """Every number put in, those of sums within included."""
    for term in terms:
        yield replace(term, inner=None)
        if term.inner:
            yield from flat(term.inner.terms)
