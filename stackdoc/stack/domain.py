"""Everything that the handbook adds to the pages of the engine, as one `Domain`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem
from stackdoc.model.example import Example
from stackdoc.render.citation import cite, head
from stackdoc.render.citation.formats import url
from stackdoc.render.domain import Domain, Group
from stackdoc.render.html.element import element, line, without_backticks
from stackdoc.render.html.page import Assets, Page
from stackdoc.site.site import Site
from stackdoc.stack import fences, for_programs, indexes, roles
from stackdoc.stack.claims import locations
from stackdoc.stack.claims.block import verdicts_of_record
from stackdoc.stack.decisions import page as decisions_page
from stackdoc.stack.facts import citation, numbers_page
from stackdoc.stack.gaps import reasons
from stackdoc.stack.glossary.marker import marker
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.laws import page as laws_page
from stackdoc.stack.laws.curve import curve
from stackdoc.stack.layers import frame, waterfall
from stackdoc.stack.layers import pages as layer_pages
from stackdoc.stack.merge import crosswalk, disagreements
from stackdoc.stack.results import cards
from stackdoc.stack.sceptic import findings
from stackdoc.stack.search.hints import search_hints
from stackdoc.stack.subject import SUBJECT
from stackdoc.stack.systems import compare as alternatives_page
from stackdoc.stack.systems import index as systems_index
from stackdoc.stack.systems import page as system_page
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies import pages as source_pages


def pages(site: Site, taken: Collection[str], assets: Assets | None) -> Iterator[Page]:
    """Yield every page of the handbook, except hand-written layer pages in `taken`."""
    book = handbook(site)
    if book.stack.layers:
        yield from layer_pages.pages(site, taken)
    if book.stack.sources:
        yield from source_pages.pages(site)
        yield crosswalk.page(site)
        yield from disagreements.pages(site)
    yield from indexes.pages(site)
    if book.numbers:
        yield numbers_page.page(site)
    if book.laws:
        yield laws_page.page(site)
    if book.decisions:
        yield decisions_page.page(site)
    if book.systems:
        yield from systems_index.pages(site, assets)
    if book.alternatives:
        yield alternatives_page.page(site)


def groups(site: Site, examples: Sequence[Example]) -> list[Group]:
    """Group the examples by layer from the top down, then by plane; those without a layer come last."""
    stack = handbook(site).stack
    places = [*reversed(stack.layers), *stack.planes]
    ids = {place.id for place in places}
    of_layers = [
        Group(place.name, f"/layers/{place.id}/", tuple(example for example in examples if example.layer == place.id))
        for place in places
    ]
    return [*of_layers, Group("No layer", "", tuple(example for example in examples if example.layer not in ids))]


def home(site: Site, example: Example) -> Markup | None:
    """Link an example to its layer."""
    ids = {place.id for place in handbook(site).stack.places}
    address = f"/layers/{example.layer}/"
    return element("a", f"layer {example.layer}", href=address) if example.layer in ids else None


def layer_of(site: Site, source: str) -> str:
    """Return the layer or plane whose page `source` is, or an empty string."""
    match = re.fullmatch(r"layers/(.+)\.md", source)
    return match[1] if match and match[1] in {place.id for place in handbook(site).stack.places} else ""


def system_of(site: Site, source: str) -> System | None:
    """Return the system whose hand-written page `source` is, if any."""
    match = re.fullmatch(r"systems/(.+)\.md", source)
    book = handbook(site)
    return book.systems.get(match[1]) if match and match[1] in book.system_texts else None


def framed(site: Site, source: str, html: str, reviewed: str, fitted: Callable[[str], str]) -> str | None:
    """Add the frame to the page of a layer or of a system; None for any other page."""
    if layer := layer_of(site, source):
        return frame.framed(site, layer, html, reviewed, fitted)
    if system := system_of(site, source):
        return system_page.framed(html, fitted(str(system_page.head(site, system, reviewed))))
    return None


def tail(site: Site, source: str, markdown: str) -> str:
    """Return the generated end of the page of a system."""
    system = system_of(site, source)
    blocks = system_page.tail(site, system, markdown) if system else []
    return "\n\n".join(str(block) for block in blocks if block)


def tags(site: Site, source: str) -> str:
    """Return the citation tags for the head of a layer page."""
    layer = layer_of(site, source)
    if not layer:
        return ""
    address = url(site.address, f"/layers/{layer}/")
    return str(head.of_report(site, cite.reference(site, layer), description(site, source), address))


def description(site: Site, source: str) -> str:
    """Describe the layer or system of that page in one sentence from its data."""
    if layer := layer_of(site, source):
        place = handbook(site).stack.place(layer)
        return without_backticks(line(place.summary or place.question))
    if system := system_of(site, source):
        return without_backticks(line(f"{system.name}: {system.purpose or system.kind}"))
    return ""


def text(site: Site, source: str) -> str:
    """Return the written text of a layer page, whose revision its frame and its tags cite."""
    return handbook(site).layer_texts.get(layer_of(site, source), "")


def problems(site: Site) -> Iterator[Problem]:
    """Yield the problems of numbers, claims and gaps that only the records reveal."""
    yield from numbers_page.problems(site)
    yield from locations.problems(site)
    yield from reasons.problems(site)
    yield from cards.problems(site)


def ranks(site: Site) -> dict[str, int]:
    """Rank the pages for the navigation: layers from the top down, then planes, then sources."""
    stack = handbook(site).stack
    layers = sorted(stack.layers, key=lambda layer: (-layer.height, layer.stage))
    ids = [*(place.id for place in (*layers, *stack.planes)), *(taxonomy.source.id for taxonomy in stack.sources)]
    return {id: rank for rank, id in enumerate(ids)}


STACK = Domain(
    **vars(SUBJECT),
    directives=fences.DIRECTIVES,
    roles=roles.ROLES,
    curve=curve,
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
    text=text,
    marker=marker,
    problems=problems,
    exports=for_programs.files,
    sceptic=findings.findings,
    sceptic_notes=findings.notes,
    ranks=ranks,
    search_hints=search_hints,
)
