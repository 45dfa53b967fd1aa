"""Formulas: LaTeX in, MathML out, at build. Browsers draw it without a script or a font of ours."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
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
    """The formula as `<math>`, its LaTeX as alternative text. Raises StackdocError for what can't be set."""
    source = " ".join(latex.split())
    _balanced(source, place)
    try:
        tree = convert_to_element(source, display="block" if block else "inline")
    except Exception as error:  # the converter's errors have no common class; each says by its name what is wrong
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).removesuffix(" Error").lower()
        raise place.refuse(f"{_short(source)} is no formula: {words}") from None
    for fault in _faults(tree):
        raise place.refuse(f"{_short(source)} can't be set: {fault}")
    return Markup(element("math", *(_set(child) for child in tree), display=tree.get("display"), alttext=source))


def equation(latex: str, place: Location, number: str = "", anchor: str = "") -> Markup:
    """A formula on a line of its own; its number, if it has one, is the link to it."""
    link = element("a", f"({number})", class_="sd-formula__number", href=f"#{anchor}") if number else None
    return element(
        "div",
        formula(latex, place, block=True),
        link,
        class_="sd-formula",
        id=anchor or None,
        tabindex="0",  # a long one scrolls sideways on a phone
        role="group",
        aria_label=f"Formula {number}".strip(),
    )


def _balanced(source: str, place: Location) -> None:
    """The converter forgives a missing brace and sets something else."""
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
        raise place.refuse(f"{_short(source)} has a brace without its other half")


def _short(source: str) -> str:
    return repr(source if len(source) <= 60 else f"{source[:59]}…")


def _faults(node: Element) -> Iterator[str]:
    """What the converter passes on although no browser would draw it, or nobody should publish it."""
    text = html.unescape(node.text or "")
    strange = [name for name in node.attrib if name not in ATTRIBUTES and (node.tag, name) != ("math", "xmlns")]
    if re.match(r"\\[A-Za-z]", text):
        yield f"{text} is no known command"
    elif node.tag == "mi" and text in ("&", "\\"):
        yield f"{text} has no meaning here"
    elif node.tag not in KNOWN or strange:
        yield f"{', '.join(strange) or node.tag} is not allowed"
    elif len(node) != ARGUMENTS.get(node.tag, len(node)):
        yield "an argument is missing"
    for child in node:
        yield from _faults(child)


def _set(node: Element) -> Markup:
    text = html.unescape(node.text or "")
    return element(node.tag, text or None, *(_set(child) for child in node), **node.attrib)
