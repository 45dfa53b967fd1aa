"""Checks a law: its expression, symbols and dimensions, and the published numbers that it must reproduce."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import Problem, did_you_mean
from stackdoc.laws.amount import are_compatible, dimension_of, from_base, parse_amount
from stackdoc.laws.dimensions import check_result, dimensions
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.expression import FUNCTIONS, SYMBOL, InvalidExpression, Tree, symbols
from stackdoc.laws.javascript import RESERVED
from stackdoc.laws.law import Law, Vector
from stackdoc.laws.units import BadUnit, has_pint, unit
from stackdoc.reading.document import Document, Path

EXACT = 1e-9  # the least tolerance, for rounding errors
WIDEST = 0.2  # the largest tolerance that still tests the law


def law_problems(entry: Document, law: Law) -> Iterator[Problem]:
    """Yield the problems of a law. Without pint, as on a base install, units and numbers are not checked."""
    try:
        tree = law.tree
    except InvalidExpression as reason:
        yield entry.problem(("expression",), str(reason), reason.hint)
        return
    before = [*_symbols(entry, law, tree), *_without_numbers(entry, law)]
    yield from before
    if not has_pint():
        return
    wrong = list(_units(entry, law))
    yield from wrong
    if before or wrong:
        return
    try:
        check_result(dimensions(tree, law.units), law.unit)
    except BadUnit as reason:
        yield entry.problem(("expression",), str(reason), reason.hint)
    for at, vector in enumerate(law.vectors):
        yield from _vector(entry, ("vectors", at), law, vector)


def _symbols(entry: Document, law: Law, tree: Tree) -> Iterator[Problem]:
    used = symbols(tree)
    for name in used:
        if name not in law.symbols:
            hint = did_you_mean(name, law.symbols)
            yield entry.problem(("expression",), f"unknown symbol {name!r}", hint)
    for name in law.symbols:
        if name in RESERVED or name in FUNCTIONS or not SYMBOL.fullmatch(name):
            hint = "letters, digits and _, and not a reserved word"
            yield entry.problem(("symbols", name), f"{name[:60]!r} is not a valid symbol", hint)
        elif name not in used:
            yield entry.problem(("symbols", name), f"the expression has no {name!r}", did_you_mean(name, used))


def _without_numbers(entry: Document, law: Law) -> Iterator[Problem]:
    if not law.vectors:
        hint = "give one published number that it reproduces"
        yield entry.problem(("vectors",), "a law needs a vector", hint)
    for at, vector in enumerate(law.vectors):
        path: Path = ("vectors", at)
        if not 0 <= vector.tolerance <= WIDEST:
            message = f"found {vector.tolerance:g}; a fraction from 0 to {WIDEST:g} is expected"
            yield entry.problem((*path, "tolerance"), message)
        for name in law.symbols.keys() - vector.given.keys():
            yield entry.problem((*path, "given"), f"lacks {name!r}")
        for name in vector.given.keys() - law.symbols.keys():
            yield entry.problem((*path, "given", name), f"unknown symbol {name!r}", did_you_mean(name, law.symbols))


def _units(entry: Document, law: Law) -> Iterator[Problem]:
    places: list[tuple[Path, str]] = [(("unit",), law.unit)]
    places += [(("symbols", name, "unit"), symbol.unit) for name, symbol in law.symbols.items()]
    for path, text in places:
        try:
            unit(text)
        except BadUnit as reason:
            yield entry.problem(path, str(reason), reason.hint)


def _vector(entry: Document, path: Path, law: Law, vector: Vector) -> Iterator[Problem]:
    values: dict[str, float] = {}
    published = 0.0
    places = [((*path, "given", name), text, law.units[name]) for name, text in vector.given.items()]
    for place, text, wanted in [*places, ((*path, "result"), vector.result, law.unit)]:
        try:
            amount = parse_amount(text, wanted)
            if not are_compatible(amount.unit, wanted):
                raise BadUnit(f"{text} is {dimension_of(amount.unit)}, where {wanted} is expected")
        except BadUnit as reason:
            yield entry.problem(place, str(reason), reason.hint)
            return
        if place[-1] == "result":
            published = amount.base
        else:
            values[str(place[-1])] = amount.base
    try:
        computed = evaluate(law.tree, values)
    except NoValue as reason:
        yield entry.problem(path, f"the law {reason}")
        return
    if abs(computed - published) > max(vector.tolerance, EXACT) * abs(published):
        off = f", {abs(computed / published - 1):.2%} off" if published else ""
        ours = f"{from_base(computed, parse_amount(vector.result, law.unit).unit):.6g}"
        message = f"the law gives {ours}, the source {vector.result}{off}"
        yield entry.problem((*path, "result"), message, f"the tolerance is {vector.tolerance:.2%}")
