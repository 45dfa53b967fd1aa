"""The table of a layer's systems."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.render.html.element import element, join, link
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages.listings import date
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.links import qualified_link


def systems_table(site: Site, layer: str) -> Markup:
    """Tabulate the systems of a layer, those whose main layer it is first."""
    systems = [system for system in handbook(site).systems.values() if layer in (system.layer, *system.also)]
    names = {place.id: place.name for place in handbook(site).stack.places}
    rows = []
    for system in sorted(systems, key=lambda system: (system.layer != layer, system.name.lower())):
        others = [id for id in (system.layer, *system.also) if id != layer and id in names]
        rows.append(
            [
                element("a", system.name, href=address(site, system), id=f"system-{system.id}"),
                f"{system.kind}, {system.subkind}" if system.subkind else system.kind,
                join([qualified_link(mention) for mention in system.mentions], ", ") or NONE,
                join([element("a", names[id], href=f"/layers/{id}/") for id in others], ", ") or NONE,
                _status(system),
            ]
        )
    heads = [(name, False) for name in ("system", "kind", "named by", "also in", "state")]
    return table(heads, rows, f"Systems that the sources place in {names[layer]}.", stacked=True)


def _status(system: System) -> Markup | str:
    if system.status is None:
        return NONE
    return join([link(system.status.state, system.status.source), date(f"({system.status.as_of})")], " ")


def has_page(site: Site, system: System) -> bool:
    """Whether the system has its own page: an example runs it, or its text is hand-written."""
    return bool(system.examples) or system.id in handbook(site).system_texts


def address(site: Site, system: System) -> str:
    return f"/systems/{system.id}/" if has_page(site, system) else f"/systems/#{system.id}"
