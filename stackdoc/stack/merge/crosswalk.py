"""The crosswalk: which row of which source holds what, and what a bare number may mean."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE, row_anchor
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.pages import rows_of
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.coverage import coverage, joins, witnesses
from stackdoc.stack.taxonomies.pages import RELATIONS, place_link, relation_label, row_link, row_reference
from stackdoc.stack.taxonomies.types import Taxonomy

EXPORTS = ("crosswalk.json", "stack.ttl", "stack.jsonld")


def page(site: Site) -> Page:
    stack = handbook(site).stack
    blocks = [
        document.paragraph(
            "A row is a layer of this handbook, a column a source. A cell gives the source's own number, always "
            "with its source, and the relation between the two subjects."
        ),
        document.definitions([(relation_label(word), meaning) for word, meaning in RELATIONS.items()], TERSE),
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
            "A subject is the smallest thing that at least one source keeps apart from its neighbours. Layers are "
            "sets of subjects, so two layers of one name may still hold different things."
        ),
        atoms(stack),
        document.heading("Coverage", "coverage"),
        covered(stack),
        document.paragraph(_witnesses(stack)),
        document.heading("Do their outputs meet their inputs?", "joins"),
        document.paragraph(
            "A source that prints what a layer takes and gives can be read as a pipeline. The table compares words: an "
            "output that shares none with any input, and that no other row names, is taken up by nothing in print."
        ),
        joined(stack),
        document.paragraph("The same data, for programs: ", _exports(), "."),
    ]
    description = "Every layer of the handbook against every published stack."
    return document.page("crosswalk.md", "Crosswalk", description, blocks)


def _exports() -> Markup:
    return join([element("a", name, href=f"/data/{name}") for name in EXPORTS], ", ")


def _none() -> Markup:
    return element("td", element("span", "not covered", class_="sd-none"))


def _columns(stack: Stack) -> list[Markup]:
    return [element("a", t.source.id, href=f"/sources/{t.source.id}/", title=t.source.name) for t in stack.taxonomies]


def grid(stack: Stack) -> Markup:
    """Layers from the top down, then planes, against sources: qualified number, printed name, relation."""
    rows = []
    for layer in (*reversed(stack.layers), *stack.planes):
        cells = [_cell(taxonomy, layer.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(place_link(stack, layer.id), *cells, id=f"layer-{layer.id}"))
    columns = ["Layer", *_columns(stack)]
    caption = "Layers of the handbook by source, from the top down, planes last"
    return document.table(caption, columns, rows, "sd-crosswalk")


def _cell(taxonomy: Taxonomy, layer: str) -> Markup:
    found = rows_of(taxonomy, layer)
    if not found:
        return _none()
    return element(
        "td",
        *(
            element("span", row_link(row), " ", row.name, ", ", relation_label(mapping.relation))
            for row, mapping in found
        ),
    )


def atoms(stack: Stack) -> Markup:
    """Subjects in the order of their layers, against the rows that hold them."""
    order = {layer.id: number for number, layer in enumerate((*reversed(stack.layers), *stack.planes))}
    rows = []
    for atom in sorted(stack.atoms, key=lambda atom: order.get(atom.layer, len(order))):
        cells = [_holding(taxonomy, atom.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(atom.name, place_link(stack, atom.layer), *cells, id=f"atom-{atom.id}"))
    columns = ["Subject", "Layer", *_columns(stack)]
    return document.table("Subjects by source", columns, rows, "sd-crosswalk sd-atoms")


def _holding(taxonomy: Taxonomy, atom: str) -> Markup:
    held = [row_link(row) for row in taxonomy.layers if atom in row.atoms]
    return element("td", join(held, ", ") if held else element("span", "–", class_="sd-none", title="not covered"))


def numbers(stack: Stack) -> Markup:
    """What each source means by each printed number; the script adds a box above it that narrows the rows."""
    labels = dict.fromkeys(row.label for taxonomy in stack.taxonomies for row in taxonomy.layers)
    rows = []
    for label in sorted(labels, key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label)):
        cells = [_meaning(stack, taxonomy, label) for taxonomy in stack.taxonomies]
        anchor = row_anchor(label)
        # A heading, so that the search for “layer 6” leads here; no th may hold one.
        said = element("h3", f"Layer {label}", id=f"said-{anchor}", class_="sd-row-name")
        rows.append(element("tr", element("td", said), *cells, id=f"number-{anchor[6:]}"))
    columns = ["Said", *_columns(stack)]
    return document.table("What “layer n” means in each source", columns, rows, "sd-crosswalk sd-translate")


def _meaning(stack: Stack, taxonomy: Taxonomy, label: str) -> Markup:
    row = next((row for row in taxonomy.layers if row.label == label), None)
    if row is None:
        return element("td", element("span", "no such layer", class_="sd-none"))
    here = join([place_link(stack, found.layer) for found in row.mappings], ", ")
    note = element("span", "here: ", here, class_="sd-small") if row.mappings else None
    return element("td", element("span", row.name), note)


def covered(stack: Stack) -> Markup:
    """How much of the stack each source covers."""
    totals = (len(stack.layers), len(stack.planes), len(stack.atoms))
    rows = []
    for found in coverage(stack):
        held = (len(found.layers), len(found.planes), len(found.atoms))
        shares = [f"{part} of {total}" for part, total in zip(held, totals, strict=True)]
        cells = (element("td", share, class_="sd-number") for share in shares)
        name = element("a", stack.taxonomy(found.source).source.name, href=f"/sources/{found.source}/")
        rows.append(document.row(name, *cells))
    columns = ("Source", *map(document.number_head, ("Layers", "Planes", "Subjects")))
    return document.table("What each source covers", columns, rows, "sd-table--numbers")


def _witnesses(stack: Stack) -> str:
    """How many subjects are held by one lineage, by two, and so on."""
    counts = Counter(len(lineages) for lineages in witnesses(stack).values())
    parts = [
        f"{number} by {document.count(size, 'lineage') if size else 'none'}" for size, number in sorted(counts.items())
    ]
    return f"Of {document.count(len(stack.atoms), 'subject')}: {document.enumeration(parts)}." if parts else ""


def joined(stack: Stack) -> Markup:
    """Each printed output against the rows whose printed inputs take it up."""
    rows = []
    for taxonomy in stack.taxonomies:
        for found in joins(taxonomy):
            takers = join([row_reference(stack, name) for name in found.takers], ", ") if found.takers else "nothing"
            rows.append((row_reference(stack, found.row), found.output, takers, ", ".join(found.words)))
    columns, body = document.without_empty_columns(("Row", "Gives, as it says", "Taken up by", "Words in common"), rows)
    return document.table("Printed outputs and who takes them", columns, body)
