"""The fence and the role `calc`: a law with numbers put in, each leading to where it is from, and its result."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from markupsafe import Markup

from stackdoc.errors import StackdocError
from stackdoc.laws.expression import Tree
from stackdoc.laws.latex import latex, text
from stackdoc.laws.law import Law
from stackdoc.render.fences.fence import Fence
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join
from stackdoc.render.html.formulas import equation
from stackdoc.render.values.machine_switch import Choice, choices, variants
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.shown import uncounted
from stackdoc.stack.laws.sum import Absent, Asked, Term, Worked
from stackdoc.stack.laws.working import ABOVE, ORIGINS, asked, flat, is_measured, worked

OPTIONS = {"with": (dict,), "in": (str,), "as": (str,)}
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def fence(found: Fence) -> Markup:
    """`calc: kv-cache-bytes` and `with:` a mapping of symbols to `{fact: id}`, `{given: 8192 token}` and their kin."""
    name = found.text("as")
    if name and not NAME.fullmatch(name):
        raise found.places["as"].refuse(f"{name!r} is no name of a sum", "small letters, digits and hyphens")
    first, own = handbook(found.site).sums.get((found.place.file, name)), {"calc": found.subject, **found.options}
    if first and first.last < found.place.line and first.keys != own:
        raise found.places["as"].refuse(f"a sum {name!r} stands on line {first.line} already", "give it another name")
    sum = asked(found.site, found.subject, own, found.place, found.places)
    if found.assets is not None and (name or "sum" in repr(sum.inputs)):
        found.assets.lasting = False  # it rests on what stands above it
    shown = by_choice(found.site, sum, lambda done: _block(done, found.place), "div")
    return element("div", shown, class_="sd-calc", id=f"sum-{name}" if name else None)


def role(site: Site, words: str, place: Location) -> Markup:
    """`kv-cache-bytes layers=fact:llama3-70b-layers tokens=8192 in GB`: the result alone, the sum as its title."""
    sum = asked(site, *_read(words, place), place, {})

    def number(done: Worked) -> Markup:
        return element("a", done.number, class_="sd-summed", href=f"/laws/#law-{done.law.id}", title=sentence(done))

    return by_choice(site, sum, number, "span")


def by_choice(site: Site, sum: Asked, write: Callable[[Worked], Markup], name: str) -> Markup:
    """The sum on each machine that may be chosen; once, where no number of it is measured."""

    def written(choice: Choice) -> Markup:
        try:
            return write(worked(site, sum, choice))
        except Absent as reason:
            return _missing(sum, f"not measured on {choice.label}: {reason}", name)

    default = written(choices(site)[0])
    return variants(site, default, written, name) if is_measured(site, sum) else default


def sentence(done: Worked) -> str:
    """The sum in plain words, for a title."""
    terms = "; ".join(f"{spoken(term.symbol)} {term.words} ({term.origin})" for term in flat(done.terms))
    interval = f", {done.interval} by the interval of what was measured" if done.interval else ""
    return f"{done.law.name}: {plain(done.law.expression)}, with {terms}{interval}"


def spoken(symbol: str) -> str:
    return symbol.replace("_", " ")


def plain(expression: str) -> str:
    """The formula for where no mathematics may stand."""
    return spoken(" ".join(expression.replace("**", "^").replace("*", "·").split()))


def formula(law: Law, place: Location) -> Markup:
    """The law itself, its symbols in words."""
    return _equation(law.tree, {name: spoken(name) for name in law.symbols}, "", place, plain(law.expression))


def _block(done: Worked, place: Location) -> Markup:
    """The law, the numbers put in and where each is from, and the result; it reads the same on paper."""
    law = done.law
    name = element("a", law.name, href=f"/laws/#law-{law.id}")
    interval = f" ({done.interval} by the interval of what was measured)" if done.interval else ""
    numbers = {term.symbol: uncounted(term.words) for term in done.terms}
    return join(
        [
            element("p", name, ": ", element("strong", done.number), interval, class_="sd-calc__result"),
            formula(law, place),
            _terms(done),
            _equation(law.tree, numbers, done.text, place, f"{plain(law.expression)} = {done.text}"),
        ]
    )


def _terms(done: Worked) -> Markup:
    rows = [(spoken(term.symbol), _term(term, done.law.symbols[term.symbol].means)) for term in done.terms]
    return document.definitions(rows, TERSE) or Markup()


def _term(term: Term, means: str) -> Markup:
    """`80, transformer layers (assumed)`; a sum within shows its own numbers below, one from above does not again."""
    said = join([term.written, element("span", f", {means} ({term.origin})", class_="sd-small")])
    return join([said, _terms(term.inner)]) if term.inner and term.origin != ABOVE else said


def _equation(tree: Tree, words: dict[str, str], result: str, place: Location, otherwise: str) -> Markup:
    """The formula set, or as plain text where it is too long to be."""
    source = latex(tree, words)
    try:
        return equation(f"{source} = {text(result)}" if result else source, place)
    except StackdocError:
        return element("p", element("code", otherwise))


def _missing(sum: Asked, reason: str, name: str) -> Markup:
    words = f"not measured here ({sum.law.name})" if name == "div" else "not measured here"
    return element("p" if name == "div" else "span", words, class_="sd-missing", title=reason)


def _read(words: str, place: Location) -> tuple[str, dict[str, object]]:
    """A role's law, symbols and unit. A value with spaces stands in quotes: `bandwidth="3.35 TB/s"`."""
    try:
        law, *parts = shlex.split(words)
    except ValueError as reason:
        raise place.refuse(f"{words!r} can't be read: {reason}", "write LAW SYMBOL=VALUE … in UNIT") from None
    unit = ""
    if len(parts) >= 2 and parts[-2] == "in":
        *parts, _, unit = parts
    inputs: dict[str, object] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise place.refuse(f"{part!r} is no SYMBOL=VALUE", 'a value with a space stands in quotes: x="3.35 TB/s"')
        if name in inputs:
            raise place.refuse(f"{name!r} stands twice")
        origin, colon, rest = value.partition(":")
        inputs[name] = {origin: rest} if colon and origin in ORIGINS else value
    return law, {"with": inputs, "in": unit}


def rests_on_page(words: str) -> bool:
    """Whether a fence or role names a sum above it, so that the same words may mean another on another page."""
    return re.search(r"\bsum[\"']?\s*:", words) is not None
