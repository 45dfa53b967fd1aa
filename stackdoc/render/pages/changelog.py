"""The changelog of figures: what moved between successive records of an example on a machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from stackdoc.model.record import Record
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.pages.compare.wording import (
    between_runs,
    common,
    in_words,
    machine_moved,
    record_link,
)
from stackdoc.render.values.record_view import RecordView, point_id, point_label, view_of
from stackdoc.render.values.value import linked
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site, cached
from stackdoc.statistics import Comparison, compare, format_ratio
from stackdoc.statistics.comparison import MOVED
from stackdoc.statistics.interval import INTERVAL


@dataclass(frozen=True)
class Replacement:
    """Two successive records of an example on a machine and device; `refused` is why they can't be compared."""

    older: Record
    newer: Record
    comparisons: tuple[Comparison, ...] = ()
    refused: str = ""

    @property
    def compared(self) -> list[Comparison]:
        return [comparison for comparison in self.comparisons if not comparison.refused]

    @property
    def moved(self) -> list[Comparison]:
        return [comparison for comparison in self.comparisons if comparison.word in MOVED]

    @property
    def counted(self) -> str:
        """Return how many figures moved, or why none is compared."""
        if self.refused:
            return f"The {self.refused} changed, so they are not compared."
        return f"{len(self.moved)} of {document.count(len(self.compared), 'compared figure')} moved."


@cached
def steps(site: Site) -> tuple[Replacement, ...]:
    """Return every step, the newest first."""
    by_place: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(site.records.values(), key=lambda record: (record.measured_at, record.id)):
        if record.id not in site.withdrawn:
            by_place.setdefault((record.example, site.machine_key(record), record.device), []).append(record)
    found = [_step(site, older, newer) for records in by_place.values() for older, newer in pairwise(records)]
    return tuple(sorted(found, key=lambda step: (step.newer.measured_at, step.newer.id), reverse=True))


def _step(site: Site, older: Record, newer: Record) -> Replacement:
    if older.method != newer.method:
        return Replacement(older, newer, refused="method of measuring")
    if older.digest != newer.digest:
        return Replacement(older, newer, refused="source of the example")
    keys = [point.key for point in newer.points if older.point(point.key)]
    return Replacement(older, newer, tuple(compare(older, newer, key, run_history(site)) for key in keys))


def page(site: Site) -> Page:
    """Return the page of figures that changed between successive records of an example, machine and device."""
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "When an example is measured again on a machine, the newer record replaces the older one; both keep their "
            f"addresses. A figure has moved if the whole {INTERVAL} of the ratio is more than 5 % away from 1; the "
            "interval includes the spread between runs. If the controls of the two runs differ, the machine itself "
            "moved, and a change that this explains does not count."
        )
    ]
    blocks += [block for step in steps(site) for block in _blocks(site, step)]
    if not steps(site):
        blocks.append(document.paragraph("No example has been measured twice on one machine yet."))
    return document.page("changelog.md", "Changelog of figures", "What moved between records, and by how much.", blocks)


def title(site: Site, step: Replacement) -> str:
    return f"{step.newer.example}, {view_of(site, step.newer).date}"


def _blocks(site: Site, step: Replacement) -> list[str | Markup]:
    older, newer = step.older, step.newer
    sides: tuple[RecordView, RecordView] = view_of(site, older), view_of(site, newer)
    place = f" of {sides[0].date} on {sides[1].label}, {newer.device}. "
    links = join([record_link(newer), " after ", record_link(older), place])
    heading = document.heading(title(site, step), newer.id)
    if step.refused:
        return [heading, document.paragraph(links, step.counted)]
    shared = common(step.comparisons)
    differing = f" Differences between the two: {'; '.join(shared)}." if shared else ""
    blocks: list[str | Markup] = [
        heading,
        document.paragraph(links, step.counted, machine_moved(older, newer), differing),
    ]
    if step.moved:
        rows = [
            document.row(
                point_label(newer, comparison.key),
                *(element("td", linked(side, comparison.key) or NONE, class_="sd-number") for side in sides),
                element("td", format_ratio(comparison), class_="sd-number", title=between_runs(comparison)),
                in_words(comparison, shared),
                id=f"{newer.id}.{point_id(comparison.key)}",
            )
            for comparison in step.moved
        ]
        columns = ("Figure", *(document.number_head(name) for name in ("Before", "After", "Ratio")), "Result")
        blocks.append(document.table(f"What moved in {newer.example}", columns, rows))
    return blocks
