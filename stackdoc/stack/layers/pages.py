"""The generated pages of layers and planes, and the parts of them that hand-written pages include."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from markupsafe import Markup

from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import example_tables
from stackdoc.render.values.points import selected_keys
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import claims_table
from stackdoc.stack.facts.tables import facts_table
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers import tower
from stackdoc.stack.layers.frame import margin
from stackdoc.stack.layers.types import Layer, Stack
from stackdoc.stack.merge.disagreements import concerning
from stackdoc.stack.systems.table import systems_table
from stackdoc.stack.taxonomies.pages import place_link, relation_label, row_link, row_reference
from stackdoc.stack.taxonomies.types import Mapping as Placement
from stackdoc.stack.taxonomies.types import SourceLayer, Taxonomy


def pages(site: Site, taken: Collection[str] = ()) -> Iterator[Page]:
    """Yield the index, and a page for each layer and plane whose path is not `taken` by a hand-written page."""
    yield _index(site)
    yield from (_page(site, layer) for layer in handbook(site).stack.places if f"layers/{layer.id}.md" not in taken)


def _index(site: Site) -> Page:
    stack = handbook(site).stack
    rows = [
        document.row(place_link(stack, layer.id), layer.height or "plane", layer.question, layer.summary)
        for layer in (*reversed(stack.layers), *stack.planes)
    ]
    caption = "Layers from the top down, then the planes"
    return document.page(
        "layers/index.md",
        "Layers and planes",
        f"The {len(stack.layers)} layers and {len(stack.planes)} planes of the merged stack.",
        [
            tower.tower(site),
            document.heading("As a table", "table"),
            document.table(caption, ("Layer", "Height", "Question", "Answer"), rows),
        ],
    )


def _page(site: Site, layer: Layer) -> Page:
    stack = handbook(site).stack
    blocks: list[str | Markup | None] = [
        margin(site, layer.id),
        document.paragraph(layer.question, class_="sd-lede"),
        document.paragraph(layer.summary),
    ]
    sections = (
        ("Boundary", "boundary", [boundary(layer), _dependencies(stack, layer)]),
        ("What the sources call this", "sources", [source_chips(stack, layer.id), source_texts(stack, layer.id)]),
        ("Subjects", "holds", [_atoms(stack, layer)]),
        ("Measured", "measured", _measured(site, layer)),
        ("What the sources claim", "claims", [_claims(site, layer)]),
        ("Cited numbers", "facts", [_facts(site, layer)]),
        ("Trade-offs the sources name", "trade-offs", [_tradeoffs(stack, layer)]),
        ("Systems", "systems", [_systems(site, layer)]),
        ("Disagreements", "disagreements", [concerning(site, layer.id)]),
        ("Cite this page", "cite", [cite.block(site, cite.reference(site, layer.id))]),
    )
    for title, anchor, section_blocks in sections:
        non_empty = [part for part in section_blocks if part]
        blocks += [document.heading(title, anchor), *non_empty] if non_empty else []
    return document.page(f"layers/{layer.id}.md", layer.name, layer.summary or layer.question, blocks)


def boundary(layer: Layer) -> Markup | None:
    """List what the layer takes, what it gives, and what belongs elsewhere."""
    parts = (("Takes", layer.takes), ("Gives", layer.gives), ("Not here", layer.not_here))
    return document.definitions([(name, document.listing(items)) for name, items in parts], "sd-boundary")


def _dependencies(stack: Stack, layer: Layer) -> Markup | None:
    edges = stack.dependencies
    needs = [join([place_link(stack, edge.below), f": {edge.reason}"]) for edge in edges if edge.above == layer.id]
    used = [join([place_link(stack, edge.above), f": {edge.reason}"]) for edge in edges if edge.below == layer.id]
    parts = (("Needs", document.listing(needs)), ("Is needed by", document.listing(used)))
    return document.definitions(parts, TERSE)


def rows_of(taxonomy: Taxonomy, id: str) -> tuple[tuple[SourceLayer, Placement], ...]:
    """Return the rows of the source that map to this layer, each with its mapping."""
    return tuple((row, mapping) for row in taxonomy.layers for mapping in row.mappings if mapping.layer == id)


def source_chips(stack: Stack, id: str) -> Markup:
    """Render a chip for each source: its number and name for this layer and the relation, or “not covered”."""
    chips: list[Markup] = []
    for taxonomy in stack.taxonomies:
        rows = rows_of(taxonomy, id)
        for row, mapping in rows:
            chips.append(element("li", row_link(row), f" {row.name} ", relation_label(mapping.relation)))
        if not rows:
            name = element("a", taxonomy.source.id, href=f"/sources/{taxonomy.source.id}/", class_="sd-code")
            chips.append(element("li", name, " ", element("span", "not covered", class_="sd-none")))
    return element("ul", *chips, class_="sd-chips", aria_label="What the sources call this")


def source_texts(stack: Stack, id: str) -> Markup | None:
    """Render what each source says about this layer, in our words; a reprinted row is only a pointer."""
    entries: list[tuple[object, object]] = []
    for taxonomy in stack.taxonomies:
        for row, mapping in rows_of(taxonomy, id):
            if row.same_as:
                reprint = join(["Reprinted from ", row_reference(stack, row.same_as), "."])
                entries.append((row_link(row), element("p", reprint, class_="sd-small")))
                continue
            note = element("p", mapping.note, class_="sd-small") if mapping.note else None
            term = join([row_link(row), element("br"), row.name, element("br"), relation_label(mapping.relation)])
            entries.append((term, join([element("p", row.description), note or ""])))
    return document.definitions(entries)


def _atoms(stack: Stack, layer: Layer) -> Markup | None:
    atoms = [atom for atom in stack.atoms if atom.layer == layer.id]
    if not atoms:
        return None
    rows = []
    for atom in atoms:
        sources = [row_link(row) for taxonomy in stack.taxonomies for row in taxonomy.layers if atom.id in row.atoms]
        rows.append((atom.name, join(sources, ", ") if sources else "no source", atom.note))
    columns, body = document.without_empty_columns(("Subject", "Sources", "Note"), rows)
    return document.table(f"The subjects of {layer.name}", columns, body)


def _measured(site: Site, layer: Layer) -> list[Markup | None]:
    """Render the examples of the layer, each with the table of its figures."""
    blocks: list[Markup | None] = []
    for id, example in sorted(site.examples.items()):
        if example.layer == layer.id:
            title = element("a", example.title, href=f"/examples/{id}/")
            blocks.append(document.paragraph(element("strong", title), f". {example.summary}"))
            blocks.append(example_tables(site, id, partial(selected_keys, selections=())))
    return blocks


def _claims(site: Site, layer: Layer) -> Markup | None:
    claims = [claim for _, claim in sorted(handbook(site).claims.items()) if claim.layer == layer.id]
    return claims_table(site, claims) if claims else None


def _facts(site: Site, layer: Layer) -> Markup | None:
    facts = [fact for _, fact in sorted(handbook(site).facts.items()) if fact.layer == layer.id]
    return facts_table(facts) if facts else None


def _systems(site: Site, layer: Layer) -> Markup | None:
    known = any(layer.id in (system.layer, *system.also) for system in handbook(site).systems.values())
    return systems_table(site, layer.id) if known else None


def _tradeoffs(stack: Stack, layer: Layer) -> Markup | None:
    tradeoffs = [
        join([text, " (", row_link(row), ")"])
        for taxonomy in stack.taxonomies
        for row, _ in rows_of(taxonomy, layer.id)
        if not row.same_as
        for text in row.tradeoffs
    ]
    return document.listing(tradeoffs)
