"""The changelog of figures: what moved between successive records of an example on a machine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from markupsafe import Markup

from stackdoc.model.record import Record
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.pages.compare.wording import (
    MOVED,
    between_runs,
    common,
    in_words,
    machine_moved,
    ratio,
    record_link,
)
from stackdoc.render.values.record_view import RecordView, point_id, point_label, view_of
from stackdoc.render.values.value import linked
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.statistics import compare
from stackdoc.statistics.interval import INTERVAL


def page(site: Site) -> Page:
    """Return the page of figures that changed between successive records of an example, machine and device."""
    steps = sorted(_steps(site), key=lambda step: (step[1].measured_at, step[1].id), reverse=True)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "When an example is measured again on a machine, the newer record replaces the older one; both keep their "
            f"addresses. A figure has moved if the whole {INTERVAL} of the ratio is more than 5 % away from 1; the "
            "interval includes the spread between runs. If the controls of the two runs differ, the machine itself "
            "moved, and a change that this explains does not count."
        )
    ]
    blocks += [block for older, newer in steps for block in _step(site, older, newer)]
    if not steps:
        blocks.append(document.paragraph("No example has been measured twice on one machine yet."))
    return document.page("changelog.md", "Changelog of figures", "What moved between records, and by how much.", blocks)


def _steps(site: Site) -> Iterator[tuple[Record, Record]]:
    by_place: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(site.records.values(), key=lambda record: (record.measured_at, record.id)):
        if record.id not in site.withdrawn:
            by_place.setdefault((record.example, site.machine_key(record), record.device), []).append(record)
    for records in by_place.values():
        yield from pairwise(records)


def _step(site: Site, older: Record, newer: Record) -> list[str | Markup]:
    sides: tuple[RecordView, RecordView] = view_of(site, older), view_of(site, newer)
    title = f"{newer.example}, {sides[1].date}"
    place = f" of {sides[0].date} on {sides[1].label}, {newer.device}. "
    links = join([record_link(newer), " after ", record_link(older), place])
    if older.digest != newer.digest or older.method != newer.method:
        what = "method of measuring" if older.method != newer.method else "source of the example"
        return [
            document.heading(title, newer.id),
            document.paragraph(links, f"The {what} changed, so they are not compared."),
        ]
    keys = [point.key for point in newer.points if older.point(point.key)]
    comparisons = [compare(older, newer, key, run_history(site)) for key in keys]
    moved = [comparison for comparison in comparisons if comparison.word in MOVED]
    compared, shared = [comparison for comparison in comparisons if not comparison.refused], common(comparisons)
    counted = f"{len(moved)} of {document.count(len(compared), 'compared figure')} moved."
    differing = f" Differences between the two: {'; '.join(shared)}." if shared else ""
    blocks: list[str | Markup] = [
        document.heading(title, newer.id),
        document.paragraph(links, counted, machine_moved(older, newer), differing),
    ]
    if moved:
        rows = [
            document.row(
                point_label(newer, comparison.key),
                *(element("td", linked(side, comparison.key) or NONE, class_="sd-number") for side in sides),
                element("td", ratio(comparison), class_="sd-number", title=between_runs(comparison)),
                in_words(comparison, shared),
                id=f"{newer.id}.{point_id(comparison.key)}",
            )
            for comparison in moved
        ]
        columns = ("Figure", *(document.number_head(name) for name in ("Before", "After", "Ratio")), "Result")
        blocks.append(document.table(f"What moved in {newer.example}", columns, rows))
    return blocks
