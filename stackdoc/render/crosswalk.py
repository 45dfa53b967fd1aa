"""The crosswalk: which row of which source holds what, and what a bare number may mean."""

from __future__ import annotations

from collections import defaultdict

from markupsafe import Markup

from stackdoc.render import document
from stackdoc.render.html import element, join
from stackdoc.render.layers import rows_of
from stackdoc.render.page import Page
from stackdoc.render.sources import RELATIONS, place, qualified, relation
from stackdoc.site import Site
from stackdoc.stack import Stack
from stackdoc.taxonomy import SourceLayer, Taxonomy


def page(site: Site) -> Page:
    stack = site.stack
    blocks = [
        document.paragraph(
            "A row is a layer of this handbook, a column a source. A cell gives the source's own number, always with its "
            "source, and the relation between the two subjects."
        ),
        document.definitions([(relation(word), meaning) for word, meaning in RELATIONS.items()], "sd-voices sd-voices--terse"),
        document.heading("Layers by source", "layers"),
        grid(stack),
        document.heading("Which layer do you mean?", "numbers"),
        document.paragraph(
            "The sources number different things from different ends. The table translates: a number as printed, and "
            "the subject that each source means by it."
        ),
        numbers(stack),
        document.heading("Subjects by source", "atoms"),
        document.paragraph(
            "A subject is the smallest thing that at least one source keeps apart from its neighbours. Layers are sets of "
            "subjects, so two layers of one name may still hold different things."
        ),
        atoms(stack),
        document.heading("Coverage", "coverage"),
        coverage(stack),
        document.paragraph(
            "The same data, for programs: ",
            join([element("a", name, href=f"/data/{name}") for name in ("crosswalk.json", "stack.ttl", "stack.jsonld")], ", "),
            ".",
        ),
    ]
    return document.page("crosswalk.md", "Crosswalk", "Every layer of the handbook against every published stack.", blocks)


def _none() -> Markup:
    return element("td", element("span", "not covered", class_="sd-none"))


def _columns(stack: Stack) -> list[Markup]:
    return [element("a", t.source.id, href=f"/sources/{t.source.id}/", title=t.source.name) for t in stack.taxonomies]


def grid(stack: Stack) -> Markup:
    """Layers from the top down, then planes, against sources: qualified number, printed name, relation."""
    rows = []
    for layer in (*reversed(stack.layers), *stack.planes):
        cells = [_cell(taxonomy, layer.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(place(stack, layer.id), *cells, id=f"layer-{layer.id}"))
    columns = ["Layer", *_columns(stack)]
    return document.table("Layers of the handbook by source, from the top down, planes last", columns, rows, "sd-crosswalk")


def _cell(taxonomy: Taxonomy, layer: str) -> Markup:
    found = rows_of(taxonomy, layer)
    if not found:
        return _none()
    return element(
        "td",
        *(element("span", qualified(row), " ", row.name, ", ", relation(mapping.relation)) for row, mapping in found),
    )


def atoms(stack: Stack) -> Markup:
    """Subjects in the order of their layers, against the rows that hold them."""
    order = {layer.id: number for number, layer in enumerate((*reversed(stack.layers), *stack.planes))}
    rows = []
    for atom in sorted(stack.atoms, key=lambda atom: order.get(atom.layer, len(order))):
        cells = [_holding(taxonomy, atom.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(atom.name, place(stack, atom.layer), *cells, id=f"atom-{atom.id}"))
    columns = ["Subject", "Layer", *_columns(stack)]
    return document.table("Subjects by source", columns, rows, "sd-crosswalk sd-atoms")


def _holding(taxonomy: Taxonomy, atom: str) -> Markup:
    held = [qualified(row) for row in taxonomy.layers if atom in row.atoms]
    return element("td", join(held, ", ")) if held else element("td", element("span", "–", class_="sd-none", aria_label="not covered", role="img"))


def numbers(stack: Stack) -> Markup:
    """For each number as printed, the layer that each source means by it."""
    labels = {row.label for taxonomy in stack.taxonomies for row in taxonomy.layers if row.position is not None}
    rows = []
    for label in sorted(labels, key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label)):
        cells = [_meaning(stack, taxonomy, label) for taxonomy in stack.taxonomies]
        rows.append(document.row(f"layer {label}", *cells, id=f"number-{label.lower()}"))
    return document.table("What “layer n” means in each source", ["Said", *_columns(stack)], rows, "sd-crosswalk")


def _meaning(stack: Stack, taxonomy: Taxonomy, label: str) -> Markup:
    rows = [row for row in taxonomy.layers if row.label == label]
    if not rows:
        return element("td", element("span", "no such layer", class_="sd-none"))
    return element("td", element("span", rows[0].name), element("span", *_here(stack, rows[0]), class_="sd-small"))


def _here(stack: Stack, row: SourceLayer) -> list[object]:
    return ["here: ", join([place(stack, found.layer) for found in row.mappings], ", ")] if row.mappings else []


def coverage(stack: Stack) -> Markup:
    """How much of the stack each source covers, and how many independent lineages hold a subject."""
    rows = []
    for taxonomy in stack.taxonomies:
        touched = {found.layer for row in taxonomy.layers for found in row.mappings}
        held = {atom for row in taxonomy.layers for atom in row.atoms}
        counted = (
            f"{sum(layer.id in touched for layer in stack.layers)} of {len(stack.layers)}",
            f"{sum(plane.id in touched for plane in stack.planes)} of {len(stack.planes)}",
            f"{sum(atom.id in held for atom in stack.atoms)} of {len(stack.atoms)}",
        )
        name = element("a", taxonomy.source.name, href=f"/sources/{taxonomy.source.id}/")
        rows.append(document.row(name, *(element("td", text, class_="sd-number") for text in counted)))
    table = document.table("What each source covers", ("Source", "Layers", "Planes", "Subjects"), rows)
    return join([table, document.paragraph(_witnesses(stack))])


def _witnesses(stack: Stack) -> str:
    lineages: dict[str, set[str]] = defaultdict(set)
    for taxonomy in stack.taxonomies:
        for row in taxonomy.layers:
            for atom in row.atoms:
                lineages[atom].add(taxonomy.source.lineage)
    by_count: dict[int, int] = defaultdict(int)
    for atom in stack.atoms:
        by_count[len(lineages[atom.id])] += 1
    parts = [f"{by_count[count]} by {document.count(count, 'lineage')}" for count in sorted(by_count) if count]
    silent = f"; {by_count[0]} by none" if by_count.get(0) else ""
    return f"Of {document.count(len(stack.atoms), 'subject')}, {document.series(parts)} {'is' if len(stack.atoms) == 1 else 'are'} held{silent}."
