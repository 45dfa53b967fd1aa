"""The crosswalk: which row of which source covers what, and what a number means in each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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
from stackdoc.stack.merge.guests import effect
from stackdoc.stack.taxonomies.pages import GUEST, RELATIONS, place_link, relation_label, row_link, row_reference
from stackdoc.stack.taxonomies.types import Source, SourceLayer, Taxonomy, divided, label_order

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
            "subject that each source means by it." + (" The last columns are guests." if stack.guests else "")
        ),
        numbers(stack),
        document.heading("Subjects by source", "atoms"),
        document.paragraph(
            "A subject is the smallest unit that at least one source separates from its neighbours. Layers are sets "
            "of subjects, so two layers of the same name may still contain different subjects."
        ),
        atoms(stack),
        *_guests(stack),
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


def _columns(taxonomies: Iterable[Taxonomy]) -> list[Markup]:
    return [_column(taxonomy.source) for taxonomy in taxonomies]


def _column(source: Source) -> Markup:
    """Return the head of a source's column: its id, and for a guest that word."""
    name = element("a", source.id, href=f"/sources/{source.id}/", title=source.name)
    return element("th", name, " (guest)" if source.guest else None, scope="col")


def _guests(stack: Stack) -> list[str | Markup]:
    """Return the section of the guests: what their votes would change, and their layers."""
    if not stack.guests:
        return []
    return [
        document.heading("Guests", "guests"),
        document.paragraph(f"{GUEST} ", *(f"{sentence} " for sentence in effect(stack))),
        grid(stack, guests=True),
    ]


def grid(stack: Stack, *, guests: bool = False) -> Markup:
    """Tabulate layers by source, or by guest: qualified number, printed name and relation."""
    taxonomies, noun, prefix = (stack.guests, "guest", "guests") if guests else (stack.taxonomies, "source", "layer")
    rows = []
    for layer in (*reversed(stack.layers), *stack.planes):
        cells = [_cell(taxonomy, layer.id) for taxonomy in taxonomies]
        rows.append(document.row(place_link(stack, layer.id), *cells, id=f"{prefix}-{layer.id}"))
    caption = f"Layers of the handbook by {noun}, from the top down, planes last"
    return document.table(caption, ["Layer", *_columns(taxonomies)], rows, "sd-crosswalk")


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
    columns = ["Subject", "Layer", *_columns(stack.taxonomies)]
    return document.table("Subjects by source", columns, rows, "sd-crosswalk sd-atoms")


def _holding(taxonomy: Taxonomy, atom: str) -> Markup:
    rows = [row_link(row) for row in taxonomy.layers if atom in row.atoms]
    return element("td", join(rows, ", ") if rows else element("span", "–", class_="sd-none", title="not covered"))


def numbers(stack: Stack) -> Markup:
    """Tabulate what each source means by each printed number; a script adds a filter box above.

    A number that a source divides, such as 2 into 2a and 2b, has a row too.
    """
    printed = {row.label for taxonomy in stack.sources for row in taxonomy.layers}
    labels = printed | {whole for label in printed if (whole := divided(label))}
    rows = []
    for label in sorted(labels, key=label_order):
        cells = [_meaning(stack, taxonomy, label) for taxonomy in stack.sources]
        anchor = row_anchor(label)
        # A heading, so that a search for “layer 6” leads here; a th must not contain one.
        name = element("h3", f"Layer {label}", id=f"said-{anchor}", class_="sd-row-name")
        rows.append(element("tr", element("td", name), *cells, id=f"number-{anchor[6:]}"))
    columns = ["Number", *_columns(stack.sources)]
    return document.table("What “layer n” means in each source", columns, rows, "sd-crosswalk sd-translate")


def _meaning(stack: Stack, taxonomy: Taxonomy, label: str) -> Markup:
    rows = taxonomy.rows_of_label(label)
    if not rows:
        return element("td", element("span", "no such layer", class_="sd-none"))
    return element("td", *(_subject(stack, row, label) for row in rows))


def _subject(stack: Stack, row: SourceLayer, label: str) -> Markup:
    """Name a row, with its own label if that is another one, and the layers of ours that it is mapped to."""
    layers = join([place_link(stack, mapping.layer) for mapping in row.mappings], ", ")
    name = element("span", row.name if row.label == label else f"{row.label} {row.name}")
    return join([name, element("span", "here: ", layers, class_="sd-small") if row.mappings else ""])


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
