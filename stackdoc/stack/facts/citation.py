"""References to a layer page at its revision, to a row of a source, and to a cited number."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from stackdoc.render.citation.formats import Reference, digest, joined, title, url
from stackdoc.render.html.document import row_anchor
from stackdoc.render.html.element import line
from stackdoc.render.values.record_view import views
from stackdoc.site.site import Site
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.handbook import Handbook, handbook


def of_layer(site: Site, layer: str, address: str) -> Reference:
    """Cite a layer page at its revision, a digest of its text, its data and the records it shows.

    The address is that of the text in the newest edition that has this revision, if there is one.
    """
    place = handbook(site).stack.place(layer)
    examples = sorted(example.id for example in site.examples.values() if example.layer == layer)
    shown = [view for example in examples for view in views(site, example)]
    ids = tuple(view.record.id for view in shown)
    revision = digest(json.dumps([_content(site, layer), ids], sort_keys=True))[:12]
    date = max((view.date for view in shown), default="")
    path = f"layers/{layer}/"
    edition = site.edition_of(path, revision)
    where = f"edition {edition.name}, revision {revision}" if edition else f"revision {revision}"
    named = f"{place.name}: {handbook(site).stack.title} ({where})"
    listed = " and ".join(filter(None, [", ".join(ids[:-1]), *ids[-1:]]))
    showing = f"showing record{'s' if len(ids) > 1 else ''} {listed}"
    return Reference(
        key=f"stackdoc-{layer}-{revision}",
        kind="report",
        title=title(named),
        date=date,
        url=url(site.layout.published(edition.address) if edition else address, f"/{path}"),
        number=revision,
        publisher=title(handbook(site).stack.title),
        statement=joined([site.author, named, date, showing if ids else ""]),
        author=title(site.author),
        licence=site.text_licence,
        records=ids,
    )


def _content(site: Site, layer: str) -> list[object]:
    """Return the content of the page besides its figures: the hand-written text and the data."""
    rows = [row for taxonomy in handbook(site).stack.taxonomies for row in taxonomy.layers]
    return [
        handbook(site).layer_texts.get(layer, ""),
        asdict(handbook(site).stack.place(layer)),
        [asdict(row) for row in rows if any(mapping.layer == layer for mapping in row.mappings)],
        [asdict(claim) for claim in handbook(site).claims.values() if claim.layer == layer],
        [asdict(fact) for fact in handbook(site).facts.values() if fact.layer == layer],
        [asdict(system) for system in handbook(site).systems.values() if system.layer == layer],
    ]


def of_row(site: Site, qualified: str, address: str) -> Reference:
    """Cite a row of a source under the source's own date; the address is our page about that source."""
    name, _, label = qualified.partition(":")
    source, row = handbook(site).stack.taxonomy(name).source, handbook(site).stack.source_layer(qualified)
    named = f"“{row.name}”, layer {qualified} of {source.title}"
    author = line(source.author)
    known = author if author and author != "not stated" else ""
    digest = f"SHA-256 {source.sha256[:12]}" if source.sha256 else ""
    parts = [known, named, source.published, line(source.document), digest, f"read {source.accessed}", source.url]
    return Reference(
        key=f"stackdoc-{re.sub(r'[^A-Za-z0-9]+', '-', qualified)}",
        kind="report",
        title=title(named),
        date=source.published,
        accessed=source.accessed,
        url=url(address, f"/sources/{name}/#{row_anchor(label)}"),
        number=qualified,
        publisher=title(source.title),
        statement=joined(parts),
        author=title(known or source.name) or title(site.author),
    )


def of_fact(site: Site, fact: Fact, address: str) -> Reference:
    """Cite a fact: the author is its source, the address our list of facts, so that an error can be traced."""
    value = f"{fact.value} {fact.unit}" if fact.unit and fact.unit != "1" else fact.value
    conditions = f" ({fact.conditions})" if fact.conditions else ""
    named = f"{fact.quantity}: {value}{conditions}"
    listed = f"as listed in {handbook(site).stack.title}"
    return Reference(
        key=f"stackdoc-fact-{fact.id}",
        kind="report",
        title=title(named),
        date=fact.as_of if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", fact.as_of) else "",
        url=url(address, f"/facts/#fact-{fact.id}"),
        number=fact.id,
        publisher=title(fact.source),
        statement=joined([named, f"{fact.source} ({fact.kind})", fact.as_of, fact.url, fact.note.rstrip("."), listed]),
        author=title(fact.source) or title(site.author),
    )


def reference(site: Site, name: str, address: str) -> Reference | None:
    """Return the reference of a layer, of a row `SOURCE:LABEL` or of a fact; None for any other name."""
    known = handbook(site)
    if name in _layers(known):
        return of_layer(site, name, address)
    if name in _rows(known):
        return of_row(site, name, address)
    fact = known.facts.get(name.removeprefix("fact:"))
    return of_fact(site, fact, address) if fact else None


def citable(site: Site) -> list[str]:
    """Return every name that `reference` accepts."""
    known = handbook(site)
    return [*_layers(known), *_rows(known), *known.facts]


def _layers(known: Handbook) -> list[str]:
    return [place.id for place in known.stack.places]


def _rows(known: Handbook) -> list[str]:
    return [row.qualified for taxonomy in known.stack.sources for row in taxonomy.layers]
