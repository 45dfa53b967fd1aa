"""The pages of the records: each stays at its address for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median

from markupsafe import Markup

from stackdoc.model.example import Example
from stackdoc.model.provenance import Remark
from stackdoc.model.record import Point, Ratio, Record, Work
from stackdoc.records.current import withdrawal
from stackdoc.records.store import content_of
from stackdoc.render.citation import cite as citation
from stackdoc.render.citation import head
from stackdoc.render.citation.cite import Reference
from stackdoc.render.citation.records import record_reference
from stackdoc.render.domain import domain
from stackdoc.render.figures import svg
from stackdoc.render.html import code, document, tables
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.listings import accelerators
from stackdoc.render.values.device_state import states_text
from stackdoc.render.values.points import selected_keys
from stackdoc.render.values.record_view import (
    RecordView,
    anchor,
    date_of,
    items,
    launch_values,
    point_id,
    point_label,
    record_path,
    summary_of,
    unverified_note,
    value_sentence,
    view_of,
)
from stackdoc.render.values.value import keep_units_together
from stackdoc.site.site import Site
from stackdoc.site.status import Standing, standing, vouched
from stackdoc.statistics import Figure, format_figure, format_seconds
from stackdoc.statistics.controls import seconds

SUFFIXES = {"json": "", "bib": "bibtex", "ris": "ris", "csl.json": "csl-json"}


def index(site: Site) -> Page:
    """`r/index.json` lists all records."""
    listed = [
        {
            "id": one.id,
            "example": one.example,
            "machine": one.machine.id,
            "device": one.device,
            "measured_at": one.measured_at,
            "standing": standing(site, one).word,
            "withdrawn": withdrawal(one, site.withdrawn),
        }
        for _, one in sorted(site.records.items())
    ]
    return Page("r/index.json", "Records", json.dumps(listed, indent=1) + "\n", "file")


def pages(site: Site, record: Record, assets: Assets | None = None, address: str = "") -> Iterator[Page]:
    """`r/<id>/index.html` (a complete document) and `r/<id>.json .bib .ris .csl.json`.

    `address` is the published root of the site, for the links inside citations; by default the one the site knows.
    """
    address = address or site.address
    work = citation.reference(site, record.id, address)
    body = _document(site, view_of(site, record), work, address, assets)
    yield Page(f"r/{record.id}/index.html", work.title, body, "html")
    for suffix, format in SUFFIXES.items():
        text = citation.WRITERS[format](work) if format else record_json(record)
        yield Page(f"r/{record.id}.{suffix}", work.title, text, "file")


def record_json(record: Record) -> str:
    """The record as it is stored: canonical JSON and a newline."""
    return content_of(record).decode()


def _document(site: Site, view: RecordView, work: Reference, address: str, assets: Assets | None) -> str:
    """A complete page: what was measured, on what, with what, whether it still counts, and how to cite it."""
    record = view.record
    example = site.examples.get(record.example)
    title = example.title if example else record.example
    parts = [
        element("p", element("a", site.title or "Home", href="/"), " / record ", element("code", record.id)),
        element("h1", line(title)),
        _status(standing(site, record)),
        element("p", f"{_sentence(vouched(site, record))}.", class_="sd-vouched") if site.contributor(record) else None,
        _remarks(site, record),
        svg.of_record(site.root, view, assets),
        element("div", tables.points(view, selected_keys(record, ())), class_="sd-measurements"),
        domain(site).judged(site, view),
        element("h2", "Each figure", id="figures"),
        *(_point(site, view, one, address) for one in items(record)),
        element("h2", "The code that ran", id="code"),
        *_code(record, example),
        element("h2", "Where and how", id="conditions"),
        document.definitions(_conditions(site, view), TERSE),
        element("h2", "Cite this record", id="cite"),
        citation.block(work),
        _downloads(record),
    ]
    body = element("main", *parts, class_="md-typeset sd-record", data_record=record.id)
    whole = element(
        "html",
        element("head", *_head(view, work, address, title)),
        element("body", body, data_md_color_scheme="default"),
        lang="en",
    )
    return f"<!doctype html>\n{keep_units_together(whole)}\n"


def _head(view: RecordView, work: Reference, address: str, title: str) -> list[Markup]:
    return [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", work.title),
        head.of_record(view, work, address.rstrip("/"), title),
        element("link", rel="icon", href="data:,"),  # or a browser asks the host for one that is not there
        element("link", rel="stylesheet", href="/assets/stackdoc/stackdoc.css"),
        element("script", src="/assets/stackdoc/stackdoc.js", defer=True),
    ]


def _status(found: Standing) -> Markup:
    """Whether the record still counts, and what took its place."""
    link = element("a", f"record {found.newest.id}", href=record_path(found.newest.id)) if found.newest else None
    day = date_of(found.newest) if found.newest else ""
    words: dict[str, list[object]] = {
        "current": ["Current: the record that counts for its example on its machine."],
        "superseded": ["Superseded by ", link, f" of {day}. This page stays as it is."],
        "older source": [f"{_sentence(found.reason)}."],
        "no example": ["Its example is no longer part of the site. This page stays as it is."],
        "withdrawn": [element("strong", f"{_sentence(found.reason)}."), " Do not rely on these figures."],
    }
    instead = [" What counts now is ", link, "."] if found.word == "withdrawn" and link else []
    return element("p", *words[found.word], *instead, class_="sd-status", data_status=found.word.replace(" ", "-"))


def _remarks(site: Site, record: Record) -> Markup | None:
    """What was learnt of it later, and of which of its figures."""
    said = [
        element("li", element("strong", remark.date), ": ", _of_points(record, remark), line(remark.text))
        for remark in site.remarks_on(record)
    ]
    heading = element("h2", "What was learnt later", id="remarks")
    return join([heading, element("ul", *said, class_="sd-remarks")]) if said else None


def _of_points(record: Record, remark: Remark) -> Markup:
    keys = [one.key for one in items(record) if remark.concerns(record.id, one.key)] if remark.points else []
    links = [element("a", point_label(record, key), href=f"#{anchor(key)}") for key in keys]
    return join([join(links, ", "), ". "]) if links else Markup()


def _sentence(words: str) -> str:
    """As a sentence begins, without the full stop."""
    return f"{words[:1].upper()}{words[1:]}".rstrip(".")


def _code(record: Record, example: Example | None) -> list[Markup | None]:
    """The script itself where it is still the one that ran, and the digests of all that ran."""
    names = [(path, element("code", digest)) for path, digest in record.closure]
    same = example is not None and example.matches(record.digest)
    gone = f"The site has another version of {record.example} today."
    where = f" This one is in commit {record.commit}." if record.commit and not record.dirty else ""
    return [
        element("details", element("summary", example.path), code.listing(example)) if same and example else None,
        None if same else element("p", gone + where),
        document.definitions([("Digest of the whole", element("code", record.digest)), *names], TERSE),
    ]


def _point(site: Site, view: RecordView, one: Point | Ratio, address: str) -> Markup:
    """A figure at its own address `#<point>`, with its citation."""
    work = record_reference(site, view, one.key, address)
    cite = element("details", element("summary", "Cite this figure"), citation.block(work), class_="sd-cite-one")
    rows: list[tuple[object, object]] = [("Figure", value_sentence(view, one.key) or "none")]
    rows += _of_point(one) if isinstance(one, Point) else [("Ratio", f"{one.slow} over {one.fast}")]
    rows.append(("Why it is above its prediction", domain(site).explained(site, view, (one.key,)) or ""))
    heading = element("h3", point_label(view.record, one.key))
    shown = document.definitions(rows, TERSE)
    return element("section", heading, shown, cite, id=point_id(one.key), class_="sd-point")


def _of_point(point: Point) -> list[tuple[object, object]]:
    summary = summary_of(point)
    work = point.work
    rows: list[tuple[object, object]] = [
        ("Quality", f"{summary.quality}, {summary.set_aside} blocks set aside" if summary else ""),
        ("Each launch", ", ".join(_three_digits(value, point.unit) for value in launch_values(point))),
        ("Work of a call", _work(work) if work else ""),
        ("Type of number", point.dtype),
        ("Clock and cache", f"{point.clock}, {point.cache}"),
        ("State of the device", states_text(point)),
    ]
    if point.prediction:
        formula = f" ({point.prediction.formula})" if point.prediction.formula else ""
        rows.append(("Predicted before measuring", format_seconds(point.prediction.seconds) + formula))
    if point.check:
        found = point.check
        rows.append(
            ("Checked", f"relative error {found.error:.2g} against {found.against}, allowed {found.tolerance:.2g}")
        )
    return [*rows, ("Memory of a call", _memory(point)), ("Energy of a call", _energy(point))]


def _memory(point: Point) -> str:
    """What the call held beyond what was there before, or why nobody knows; empty in records of the first schema."""
    seen = point.memory
    if seen is None or seen.before_bytes is None or seen.peak_bytes is None:
        return f"not measured: {line(seen.reason)}" if seen else ""
    more = format_figure(Figure(seen.peak_bytes - seen.before_bytes, None, None, "B"))
    before = format_figure(Figure(seen.before_bytes, None, None, "B"))
    return f"{more} beyond the {before} of the {seen.place} before it, by {line(seen.counter)}"


def _energy(point: Point) -> str:
    seen = point.energy
    if seen is None or seen.joules is None or not seen.calls:
        return f"not measured: {line(seen.reason)}" if seen else ""
    each = format_figure(Figure(seen.joules / seen.calls, None, None, "J"))
    idle = "idle power" if seen.idle_watts is None else f"an idle power of {seen.idle_watts:.3g} W"
    return f"{each}, {seen.calls} calls in {seen.seconds:.1f} s by {line(seen.counter)}, {idle} included"


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


def _conditions(site: Site, view: RecordView) -> list[tuple[object, object]]:
    record, software = view.record, view.record.software
    machine = line(record.machine.label_on(record.device)) + unverified_note(site, [record])
    packages = ", ".join(f"{name} {version}" for name, version in sorted(software.packages.items()))
    dirty = ", with changes that were not committed" if record.dirty else ""
    return [
        ("Machine", join([element("a", machine, href=f"/machines/{record.machine.id}/"), f" ({record.machine.id})"])),
        ("Accelerators", accelerators(record.machine)),
        ("Device and threads", f"{record.device}, {record.threads}"),
        ("Measured", f"{line(record.measured_at)} UTC, {record.profile} run, {record.launched} processes"),
        ("Method", f"{record.method}, {record.schema}"),
        ("System", f"{software.system}, kernel {software.kernel}"),
        ("Python", software.python),
        ("Driver", software.driver),
        ("Packages", packages),
        ("Example", element("a", record.example, href=f"/examples/{record.example}/")),
        ("Commit", join([element("code", record.commit), dirty]) if record.commit else ""),
        ("Roofs from", _roofs(site, record)),
        ("Controls of its run", _controls(record)),
        ("Caveats", "; ".join(record.caveats)),
        ("Vouched for", vouched(site, record)),
        ("Licence", site.licence),
    ]


def _controls(record: Record) -> str:
    """What the run's fixed pieces of work took, by which another run on the machine is compared with it."""
    taken = [f"{one.name} {_three_digits(median(seconds(one)), 's')}" for one in record.controls]
    rounds = max((len(one.launches) for one in record.controls), default=0)
    return f"{', '.join(taken)}, in {rounds} rounds ({line(record.controls[0].made_with)})" if taken else ""


def _roofs(site: Site, record: Record) -> object:
    """The record of the roofs it was measured under; a record can come without it."""
    if record.roofs in site.records:
        link = element("a", f"record {record.roofs}", href=record_path(record.roofs))
        why = withdrawal(site.records[record.roofs], site.withdrawn)
        return join([link, f", withdrawn on {why}"]) if why else link
    instead = "shares are of the newest roofs of its machine"
    return f"record {record.roofs}, which is not kept here; {instead}" if record.roofs else ""


def _downloads(record: Record) -> Markup:
    links = [element("a", suffix, href=f"/r/{record.id}.{suffix}") for suffix in SUFFIXES]
    return element("p", join(links, " · "), class_="sd-downloads")
