"""A short text from data as HTML: paragraphs, emphasis, code, links and roles. All else in it means only itself."""

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
    r"|\[(?P<label>[^\]]+)\]\((?P<address>[^()\s]+)\)",
    re.DOTALL,
)


def passage(site: Site, words: str, place: Location) -> Markup:
    """The text as HTML that stands within a line. Raises StackdocError, with the place, for what a role can't find."""
    parts: list[object] = []
    end = 0
    for found in _MARKED.finditer(words):
        parts += [words[end : found.start()], _marked(site, found, place)]
        end = found.end()
    return join([*parts, words[end:]])


def paragraphs(site: Site, words: str, place: Location, name: str = "") -> Markup:
    """The text as paragraphs, parted by empty lines; `name` says in small what the first one is."""
    said = [part for part in re.split(r"\n[ \t]*\n", words.strip()) if part.strip()]
    label = element("span", f"{name}.", " ", class_="sd-label") if name and said else None
    made = [element("p", label if at == 0 else None, passage(site, part, place)) for at, part in enumerate(said)]
    return join(made)


def plain(words: str) -> str:
    """The text without its marks, for where no element may stand; of a role, what it asks for."""
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(words):
        inner = found["asked"] or found["code"] or plain(found["strong"] or found["em"] or found["label"])
        parts += [words[end : found.start()], inner]
        end = found.end()
    return "".join([*parts, words[end:]])


def _marked(site: Site, found: re.Match[str], place: Location) -> Markup:
    if found["role"]:
        return Markup(role(site, found["role"], " ".join(found["asked"].split()), place.file, place.line))
    if found["code"]:
        return element("code", " ".join(found["code"].split()))
    if found["label"]:
        return link(passage(site, found["label"], place), found["address"])
    name = "strong" if found["strong"] else "em"
    return element(name, passage(site, found[name], place)) if found[name] else text(found[0])
