"""What index and pages say of a system alike: names, places, state, and whether it runs here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html.element import element, join, link
from stackdoc.render.pages.listings import date
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.pages import place_link

ADDRESS = re.compile(r"(https?://[^\s;,]+[^\s;,.])")
NO_STATE = {  # by kind, or by what of it
    "hardware": "none: a thing is not released",
    "technique": "none: a technique is not released",
    "model": "none: weights stay as they were published",
    "document format": "none: a form of document is not released",
}
NO_MAKER = "none: a class, not one product"
NOT_STATED = "no dated source found"


def aliases(one: System) -> str:
    return ", ".join(one.aliases)


def said(parts: Iterable[object]) -> Markup:
    return join([part for part in parts if part], " ")


def places(site: Site, one: System) -> Markup:
    known = {layer.id for layer in handbook(site).stack.places}
    found = join([place_link(handbook(site).stack, id) for id in (one.layer, *one.also) if id in known], ", ")
    return join([found, one.reason], ": ") if found and one.reason else said([found, one.reason])


def notes(site: Site, one: System) -> Markup:
    other = handbook(site).systems.get(one.homonym_of)
    return said(
        [
            _linked(one.note),
            join(["Not ", element("a", other.name, href=f"/systems/#{other.id}"), "."]) if other else "",
        ]
    )


def state_word(one: System) -> str:
    """The state, or why there is none: what has no home page is nobody's product."""
    if one.status:
        return one.status.state
    by_kind = NO_STATE.get(one.subkind) or ("" if one.home else NO_STATE.get(one.kind, NO_MAKER))
    return by_kind or NOT_STATED


def state(one: System) -> object:
    """`active, 2026-10: release 2.15.0; pytorch.org`; why there is none otherwise."""
    if not one.status:
        return state_word(one)
    return join([one.status.state, ", ", date(one.status.as_of), ": ", _linked(one.status.source)])


def _linked(words: str) -> Markup:
    """The words, each address in them as a link by the name of its host."""
    return join([link(part.split("/")[2], part) if ADDRESS.fullmatch(part) else part for part in ADDRESS.split(words)])


def why_none(site: Site, one: System) -> Markup:
    """Why no example runs it, with the examples named in it as links."""
    known = re.split(rf"({'|'.join(map(re.escape, site.examples))})\b", one.runs) if site.examples else [one.runs]
    return join([element("a", part, href=f"/examples/{part}/") if part in site.examples else part for part in known])
