"""What the handbook adds to the engine's pages, in one table: fences, roles, pages, citations, frames, exports."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem
from stackdoc.model.example import Example
from stackdoc.render.citation import cite, head
from stackdoc.render.domain import Domain, Group
from stackdoc.render.html.element import element, line, without_backticks
from stackdoc.render.html.page import Assets, Page
from stackdoc.site.site import Site
from stackdoc.stack import fences, roles
from stackdoc.stack.claims import locations
from stackdoc.stack.claims.block import verdicts_of_record
from stackdoc.stack.decisions import page as decisions_page
from stackdoc.stack.facts import citation, indexes, numbers_page
from stackdoc.stack.gaps import reasons
from stackdoc.stack.glossary.marker import marker
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.laws import page as laws_page
from stackdoc.stack.layers import frame, waterfall
from stackdoc.stack.layers import pages as layer_pages
from stackdoc.stack.merge import crosswalk, disagreements, exports
from stackdoc.stack.sceptic import findings
from stackdoc.stack.subject import SUBJECT
from stackdoc.stack.systems import compare as alternatives_page
from stackdoc.stack.systems import index as systems_index
from stackdoc.stack.systems import page as system_page
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies import pages as source_pages


def pages(site: Site, taken: Collection[str], assets: Assets | None) -> Iterator[Page]:
    """Every page about layers, sources, claims, cited numbers, decisions, systems and alternatives."""
    known = handbook(site)
    if known.stack.layers:
        yield from layer_pages.pages(site, taken)
    if known.stack.taxonomies:
        yield from source_pages.pages(site)
        yield crosswalk.page(site)
        yield from disagreements.pages(site)
    yield from indexes.pages(site)
    if known.numbers:
        yield numbers_page.page(site)
    if known.laws:
        yield laws_page.page(site)
    if known.decisions:
        yield decisions_page.page(site)
    if known.systems:
        yield from systems_index.pages(site, assets)
    if known.alternatives:
        yield alternatives_page.page(site)


def groups(site: Site, examples: Sequence[Example]) -> list[Group]:
    """The examples by layer, from the top down and then the planes; those of no layer last."""
    stack = handbook(site).stack
    places = [*reversed(stack.layers), *stack.planes]
    known = {place.id for place in places}
    named = [
        Group(place.name, f"/layers/{place.id}/", tuple(one for one in examples if one.layer == place.id))
        for place in places
    ]
    return [*named, Group("No layer", "", tuple(one for one in examples if one.layer not in known))]


def home(site: Site, example: Example) -> Markup | None:
    """The way from an example to its layer."""
    known = {place.id for place in handbook(site).stack.places}
    address = f"/layers/{example.layer}/"
    return element("a", f"layer {example.layer}", href=address) if example.layer in known else None


def layer_of(site: Site, source: str) -> str:
    """The layer or plane whose page `source` is; nothing where it is none's."""
    found = re.fullmatch(r"layers/(.+)\.md", source)
    return found[1] if found and found[1] in {place.id for place in handbook(site).stack.places} else ""


def system_of(site: Site, source: str) -> System | None:
    """The system whose hand-written page `source` is."""
    found = re.fullmatch(r"systems/(.+)\.md", source)
    known = handbook(site)
    return known.systems.get(found[1]) if found and found[1] in known.system_texts else None


def framed(site: Site, source: str, html: str, reviewed: str, fitted: Callable[[str], str]) -> str | None:
    """The page of a layer, complete; that of a system with what is known of it below its title."""
    if layer := layer_of(site, source):
        return frame.framed(site, layer, html, reviewed, fitted)
    if system := system_of(site, source):
        return system_page.framed(html, fitted(str(system_page.head(site, system, reviewed))))
    return None


def tail(site: Site, source: str, markdown: str) -> str:
    """What follows the text of a system's page."""
    system = system_of(site, source)
    blocks = system_page.tail(site, system, markdown) if system else []
    return "\n\n".join(str(block) for block in blocks if block)


def tags(site: Site, source: str) -> str:
    """What reference managers read in the head of a layer's page."""
    layer = layer_of(site, source)
    if not layer:
        return ""
    return str(head.of_report(site, cite.reference(site, layer), description(site, source)))


def description(site: Site, source: str) -> str:
    """The sentence of the data about the layer or system of that page."""
    if layer := layer_of(site, source):
        place = handbook(site).stack.place(layer)
        return without_backticks(line(place.summary or place.question))
    if system := system_of(site, source):
        return without_backticks(line(f"{system.name}: {system.purpose or system.kind}"))
    return ""


def problems(site: Site) -> Iterator[Problem]:
    """What numbers, claims and gaps name and no record or datum has."""
    yield from numbers_page.problems(site)
    yield from locations.problems(site)
    yield from reasons.problems(site)


def ranks(site: Site) -> dict[str, int]:
    """Layers from the top down as the tower is drawn, then planes; sources as they were published."""
    stack = handbook(site).stack
    layers = sorted(stack.layers, key=lambda layer: (-layer.height, layer.stage))
    names = [*(place.id for place in (*layers, *stack.planes)), *(one.source.id for one in stack.taxonomies)]
    return {name: number for number, name in enumerate(names)}


STACK = Domain(
    **vars(SUBJECT),
    directives=fences.DIRECTIVES,
    roles=roles.ROLES,
    figures={"waterfall": waterfall.figure},
    pages=pages,
    reference=citation.reference,
    citable=citation.citable,
    cited=roles.cited,
    local=calc.depends_on_page,
    judged=verdicts_of_record,
    explained=reasons.reasons,
    groups=groups,
    home=home,
    framed=framed,
    tail=tail,
    head=tags,
    description=description,
    marker=marker,
    problems=problems,
    exports=exports.files,
    sceptic=findings.findings,
    sceptic_notes=findings.notes,
    ranks=ranks,
)
