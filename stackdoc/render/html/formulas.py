"""LaTeX formulas converted to MathML during the build; browsers draw it without our scripts or fonts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markupsafe import Markup

from stackdoc.render.html.element import element
from stackdoc.render.values.points import Location

LONGEST = 1000  # characters
DEEPEST = 40  # braces within braces
ARGUMENTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
KNOWN = {*ARGUMENTS, "math", "mi", "mn", "mo", "mtext", "mspace", "mrow", "msqrt", "mtable", "mtr", "mtd", "mstyle"}
ATTRIBUTES = {
    *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form", "separator"),
    *(
        "linethickness",
        "width",
        "accent",
        "movablelimits",
        "largeop",
        "symmetric",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
    ),
    *("columnalign", "columnspacing", "rowspacing", "columnlines", "rowlines"),
}


def formula(latex: str, place: Location, block: bool = False) -> Markup:
    """Return the formula as `<math>` with its LaTeX as alternative text. Raises StackdocError if it is invalid."""
    from latex2mathml.converter import convert_to_element  # only for a page that has a formula

    source = " ".join(latex.split())
    _balanced(source, place)
    try:
        tree = convert_to_element(source, display="block" if block else "inline")
    except Exception as error:  # the converter's errors have no common class; the name of each describes the problem
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).removesuffix(" Error").lower()
        raise place.refuse(f"{_short(source)} is not a valid formula: {words}") from None
    for problem in _problems(tree):
        raise place.refuse(f"{_short(source)} can't be converted: {problem}")
    return Markup(element("math", *(_rebuilt(child) for child in tree), display=tree.get("display"), alttext=source))


def equation(latex: str, place: Location, number: str = "", anchor: str = "") -> Markup:
    """Return a formula on its own line; its number, if it has one, links to it."""
    link = element("a", f"({number})", class_="sd-formula__number", href=f"#{anchor}") if number else None
    return element(
        "div",
        formula(latex, place, block=True),
        link,
        class_="sd-formula",
        id=anchor or None,
        tabindex="0",  # a long formula scrolls sideways on a phone
        role="group",
        aria_label=f"Formula {number}".strip(),
    )


def _balanced(source: str, place: Location) -> None:
    """Refuse unbalanced braces: the converter would accept them and produce another formula."""
    if not source or len(source) > LONGEST:
        raise place.refuse(f"a formula has 1 to {LONGEST} characters, this one {len(source)}")
    depth = 0
    for brace in re.findall(r"\\.|([{}])", source):
        depth += {"{": 1, "}": -1, "": 0}[brace]
        if depth < 0:
            break
        if depth > DEEPEST:
            raise place.refuse(f"{_short(source)} is nested too deeply")
    if depth:
        raise place.refuse(f"{_short(source)} has unbalanced braces")


def _short(source: str) -> str:
    return repr(source if len(source) <= 60 else f"{source[:59]}…")


def _problems(node: Element) -> Iterator[str]:
    """Yield what the converter lets through although browsers can't draw it or it is unsafe to publish."""
    text = html.unescape(node.text or "")
    unknown = [name for name in node.attrib if name not in ATTRIBUTES and (node.tag, name) != ("math", "xmlns")]
    if re.match(r"\\[A-Za-z]", text):
        yield f"{text} is not a known command"
    elif node.tag == "mi" and text in ("&", "\\"):
        yield f"{text} has no meaning here"
    elif node.tag not in KNOWN or unknown:
        yield f"{', '.join(unknown) or node.tag} is not allowed"
    elif len(node) != ARGUMENTS.get(node.tag, len(node)):
        yield "an argument is missing"
    for child in node:
        yield from _problems(child)


def _rebuilt(node: Element) -> Markup:
    text = html.unescape(node.text or "")
    if node.tag == "mtext":  # the converter leaves escapes in text as they are
        text = re.sub(r"\\([%#&$_{}])", r"\1", text)
    return element(node.tag, text or None, *(_rebuilt(child) for child in node), **node.attrib)
