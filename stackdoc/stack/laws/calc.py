"""The fence and the role `calc`: a law, its inputs with links to their sources, and the result."""

from __future__ import annotations

import re
import shlex
from collections import Counter
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
from stackdoc.stack.laws.calculation import Calculation, NotMeasured, Result, Term
from stackdoc.stack.laws.compute import EARLIER, ORIGINS, compute, depends_on_machine, flatten, read_calculation
from stackdoc.stack.laws.formatting import without_count

OPTIONS = {"with": (dict,), "in": (str,), "as": (str,)}
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def calc_fence(fence: Fence) -> Markup:
    """Render a fence `calc: LAW`; its key `with` maps symbols to inputs such as `{fact: id}` or `{given: 8 token}`.

    Raises StackdocError for an invalid or duplicate name and for whatever is wrong with the inputs.
    """
    name = fence.text("as")
    if name and not NAME.fullmatch(name):
        raise fence.places["as"].refuse(f"{name!r} is not a valid name", "use lower-case letters, digits and hyphens")
    first, own = (
        handbook(fence.site).uses.calculations.get((fence.place.file, name)),
        {"calc": fence.subject, **fence.options},
    )
    if first and first.last < fence.place.line and first.keys != own:
        raise fence.places["as"].refuse(
            f"duplicate name {name!r}, first used on line {first.line}", "choose another name"
        )
    calculation = read_calculation(fence.site, fence.subject, own, fence.place, fence.places)
    if fence.assets is not None and (name or "sum" in repr(calculation.inputs)):
        fence.assets.cacheable = False  # it depends on the fences above it
    shown = by_choice(fence.site, calculation, lambda result: _block(result, fence.place), "div")
    return element("div", shown, class_="sd-calc", id=f"sum-{name}" if name else None)


def calc_role(site: Site, words: str, place: Location) -> Markup:
    """Render a role such as `kv-cache-bytes layers=fact:llama3-70b-layers tokens=8192 in GB`.

    It shows the result; the calculation is the title of the link.
    """
    calculation = read_calculation(site, *_parse_role(words, place), place, {})

    def number(result: Result) -> Markup:
        return element(
            "a", result.number, class_="sd-summed", href=f"/laws/#law-{result.law.id}", title=sentence(result)
        )

    return by_choice(site, calculation, number, "span")


def by_choice(site: Site, calculation: Calculation, write: Callable[[Result], Markup], name: str) -> Markup:
    """Render the result for each selectable machine, or once if no input is measured."""

    def written(choice: Choice) -> Markup:
        try:
            return write(compute(site, calculation, choice))
        except NotMeasured as reason:
            return _missing(calculation, f"not measured on {choice.label}: {reason}", name)

    default = written(choices(site)[0])
    return variants(site, default, written, name) if depends_on_machine(site, calculation) else default


def sentence(result: Result) -> str:
    """Return the calculation as plain text, for a title."""
    terms = "; ".join(f"{readable(term.symbol)} {term.words} ({term.origin})" for term in flatten(result.terms))
    interval = f", {result.interval} from the interval of the measurement" if result.interval else ""
    return f"{result.law.name}: {plain_formula(result.law.expression)}, with {terms}{interval}"


def readable(symbol: str) -> str:
    return symbol.replace("_", " ")


def plain_formula(expression: str) -> str:
    """Return the formula as plain text."""
    return readable(" ".join(expression.replace("**", "^").replace("*", "·").split()))


def formula(law: Law, place: Location) -> Markup:
    """Typeset the law with its symbols spelled out."""
    return _equation(law.tree, {name: readable(name) for name in law.symbols}, "", place, plain_formula(law.expression))


def _block(result: Result, place: Location) -> Markup:
    """Render the law, its inputs with their sources, and the result; it reads the same on paper."""
    law = result.law
    name = element("a", law.name, href=f"/laws/#law-{law.id}")
    interval = f" ({result.interval} from the interval of the measurement)" if result.interval else ""
    numbers = {term.symbol: without_count(term.words) for term in result.terms}
    return join(
        [
            element("p", name, ": ", element("strong", result.number), interval, class_="sd-calc__result"),
            formula(law, place),
            _equation(law.tree, numbers, result.text, place, f"{plain_formula(law.expression)} = {result.text}"),
            element("details", element("summary", _origins(result)), _terms(result)),
        ]
    )


def _origins(result: Result) -> str:
    """Return how many inputs are cited, measured, assumed: `4 assumed, 1 cited`."""
    counts = Counter(term.origin for term in result.terms)
    return "Where the numbers come from: " + ", ".join(f"{number} {origin}" for origin, number in counts.items())


def _terms(result: Result) -> Markup:
    rows = [(readable(term.symbol), _term(term, result.law.symbols[term.symbol].means)) for term in result.terms]
    return document.definitions(rows, TERSE) or Markup()


def _term(term: Term, means: str) -> Markup:
    """Render an input: `80, transformer layers (assumed)`.

    An inner calculation lists its own inputs below, unless they appear above on the page already.
    """
    shown = join([term.written, element("span", f", {means} ({term.origin})", class_="sd-small")])
    return join([shown, _terms(term.inner)]) if term.inner and term.origin != EARLIER else shown


def _equation(tree: Tree, words: dict[str, str], result: str, place: Location, otherwise: str) -> Markup:
    """Typeset the formula, or show it as plain text if it is too long."""
    source = latex(tree, words)
    try:
        return equation(f"{source} = {text(result)}" if result else source, place)
    except StackdocError:
        return element("p", element("code", otherwise))


def _missing(calculation: Calculation, reason: str, name: str) -> Markup:
    words = f"not measured here ({calculation.law.name})" if name == "div" else "not measured here"
    return element("p" if name == "div" else "span", words, class_="sd-missing", title=reason)


def _parse_role(words: str, place: Location) -> tuple[str, dict[str, object]]:
    """Parse the text of a role into its law and options; a value with spaces is quoted: `bandwidth="3.35 TB/s"`."""
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
            raise place.refuse(f"{part!r} is not SYMBOL=VALUE", 'quote a value that contains a space: x="3.35 TB/s"')
        if name in inputs:
            raise place.refuse(f"duplicate symbol {name!r}")
        origin, colon, rest = value.partition(":")
        inputs[name] = {origin: rest} if colon and origin in ORIGINS else value
    return law, {"with": inputs, "in": unit}


def depends_on_page(words: str) -> bool:
    """Whether the text of a fence or role refers to an earlier calculation on its page."""
    return re.search(r"\bsum[\"']?\s*:", words) is not None
