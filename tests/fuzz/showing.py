"""Everything that a site shows of a record and of a project, made once, to see that it can be."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import export
from stackdoc.render.figures import svg
from stackdoc.render.figures.svg import FigureOptions
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import record as record_page
from stackdoc.render.pages.all import generated
from stackdoc.render.values.record_view import view_of
from stackdoc.site.site import Site
from tests.made.records import made_example


def site_of(root: Path, record: Record) -> Site:
    """Return the site of one example, which has that record."""
    example = made_example(id=record.example, path=f"examples/{record.example}.py", digest=record.digest)
    return Site(Layout(root), {example.id: example}, {record.id: record}, author="A. Person")


def show_record(root: Path, record: Record) -> None:
    """Make the pages, figures, tables and exports of a record."""
    site, assets = site_of(root, record), Assets()
    show(site, assets)
    view = view_of(site, record)
    timed = [point for point in record.points if point.kind == "time"]
    names = sorted({name for point in record.points for name, _ in point.parameters})
    for kind in svg.KINDS:
        keys = [point.key for point in timed[:20]]
        with suppress(ValueError):  # the page with the fence names the reason
            svg.figure(root, view, kind, keys, FigureOptions(x=names[0] if names else ""), assets)
    table = list(export.rows([record], {record.id: record}, {}, {}))
    assert export.as_csv(table)
    assert bool(export.as_json_lines(table)) == bool(table)
    assert export.as_pytest_benchmark([record])


def show(site: Site, assets: Assets | None = None) -> None:
    """Make all generated pages of a site, and those of its records."""
    assets = assets or Assets()
    assert record_page.index(site).text
    for page in generated(site, (), assets):
        page.text.encode()
    for record in site.records.values():
        for page in record_page.pages(site, record, assets):
            page.text.encode()
