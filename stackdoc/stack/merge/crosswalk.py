"""The crosswalk: which row of which source covers what, and what a number means in each source."""

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
from stackdoc.stack.merge.coverage import coverage, joins, lineages_by_atom
from stackdoc.stack.taxonomies.pages import RELATIONS, place_link, relation_label, row_link, row_reference
from stackdoc.stack.taxonomies.types import Taxonomy

EXPORTS = ("crosswalk.json", "stack.ttl", "stack.jsonld")


def page(site: Site) -> Page:
    stack = handbook(site).stack
    blocks = [
        document.paragraph(
            "Rows are the layers of this handbook, columns the sources. A cell gives the number that the source uses, "
            "always with the source, and the relation between the two subjects."
        ),
        document.definitions([(relation_label(word), meaning) for word, meaning in RELATIONS.items()], TERSE),
        document.heading("Layers by source", "layers"),
        grid(stack),
        document.heading("Which layer do you mean?", "numbers"),
        document.paragraph(
            "The sources number different things from different ends. This table gives, for each printed number, the "
            "subject that each source means by it."
        ),
        numbers(stack),
        document.heading("Subjects by source", "atoms"),
        document.paragraph(
            "A subject is the smallest unit that at least one source separates from its neighbours. Layers are sets "
            "of subjects, so two layers of the same name may still contain different subjects."
        ),
        atoms(stack),
        document.heading("Coverage", "coverage"),
        coverage_table(stack),
        document.paragraph(_lineages_text(stack)),
        document.heading("Do outputs meet inputs?", "joins"),
        document.paragraph(
            "A source that states what each layer takes and gives can be read as a pipeline. The table compares "
            "words: an output is unused if it shares no word with any input and no other row names its number."
        ),
        joins_table(stack),
        document.paragraph("The same data for programs: ", _exports(), "."),
    ]
    description = "Every layer of the handbook and its counterpart in every published stack."
    return document.page("crosswalk.md", "Crosswalk", description, blocks)


def _exports() -> Markup:
    return join([element("a", name, href=f"/data/{name}") for name in EXPORTS], ", ")


def _none() -> Markup:
    return element("td", element("span", "not covered", class_="sd-none"))


def _columns(stack: Stack) -> list[Markup]:
    return [element("a", t.source.id, href=f"/sources/{t.source.id}/", title=t.source.name) for t in stack.taxonomies]


def grid(stack: Stack) -> Markup:
    """Tabulate layers by source: qualified number, printed name and relation."""
    rows = []
    for layer in (*reversed(stack.layers), *stack.planes):
        cells = [_cell(taxonomy, layer.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(place_link(stack, layer.id), *cells, id=f"layer-{layer.id}"))
    columns = ["Layer", *_columns(stack)]
    caption = "Layers of the handbook by source, from the top down, planes last"
    return document.table(caption, columns, rows, "sd-crosswalk")


def _cell(taxonomy: Taxonomy, layer: str) -> Markup:
    rows = rows_of(taxonomy, layer)
    if not rows:
        return _none()
    return element(
        "td",
        *(
            element("span", row_link(row), " ", row.name, ", ", relation_label(mapping.relation))
            for row, mapping in rows
        ),
    )


def atoms(stack: Stack) -> Markup:
    """Tabulate subjects by source: the rows that cover them."""
    order = {layer.id: number for number, layer in enumerate((*reversed(stack.layers), *stack.planes))}
    rows = []
    for atom in sorted(stack.atoms, key=lambda atom: order.get(atom.layer, len(order))):
        cells = [_holding(taxonomy, atom.id) for taxonomy in stack.taxonomies]
        rows.append(document.row(atom.name, place_link(stack, atom.layer), *cells, id=f"atom-{atom.id}"))
    columns = ["Subject", "Layer", *_columns(stack)]
    return document.table("Subjects by source", columns, rows, "sd-crosswalk sd-atoms")


def _holding(taxonomy: Taxonomy, atom: str) -> Markup:
    rows = [row_link(row) for row in taxonomy.layers if atom in row.atoms]
    return element("td", join(rows, ", ") if rows else element("span", "–", class_="sd-none", title="not covered"))


def numbers(stack: Stack) -> Markup:
    """Tabulate what each source means by each printed number; a script adds a filter box above."""
    labels = dict.fromkeys(row.label for taxonomy in stack.taxonomies for row in taxonomy.layers)
    rows = []
    for label in sorted(labels, key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label)):
        cells = [_meaning(stack, taxonomy, label) for taxonomy in stack.taxonomies]
        anchor = row_anchor(label)
        # A heading, so that a search for “layer 6” leads here; a th must not contain one.
        name = element("h3", f"Layer {label}", id=f"said-{anchor}", class_="sd-row-name")
        rows.append(element("tr", element("td", name), *cells, id=f"number-{anchor[6:]}"))
    columns = ["Number", *_columns(stack)]
    return document.table("What “layer n” means in each source", columns, rows, "sd-crosswalk sd-translate")


def _meaning(stack: Stack, taxonomy: Taxonomy, label: str) -> Markup:
    row = next((row for row in taxonomy.layers if row.label == label), None)
    if row is None:
        return element("td", element("span", "no such layer", class_="sd-none"))
    layers = join([place_link(stack, mapping.layer) for mapping in row.mappings], ", ")
    note = element("span", "here: ", layers, class_="sd-small") if row.mappings else None
    return element("td", element("span", row.name), note)


def coverage_table(stack: Stack) -> Markup:
    """Tabulate how much of the stack each source covers."""
    totals = (len(stack.layers), len(stack.planes), len(stack.atoms))
    rows = []
    for source in coverage(stack):
        counts = (len(source.layers), len(source.planes), len(source.atoms))
        shares = [f"{part} of {total}" for part, total in zip(counts, totals, strict=True)]
        cells = (element("td", share, class_="sd-number") for share in shares)
        name = element("a", stack.taxonomy(source.source).source.name, href=f"/sources/{source.source}/")
        rows.append(document.row(name, *cells))
    columns = ("Source", *map(document.number_head, ("Layers", "Planes", "Subjects")))
    return document.table("What each source covers", columns, rows, "sd-table--numbers")


def _lineages_text(stack: Stack) -> str:
    """Count the subjects covered by one lineage, by two, and so on."""
    counts = Counter(len(lineages) for lineages in lineages_by_atom(stack).values())
    parts = [
        f"{number} by {document.count(size, 'lineage') if size else 'none'}" for size, number in sorted(counts.items())
    ]
    return f"Of {document.count(len(stack.atoms), 'subject')}: {document.enumeration(parts)}." if parts else ""


def joins_table(stack: Stack) -> Markup:
    """Tabulate each printed output and the rows that use it as an input."""
    rows = []
    for taxonomy in stack.taxonomies:
        for output_join in joins(taxonomy):
            users = (
                join([row_reference(stack, name) for name in output_join.takers], ", ")
                if output_join.takers
                else "nothing"
            )
            rows.append(
                (row_reference(stack, output_join.row), output_join.output, users, ", ".join(output_join.words))
            )
    columns, body = document.without_empty_columns(("Row", "Printed output", "Used by", "Shared words"), rows)
    return document.table("Printed outputs and the rows that use them", columns, body)
