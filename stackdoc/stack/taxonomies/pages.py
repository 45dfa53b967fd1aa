"""The pages of the sources: each taxonomy in its own order and numbering, mapped to the merged stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE, row_anchor
from stackdoc.render.html.element import element, join, link
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.types import Erratum, Source, SourceLayer, Taxonomy, View

GUEST = "Guests are shown for comparison, without a vote."
GUEST_PAGE = "Guest: shown for comparison, without a vote."
RELATIONS = {
    "exact": "the same subject",
    "close": "nearly the same subject",
    "broad": "the source's layer is broader",
    "narrow": "the source's layer is narrower",
    "related": "a related subject",
}


def row_link(row: SourceLayer) -> Markup:
    """Link a row by its qualified number."""
    address = f"/sources/{row.source}/#{row_anchor(row.label)}"
    return element("a", row.qualified, href=address, class_="sd-code", title=row.name)


def row_reference(stack: Stack, name: str) -> Markup:
    """Render a qualified number in text, as a link if that row exists."""
    source, _, label = name.partition(":")
    taxonomies = [taxonomy for taxonomy in stack.sources if taxonomy.source.id == source]
    rows = [row for taxonomy in taxonomies for row in taxonomy.layers if row.label == label]
    return row_link(rows[0]) if rows else element("span", name, class_="sd-code")


def relation_label(word: str) -> Markup:
    return element("span", word, class_="sd-relation", title=RELATIONS.get(word))


def place_link(stack: Stack, id: str) -> Markup:
    """Link a canonical layer or plane by its name."""
    return element("a", stack.place(id).name, href=f"/layers/{id}/")


def system_name(systems: Mapping[str, System], id: str) -> object:
    """Return the name of a system, or the id if it is unknown."""
    return systems[id].name if id in systems else id


def pages(site: Site) -> tuple[Page, ...]:
    return (_index(site), *(_source(site, taxonomy) for taxonomy in handbook(site).stack.sources))


def _index(site: Site) -> Page:
    stack = handbook(site).stack
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Each published stack appears as it was printed, with its own order, numbers and errors. A number alone "
            "is ambiguous, so it is always given with its source. Sources of one lineage copy each other and cast one "
            "vote."
        ),
        _sources_table("The merged taxonomies", stack.taxonomies),
    ]
    if stack.guests:
        comparison = element("a", "crosswalk", href="/crosswalk/#guests")
        blocks += [
            document.heading("Guests", "guests"),
            document.paragraph(f"{GUEST} The ", comparison, " shows what their votes would change."),
            _sources_table("The guests", stack.guests),
        ]
    return document.page(
        "sources/index.md",
        "Sources",
        "The published stacks that the handbook merges, each as it was printed.",
        blocks,
    )


def _sources_table(caption: str, taxonomies: Iterable[Taxonomy]) -> Markup:
    rows = [
        (
            element("a", taxonomy.source.name, href=f"/sources/{taxonomy.source.id}/"),
            element("td", element("span", taxonomy.source.id, class_="sd-code")),
            taxonomy.source.axis,
            element("td", len([row for row in taxonomy.layers if row.position is not None]), class_="sd-number"),
            taxonomy.source.number_semantics,
            taxonomy.source.published,
            taxonomy.source.lineage,
        )
        for taxonomy in taxonomies
    ]
    rows_head = document.number_head("Rows")
    columns = ("Source", "Id", "Axis", rows_head, "Meaning of its numbers", "Published", "Lineage")
    return document.table(caption, *document.without_empty_columns(columns, rows))


def _source(site: Site, taxonomy: Taxonomy) -> Page:
    source = taxonomy.source
    blocks: list[str | Markup | None] = [
        document.paragraph(f"{source.axis.rstrip('.')}.", class_="sd-lede"),
        document.paragraph(GUEST_PAGE) if source.guest else None,
        _particulars(handbook(site).stack, taxonomy),
        document.heading("Layers", "layers"),
        document.paragraph(
            "In the source's own order and numbering, described in our words. “In this handbook” is where the "
            "subject went when the stacks were merged."
        ),
        _outline(handbook(site).stack, taxonomy),
    ]
    for row in taxonomy.layers:
        blocks += _row(site, taxonomy, row)
    blocks += _views(taxonomy.views)
    if taxonomy.statements:
        blocks += [
            document.heading("Statements about the whole stack", "statements"),
            document.listing(taxonomy.statements),
        ]
    of_whole = [slip for slip in taxonomy.errata if not set(slip.labels) & {row.label for row in taxonomy.layers}]
    if of_whole:
        entries = [errata_entry(taxonomy, slip) for slip in of_whole]
        blocks += [document.heading("Errata of the source as a whole", "errata"), document.definitions(entries, TERSE)]
    blocks += _uncovered(handbook(site).stack, taxonomy)
    description = f"{source.name}, {document.count(len(taxonomy.layers), 'row')}, each mapped to the merged stack."
    return document.page(f"sources/{source.id}.md", source.name, description, blocks)


def _particulars(stack: Stack, taxonomy: Taxonomy) -> Markup | None:
    source = taxonomy.source
    digest = element("span", source.sha256[:16], class_="sd-code", title=source.sha256)
    particulars: list[tuple[object, object]] = [
        ("Cited as", element("span", f"{source.id}:1", class_="sd-code")),
        ("Title as printed", source.title),
        ("Author", source.author),
        ("Published at", link(source.url, source.url) if source.url else None),
        ("Document", source.document),
        ("Published on" if len(source.published) == 10 else "Published in", source.published),
        ("SHA-256 of the copy read", digest if source.sha256 else None),
        ("Read on", source.accessed),
        ("Licence", source.licence),
        ("Order", source.direction),
        ("Numbers", source.number_semantics),
        ("Lineage", f"{source.lineage}, {_vote(stack, source)}"),
    ]
    return document.definitions(particulars, TERSE)


def _vote(stack: Stack, source: Source) -> str:
    """Describe the vote of the source and of the others of its lineage."""
    if source.guest:
        return "no vote"
    siblings = [
        other.source.id
        for other in stack.taxonomies
        if other.source.lineage == source.lineage and other.source is not source
    ]
    return f"one vote with {document.enumeration(siblings)}" if siblings else "its own vote"


def _outline(stack: Stack, taxonomy: Taxonomy) -> Markup:
    rows = [
        document.row(
            row.label,
            element("td", element("a", row.name, href=f"#{row_anchor(row.label)}")),
            element("td", _mappings(stack, row)),
        )
        for row in taxonomy.layers
    ]
    caption = f"{taxonomy.source.name} and this handbook"
    return document.table(caption, ("No.", "As printed", "In this handbook"), rows)


def _mappings(stack: Stack, row: SourceLayer) -> Markup:
    parts = [
        join([place_link(stack, mapping.layer), " (", relation_label(mapping.relation), ")"])
        for mapping in row.mappings
    ]
    return join(parts, ", ") if parts else element("span", "nowhere", class_="sd-none")


def _row(site: Site, taxonomy: Taxonomy, row: SourceLayer) -> list[str | Markup | None]:
    title = f"{row.label} {row.name}" + (f": {row.gloss}" if row.gloss else "")
    parts: list[tuple[object, object]] = [
        ("In this handbook", _placed(handbook(site).stack, row)),
        ("Other names", document.enumeration(row.aliases) if row.aliases else None),
        ("Takes", document.listing(row.inputs)),
        ("Gives", document.listing(row.outputs)),
        ("Trade-offs named", document.listing(row.tradeoffs)),
        ("Examples", document.listing(row.examples)),
        (
            "Systems named",
            join([system_name(handbook(site).systems, tool) for tool in row.tools], ", ") if row.tools else None,
        ),
        ("Same row elsewhere", row_reference(handbook(site).stack, row.same_as) if row.same_as else None),
    ]
    parts += [errata_entry(taxonomy, slip, row.label) for slip in taxonomy.errata if row.label in slip.labels]
    return [
        document.heading(title, row_anchor(row.label), 3),
        document.paragraph(row.description) if row.description else None,
        document.definitions(parts, TERSE),
        cite.folded(site, f"Cite {row.qualified}", cite.reference(site, row.qualified)),
    ]


def _placed(stack: Stack, row: SourceLayer) -> Markup | None:
    items = [
        join(
            [
                place_link(stack, mapping.layer),
                ", ",
                relation_label(mapping.relation),
                f": {mapping.note}" if mapping.note else "",
            ]
        )
        for mapping in row.mappings
    ]
    return document.listing(items)


def errata_entry(taxonomy: Taxonomy, slip: Erratum, label: str = "") -> tuple[Markup, Markup]:
    """Return an erratum as term and text: what is printed and what is meant.

    Below every row but its first, `label`, the text is a pointer to the first.
    """
    rows = [row for row in taxonomy.layers if row.label in slip.labels]
    name, term = f"erratum-{taxonomy.source.id}-{slip.id}", element("span", f"Erratum, {slip.kind}", class_="sd-slip")
    if label and label != rows[0].label:
        return term, element("p", "See ", element("a", rows[0].qualified, href=f"#{name}", class_="sd-code"), ".")
    where = join(["At ", join([row_link(row) for row in rows], ", "), ". "]) if rows and not label else ""
    return term, element("p", where, f"Printed: “{slip.printed}”. {slip.meant.rstrip('.')}.", id=name)


def _views(views: tuple[View, ...]) -> list[str | Markup | None]:
    blocks: list[str | Markup | None] = []
    for view in views:
        rows = [document.row(label, *cells) for label, cells in view.rows]
        columns = view.columns if rows and len(view.columns) == len(view.rows[0][1]) + 1 else ("Row", *view.columns)
        blocks += [
            document.heading(view.title, f"view-{row_anchor(view.id)[6:]}"),
            document.table(view.title, columns, rows),
            document.paragraph(view.note, class_="sd-small") if view.note else None,
        ]
    return blocks


def _uncovered(stack: Stack, taxonomy: Taxonomy) -> list[str | Markup | None]:
    covered = {mapping.layer for row in taxonomy.layers for mapping in row.mappings}
    missing = [layer.id for layer in stack.places if layer.id not in covered]
    if not missing:
        return []
    names = join([place_link(stack, id) for id in missing], ", ")
    return [document.heading("Not covered", "not-covered"), document.paragraph(names, ".")]
