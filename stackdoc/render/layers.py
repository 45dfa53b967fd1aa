"""The pages of layers and planes that nobody wrote by hand, and the parts of them that hand-written pages pull in."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from stackdoc.render import diagrams, document, fences
from stackdoc.render.disagreements import touching
from stackdoc.render.html import element, join
from stackdoc.render.page import Assets, Page
from stackdoc.render.sources import place, qualified, reference, relation, system
from stackdoc.site import Site
from stackdoc.stack import Layer, Stack
from stackdoc.system import System
from stackdoc.taxonomy import Mapping as Placement
from stackdoc.taxonomy import SourceLayer, Taxonomy


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    return (_index(site), *(_page(site, layer, assets) for layer in site.stack.places))


def layer_sections(site: Site, id: str) -> Mapping[str, Markup]:
    """What a hand-written page of this layer may pull in: `tower`, `crosswalk` and `sources`."""
    return {
        "tower": diagrams.locator(site, id),
        "crosswalk": strip(site.stack, id),
        "sources": voices(site.stack, id),
    }


def _index(site: Site) -> Page:
    stack = site.stack
    rows = [
        document.row(place(stack, layer.id), element("td", layer.height or "plane", class_="sd-number"), layer.question, layer.summary)
        for layer in (*reversed(stack.layers), *stack.planes)
    ]
    return document.page(
        "layers/index.md",
        "Layers and planes",
        f"The {len(stack.layers)} layers and {len(stack.planes)} planes of the merged stack.",
        [
            diagrams.tower(site),
            document.heading("The same as a table", "table"),
            document.table("Layers from the top down, then the planes", ("Layer", "Height", "Question", "Answer"), rows),
        ],
    )


def _page(site: Site, layer: Layer, assets: Assets | None) -> Page:
    stack = site.stack
    blocks: list[str | Markup | None] = [
        diagrams.locator(site, layer.id),
        document.paragraph(layer.question, class_="sd-lede"),
        document.paragraph(layer.summary),
    ]
    sections = (
        ("Boundary", "boundary", [boundary(layer), _below(stack, layer)]),
        ("What the sources call this", "sources", [strip(stack, layer.id), voices(stack, layer.id)]),
        ("What it holds", "holds", [_atoms(stack, layer)]),
        ("Measured here", "measured", _measured(site, layer, assets)),
        ("Trade-offs the sources name", "trade-offs", [_tradeoffs(stack, layer)]),
        ("What stands here", "systems", [_systems(site, layer)]),
        ("Disagreements", "disagreements", [touching(site, layer.id)]),
    )
    for title, name, parts in sections:
        present = [part for part in parts if part]
        blocks += [document.heading(title, name), *present] if present else []
    blocks.append(_neighbours(stack, layer))
    return document.page(f"layers/{layer.id}.md", layer.name, layer.summary or layer.question, blocks)


def boundary(layer: Layer) -> Markup | None:
    """What the layer takes from below, gives to what is above, and leaves to others."""
    parts = (("Takes", layer.takes), ("Gives", layer.gives), ("Not here", layer.not_here))
    return document.definitions([(name, document.listing(items)) for name, items in parts], "sd-boundary")


def _below(stack: Stack, layer: Layer) -> Markup | None:
    needs = [join([place(stack, edge.below), f": {edge.reason}"]) for edge in stack.dependencies if edge.above == layer.id]
    used = [join([place(stack, edge.above), f": {edge.reason}"]) for edge in stack.dependencies if edge.below == layer.id]
    return document.definitions((("Needs", document.listing(needs)), ("Is needed by", document.listing(used))))


def rows_of(taxonomy: Taxonomy, id: str) -> tuple[tuple[SourceLayer, Placement], ...]:
    """The source's rows that map to this layer, each with how."""
    return tuple((row, found) for row in taxonomy.layers for found in row.mappings if found.layer == id)


