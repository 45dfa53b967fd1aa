"""Short texts from data as HTML: paragraphs, emphasis, code, links and roles. All other characters are literal."""

from __future__ import annotations

import re

from markupsafe import Markup

from stackdoc.render.fences.roles import role
from stackdoc.render.html.element import element, join, link, text
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site

_MARKED = re.compile(
    r"\{(?P<role>[a-z]+)\}`(?P<asked>[^`]+)`(?!`)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<address>[^()\s]+)\)",
    re.DOTALL,
)


def passage(site: Site, words: str, place: Location) -> Markup:
    """Return the text as inline HTML. Raises StackdocError, with the place, for what a role can't find."""
    parts: list[object] = []
    end = 0
    for match in _MARKED.finditer(words):
        parts += [words[end : match.start()], _marked(site, match, place)]
        end = match.end()
    return join([*parts, words[end:]])


def paragraphs(site: Site, words: str, place: Location, name: str = "") -> Markup:
    """Return the text as paragraphs, split at empty lines; `name` is a small label before the first."""
    blocks = [part for part in re.split(r"\n[ \t]*\n", words.strip()) if part.strip()]
    label = element("span", f"{name}.", " ", class_="sd-label") if name and blocks else None
    elements = [
        element("p", label if number == 0 else None, passage(site, part, place)) for number, part in enumerate(blocks)
    ]
    return join(elements)


def plain(words: str) -> str:
    """Return the text without markup, for places that allow no elements; a role becomes its argument."""
    parts: list[str] = []
    end = 0
    for match in _MARKED.finditer(words):
        inner = match["asked"] or match["code"] or plain(match["strong"] or match["em"] or match["label"])
        parts += [words[end : match.start()], inner]
        end = match.end()
    return "".join([*parts, words[end:]])


def _marked(site: Site, match: re.Match[str], place: Location) -> Markup:
    if match["role"]:
        return Markup(role(site, match["role"], " ".join(match["asked"].split()), place.file, place.line))
    if match["code"]:
        return element("code", " ".join(match["code"].split()))
    if match["label"]:
        return link(passage(site, match["label"], place), match["address"])
    name = "strong" if match["strong"] else "em"
    return element(name, passage(site, match[name], place)) if match[name] else text(match[0])
