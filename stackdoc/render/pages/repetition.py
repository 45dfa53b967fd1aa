"""Who ran a record again, how the figures compare, and how a reader runs it: a part of the record's page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Any

from markupsafe import Markup

from stackdoc.model.record import Record
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join, line, safe_url
from stackdoc.render.values.record_view import date_of, figure_of, point_label, record_path, view_of
from stackdoc.site.repetition import Relation, Repetition, in_words, original, repetitions, why_not_counted
from stackdoc.site.site import Site
from stackdoc.site.status import attribution
from stackdoc.statistics import Comparison, format_figure, format_ratio

SECTION = "again"  # the anchor of the section
HEADINGS: Mapping[Relation, str] = {
    "reproduction": "By other contributors, on the same class of machine",
    "repetition": "By the same contributor, on the same class of machine",
    "other machine": "Run on other machines",
}
COLUMNS = ("Point", "This record", "Run again", "Ratio", "Result")


def people(site: Site, record: Record) -> Markup:
    """Return the paragraph that names who measured the record and who ran it again."""
    repeated = repetitions(site, record.id)
    text = " ".join(document.sentence(words) for words in (attribution(site, record), *in_words(repeated)))
    link = join([" ", element("a", "How the figures compare", href=f"#{SECTION}"), "."]) if repeated else None
    return element("p", line(text), link, class_="sd-vouched")


def section(site: Site, record: Record) -> list[Markup | None]:
    """Return the record that this one repeats, and its repetitions with their ratios."""
    repeated = repetitions(site, record.id)
    nobody = None if repeated else element("p", "Nobody has run it again, as far as this site knows.")
    blocks: list[Markup | None] = [element("h2", "Run again", id=SECTION), nobody, _original(site, record)]
    for relation, heading in HEADINGS.items():
        if group := [repetition for repetition in repeated if repetition.relation == relation]:
            blocks += [element("h3", heading), *(_repetition(site, record, repetition) for repetition in group)]
    return blocks


def how_to(site: Site, record: Record) -> tuple[Markup, Markup]:
    """Return how a reader runs the record again: a sentence and the command, which the script offers to copy."""
    clones = "This clones the repository and measures"
    where = clones if safe_url(site.repository) else "In a clone of the repository, this measures"
    way = f"{where} the same source with the same profile on your machine, and prints both side by side:"
    text = element("code", command(site, record))
    return element("p", "Run it again. ", way), element("pre", text, tabindex="0", class_="sd-command")


def command(site: Site, record: Record) -> str:
    """Return the shell command that measures the record's example again."""
    again = f"stackdoc measure --like {record.id}"
    if not (address := safe_url(site.repository)):
        return again
    folder = re.sub(r"\.git$", "", address.rstrip("/").rpartition("/")[2])
    return f"git clone {quote(address)} && cd {quote(folder)} && {again}"


def entries(site: Site, record: Record) -> list[dict[str, Any]]:
    """Return the repetitions of the record as plain data: figures are ratios of the repetition to the record."""
    return [
        {
            "id": each.record.id,
            "sha256": each.record.sha256,
            "by": each.by,
            "machine": each.record.machine.id,
            "relation": each.relation,
            "agrees": each.agrees,
            "points": [_entry(comparison) for comparison in each.comparisons],
        }
        for each in repetitions(site, record.id)
    ]


def _entry(comparison: Comparison) -> dict[str, Any]:
    if comparison.refused:
        return {"key": comparison.key, "refused": comparison.refused}
    names = ("key", "ratio", "low", "high", "word")
    return {name: getattr(comparison, name) for name in names}


def _original(site: Site, record: Record) -> Markup | None:
    """Return the sentence about the record that this one names, whether or not it is comparable."""
    if not record.repeats:
        return None
    repeated = original(site, record)
    if repeated is None:
        return element("p", "It repeats a record that this site does not have: ", element("code", record.repeats))
    link = element("a", f"record {repeated.id}", href=record_path(repeated.id))
    why = why_not_counted(site, repeated, record)
    rest = f", but {why}, so it does not count." if why else ", whose page compares the figures."
    return element("p", "It repeats ", link, rest)


def _repetition(site: Site, record: Record, repetition: Repetition) -> Markup:
    """Return one repetition: who, when, where, and a table of its figures."""
    other = repetition.record
    link = element("a", f"record {other.id}", href=record_path(other.id))
    machine = line(other.machine.label_on(other.device))
    head = element("p", link, line(f", by {repetition.by} on {date_of(other)}, {machine} ({other.machine.id})"))
    rows = [document.row(*_cells(site, record, other, comparison)) for comparison in repetition.comparisons]
    table = document.table(f"Record {other.id} compared with this one", COLUMNS, rows) if rows else None
    moved = sorted({comparison.machine for comparison in repetition.comparisons if comparison.machine})
    return element("div", head, table, document.paragraph(document.sentence("; ".join(moved))) if moved else None)


def _cells(site: Site, record: Record, other: Record, comparison: Comparison) -> Iterator[str]:
    key = comparison.key
    yield point_label(record, key)
    for each in (record, other):
        figure = figure_of(view_of(site, each), key)
        yield format_figure(figure) if figure else "–"
    yield format_ratio(comparison) or "–"
    yield line(comparison.word or f"not compared: {comparison.refused}")