def strip(stack: Stack, id: str) -> Markup:
    """One line of chips, a source each: its number and name for this layer and the relation, or that it has none."""
    chips: list[Markup] = []
    for taxonomy in stack.taxonomies:
        found = rows_of(taxonomy, id)
        for row, mapping in found:
            chips.append(element("li", qualified(row), f" {row.name} ", relation(mapping.relation)))
        if not found:
            name = element("a", taxonomy.source.id, href=f"/sources/{taxonomy.source.id}/", class_="sd-code")
            chips.append(element("li", name, " ", element("span", "not covered", class_="sd-none")))
    return element("ul", *chips, class_="sd-chips", aria_label="What the sources call this")


def voices(stack: Stack, id: str) -> Markup | None:
    """What each source says of this layer, in our words; a row that repeats another is only pointed to."""
    said: list[tuple[object, object]] = []
    for taxonomy in stack.taxonomies:
        for row, mapping in rows_of(taxonomy, id):
            if row.same_as:
                again = join(["Printed again from ", reference(stack, row.same_as), "."])
                said.append((qualified(row), element("p", again, class_="sd-small")))
                continue
            note = element("p", mapping.note, class_="sd-small") if mapping.note else None
            term = join([qualified(row), element("br"), row.name, element("br"), relation(mapping.relation)])
            said.append((term, join([element("p", row.description), note or ""])))
    return document.definitions(said)


def _atoms(stack: Stack, layer: Layer) -> Markup | None:
    atoms = [atom for atom in stack.atoms if atom.layer == layer.id]
    if not atoms:
        return None
    rows = []
    for atom in atoms:
        held = [qualified(row) for taxonomy in stack.taxonomies for row in taxonomy.layers if atom.id in row.atoms]
        rows.append((atom.name, join(held, ", ") if held else "no source", atom.note))
    columns, body = document.filled(("Subject", "Held by", "Note"), rows)
    return document.table(f"The subjects that make up {layer.name}", columns, body)


def _measured(site: Site, layer: Layer, assets: Assets | None) -> list[Markup | None]:
    blocks: list[Markup | None] = []
    for example in sorted(site.examples.values(), key=lambda example: example.id):
        if example.layer == layer.id:
            title = element("a", example.title, href=f"/examples/{example.id}/")
            blocks.append(document.paragraph(element("strong", title), f". {example.summary}"))
            blocks.append(Markup(fences.fence(site, f"example: {example.id}", f"layers/{layer.id}.md", 0, assets)))
    return blocks


def _tradeoffs(stack: Stack, layer: Layer) -> Markup | None:
    found = [
        join([text, " (", qualified(row), ")"])
        for taxonomy in stack.taxonomies
        for row, _ in rows_of(taxonomy, layer.id)
        if not row.same_as
        for text in row.tradeoffs
    ]
    return document.listing(found)


def _systems(site: Site, layer: Layer) -> Markup | None:
    found = [item for item in site.systems.values() if layer.id == item.layer or layer.id in item.also]
    if not found:
        return None
    rows = [_system(site, layer, item) for item in sorted(found, key=lambda item: (item.layer != layer.id, item.name.lower()))]
    columns, body = document.filled(("System", "Kind", "Named by", "Also in", "Status"), rows)
    return document.table(f"Systems that the sources place in {layer.name}", columns, body)


def _system(site: Site, layer: Layer, item: System) -> tuple[object, ...]:
    kind = f"{item.kind}, {item.subkind}" if item.subkind else item.kind
    named = join([reference(site.stack, mention) for mention in item.mentions], ", ")
    known = {other.id for other in site.stack.places}
    elsewhere = [id for id in (item.layer, *item.also) if id != layer.id and id in known]
    other = f" (not {system(site.systems, item.homonym_of)})" if item.homonym_of else ""
    status = item.status
    state = element("span", f"{status.state}, {status.as_of}", title=status.source) if status else ""
    return item.name + other, kind, named, join([place(site.stack, id) for id in elsewhere], ", "), state


def _neighbours(stack: Stack, layer: Layer) -> Markup | None:
    if layer.is_plane:
        return None
    at = stack.layers.index(layer)
    below = stack.layers[at - 1] if at else None
    above = stack.layers[at + 1] if at + 1 < len(stack.layers) else None
    items = [
        element("li", "Below: ", place(stack, below.id)) if below else None,
        element("li", "Above: ", place(stack, above.id)) if above else None,
    ]
    return document.listing([item for item in items if item], "sd-neighbours")
