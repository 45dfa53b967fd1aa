"""Details of a system that the index and its own page share: names, layers, state, and why it is not run."""

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
NO_STATE = {  # by kind or subkind
    "hardware": "none: hardware has no releases",
    "technique": "none: a technique has no releases",
    "model": "none: published weights do not change",
    "document format": "none: a document format has no releases",
}
CLASS_OF_PRODUCTS = "none: a class of products"
NOT_STATED = "no dated source found"


def aliases(system: System) -> str:
    return ", ".join(system.aliases)


def join_parts(parts: Iterable[object]) -> Markup:
    return join([part for part in parts if part], " ")


def places(site: Site, system: System) -> Markup:
    known = {layer.id for layer in handbook(site).stack.places}
    layers = join([place_link(handbook(site).stack, id) for id in (system.layer, *system.also) if id in known], ", ")
    return join([layers, system.reason], ": ") if layers and system.reason else join_parts([layers, system.reason])


def notes(site: Site, system: System) -> Markup:
    homonym = handbook(site).systems.get(system.homonym_of)
    return join_parts(
        [
            _linked(system.note),
            join(["Not ", element("a", homonym.name, href=f"/systems/#{homonym.id}"), "."]) if homonym else "",
        ]
    )


def state_word(system: System) -> str:
    """Return the state, or why there is none: a system without a home page is not a single product."""
    if system.status:
        return system.status.state
    by_kind = NO_STATE.get(system.subkind) or ("" if system.home else NO_STATE.get(system.kind, CLASS_OF_PRODUCTS))
    return by_kind or NOT_STATED


def state(system: System) -> object:
    """Render the state with date and source, such as `active, 2026-10: release 2.15.0; pytorch.org`."""
    if not system.status:
        return state_word(system)
    return join([system.status.state, ", ", date(system.status.as_of), ": ", _linked(system.status.source)])


def _linked(words: str) -> Markup:
    """Turn each address in the text into a link with the name of its host."""
    return join([link(part.split("/")[2], part) if ADDRESS.fullmatch(part) else part for part in ADDRESS.split(words)])


def why_not_run(site: Site, system: System) -> Markup:
    """Render the reason why no example runs the system, with the examples that it names as links."""
    parts = re.split(rf"({'|'.join(map(re.escape, site.examples))})\b", system.runs) if site.examples else [system.runs]
    return join([element("a", part, href=f"/examples/{part}/") if part in site.examples else part for part in parts])
