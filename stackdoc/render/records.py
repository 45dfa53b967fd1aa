"""The pages of the records: each stays at its address for ever."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

import rfc8785
from markupsafe import Markup

from stackdoc.record import Point, Ratio, Record, Work
from stackdoc.render import citation, document, figures, tables
from stackdoc.render.citation import AUTHOR, LICENCE, Reference
from stackdoc.render.html import element, join, line
from stackdoc.render.listings import accelerators
from stackdoc.render.measured import (
    Bench,
    bench_of,
    items,
    launch_values,
    point_id,
    point_label,
    record_path,
    summary_of,
    value_sentence,
)
from stackdoc.render.page import Assets, Page
from stackdoc.render.points import chosen
from stackdoc.render.sources import TERSE
from stackdoc.site import Site
from stackdoc.statistics import Figure, format_figure, format_seconds

SUFFIXES = {"json": "", "bib": "bibtex", "ris": "ris", "csl.json": "csl-json"}
STYLES = ("figures.css", "stackdoc.css")


def pages(site: Site, assets: Assets | None = None, address: str = "") -> tuple[Page, ...]:
    """`r/<id>/index.html` (a complete document) and `r/<id>.json .bib .ris .csl.json`; `r/index.json` lists them.

    `address` is the published root of the site, for the links inside citations.
    """
    every = sorted(site.records.values(), key=lambda record: record.id)
    listed = [
        {"id": one.id, "example": one.example, "machine": one.machine.id, "measured_at": one.measured_at}
        for one in every
    ]
    index = Page("r/index.json", "Records", json.dumps(listed, indent=1) + "\n", "file")
    return (index, *(page for record in every for page in _pages(site, record, address, assets)))


def _pages(site: Site, record: Record, address: str, assets: Assets | None) -> Iterable[Page]:
    work = citation.reference(site, record.id, address)
    yield Page(
        f"r/{record.id}/index.html", work.title, _document(site, bench_of(site, record), work, address, assets), "html"
    )
    for suffix, format in SUFFIXES.items():
        text = citation.WRITERS[format](work) if format else record_json(record)
        yield Page(f"r/{record.id}.{suffix}", work.title, text, "file")


def record_json(record: Record) -> str:
    """The record as it is stored: canonical JSON and a newline."""
    return rfc8785.dumps(dataclasses.asdict(record)).decode() + "\n"


def _document(site: Site, bench: Bench, work: Reference, address: str, assets: Assets | None) -> str:
    """A complete page: what was measured, on what, with what, and how to cite it."""
    record = bench.record
    example = site.examples.get(record.example)
    title = example.title if example else record.example
    parts = [
        element("p", element("a", site.stack.title, href="/"), " / record ", element("code", record.id)),
        element("h1", line(title)),
        _status(site, bench),
        figures.of_record(site.root, bench, assets),
        element("div", tables.points(bench, chosen(record, ())), class_="sd-measurements"),
        element("h2", "Each figure", id="figures"),
        *(_point(bench, one) for one in items(record)),
        element("h2", "Where and how", id="conditions"),
        document.definitions(_conditions(bench), TERSE),
        element("h2", "Cite this record", id="cite"),
        citation.block(work),
        _downloads(record),
    ]
    body = element("main", *parts, class_="md-typeset sd-record", data_record=record.id)
    whole = element(
        "html",
        element("head", *_head(bench, work, address)),
        element("body", body, data_md_color_scheme="default"),
        lang="en",
    )
    return f"<!doctype html>\n{whole}\n"


def _head(bench: Bench, work: Reference, address: str) -> list[Markup]:
    """What reference managers read: Highwire tags, and z.* so that Zotero takes it for a data set."""
    tags = {
        "description": work.sentence,
        "citation_title": work.title,
        "citation_author": f"{AUTHOR},",
        "citation_publication_date": work.date.replace("-", "/"),
        "citation_public_url": work.url if address else "",
        "z.itemType": "dataset",
        "z.identifier": work.number,
        "z.versionNumber": work.number,
        "z.rights": LICENCE,
        "robots": "noindex, follow",
    }
    return [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", work.title),
        *(element("meta", name=name, content=content) for name, content in tags.items() if content),
        *(element("link", rel="stylesheet", href=f"/assets/stackdoc/{name}") for name in STYLES),
        element("script", Markup(_json_ld(bench, work)), type="application/ld+json"),
    ]


def _json_ld(bench: Bench, work: Reference) -> str:
    content = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": work.title,
        "description": work.sentence,
        "identifier": work.number,
        "version": work.number,
        "url": work.url,
        "datePublished": work.date,
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "creator": {"@type": "Organization", "name": AUTHOR},
        "measurementTechnique": line(bench.record.method),
        "variableMeasured": [point_label(bench.record, one.key) for one in items(bench.record)],
    }
    written = json.dumps(content, ensure_ascii=True)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _status(site: Site, bench: Bench) -> Markup:
    """Whether this is the newest record of its example, machine and device, and if not, which is."""
    record = bench.record
    newest = site.current(record.example, bench.key, record.device)
    if newest is not None and newest.id != record.id:
        link = element("a", f"record {newest.id}", href=record_path(newest.id))
        return element("p", "Superseded by ", link, ". This page stays.", class_="sd-status", data_status="superseded")
    if record.example not in site.examples:
        return element("p", "Its example is no longer part of the site.", class_="sd-status", data_status="orphan")
    if bench.stale:
        return element("p", f"Newest, but {'; '.join(bench.stale)}.", class_="sd-status", data_status="stale")
    return element(
        "p", "Current: the newest of its example on this machine.", class_="sd-status", data_status="current"
    )


def _point(bench: Bench, one: Point | Ratio) -> Markup:
    """A figure at its own address `#<point>`."""
    rows: list[tuple[object, object]] = [("Figure", value_sentence(bench, one.key) or "none")]
    rows += _of_point(one) if isinstance(one, Point) else [("Ratio", f"{one.slow} over {one.fast}")]
    heading = element("h3", point_label(bench.record, one.key))
    return element("section", heading, document.definitions(rows, TERSE), id=point_id(one.key), class_="sd-point")


def _of_point(point: Point) -> list[tuple[object, object]]:
    summary = summary_of(point)
    work = point.work
    rows: list[tuple[object, object]] = [
        ("Quality", f"{summary.quality}, {summary.set_aside} blocks set aside" if summary else ""),
        ("Each launch", ", ".join(_three_digits(value, point.unit) for value in launch_values(point))),
        ("Work of a call", _work(work) if work else ""),
        ("Type of number", point.dtype),
        ("Clock and cache", f"{point.clock}, {point.cache}"),
    ]
    if point.prediction:
        formula = f" ({point.prediction.formula})" if point.prediction.formula else ""
        rows.append(("Predicted before measuring", format_seconds(point.prediction.seconds) + formula))
    if point.check:
        found = point.check
        rows.append(
            ("Checked", f"relative error {found.error:.2g} against {found.against}, allowed {found.tolerance:.2g}")
        )
    return rows


def _three_digits(value: float, unit: str) -> str:
    """A number of one launch, which has no interval of its own; three digits are what the method is good for."""
    half = abs(value) * 0.005
    return format_figure(Figure(value, value - half, value + half, unit))


def _work(work: Work) -> str:
    """`4.194 MFLOP, 196.6 kB`; the amounts are exact, so four digits are shown."""
    amounts = [
        Figure(amount, amount, amount, unit) for amount, unit in ((work.flop, "FLOP"), (work.bytes, "B")) if amount
    ]
    return ", ".join(format_figure(amount) for amount in amounts)


def _conditions(bench: Bench) -> list[tuple[object, object]]:
    record, software = bench.record, bench.record.software
    packages = ", ".join(f"{name} {version}" for name, version in sorted(software.packages.items()))
    dirty = ", with changes that were not committed" if record.dirty else ""
    return [
        (
            "Machine",
            join([element("a", bench.label, href=f"/machines/{record.machine.id}/"), f" ({record.machine.id})"]),
        ),
        ("Accelerators", accelerators(record.machine)),
        ("Device and threads", f"{record.device}, {record.threads}"),
        ("Measured", f"{line(record.measured_at)} UTC, {record.profile} run, {record.launched} processes"),
        ("Method", f"{record.method}, {record.schema}"),
        ("System", f"{software.system}, kernel {software.kernel}"),
        ("Python", software.python),
        ("Driver", software.driver),
        ("Packages", packages),
        ("Example", element("a", record.example, href=f"/examples/{record.example}/")),
        ("Digest of the example", element("code", record.digest)),
        ("Commit", join([element("code", record.commit), dirty]) if record.commit else ""),
        ("Roofs from", element("a", f"record {record.roofs}", href=record_path(record.roofs)) if record.roofs else ""),
        ("Caveats", "; ".join(record.caveats)),
        ("Licence", LICENCE),
    ]


def _downloads(record: Record) -> Markup:
    links = [element("a", suffix, href=f"/r/{record.id}.{suffix}") for suffix in SUFFIXES]
    return element("p", join(links, " · "), class_="sd-downloads")
