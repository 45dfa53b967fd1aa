"""The pages of the records, whose addresses are permanent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from statistics import median

from markupsafe import Markup

from stackdoc.model.example import Example
from stackdoc.model.provenance import Remark
from stackdoc.model.record import Point, Ratio, Record, Work
from stackdoc.records.current import withdrawal
from stackdoc.records.store import file_content
from stackdoc.render.citation import cite as citation
from stackdoc.render.citation import head
from stackdoc.render.citation.cite import Reference
from stackdoc.render.citation.records import record_reference
from stackdoc.render.domain import domain
from stackdoc.render.figures import svg
from stackdoc.render.html import code, document, tables
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line, safe_url
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages import repetition, verify_box
from stackdoc.render.pages.listings import accelerators
from stackdoc.render.pages.verification_card import card, example_link
from stackdoc.render.preview import picture
from stackdoc.render.values.arrangement import allotment_text
from stackdoc.render.values.device_state import computed_text, states_text
from stackdoc.render.values.points import selected_keys
from stackdoc.render.values.record_view import (
    RecordView,
    anchor,
    figure_of,
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
from stackdoc.site.status import attribution, status_of
from stackdoc.statistics import Figure, format_figure, format_seconds
from stackdoc.statistics.controls import seconds
from stackdoc.statistics.summary import missing_device_times

SUFFIXES = {"json": "", "bib": "bibtex", "ris": "ris", "csl.json": "csl-json"}


def index(site: Site) -> Page:
    """Return `r/index.json`, the list of all records."""
    entries = [
        {
            "id": record.id,
            "sha256": record.sha256,
            "example": record.example,
            "machine": record.machine.id,
            "device": record.device,
            "measured_at": record.measured_at,
            "standing": status_of(site, record).word,
            "withdrawn": withdrawal(record, site.withdrawn),
            "signature": site.signature(record).state,
            "attribution": attribution(site, record),
            "repeats": record.repeats or "",
            "repetitions": repetition.entries(site, record),
        }
        for _, record in sorted(site.records.items())
    ]
    return Page("r/index.json", "Records", json.dumps(entries, indent=1) + "\n", "file")


def pages(site: Site, record: Record, assets: Assets | None = None, address: str = "") -> Iterator[Page]:
    """Yield `r/<id>/index.html` (a complete document) and `r/<id>.json .bib .ris .csl.json`.

    `address` is the published root of the site, for the links in citations; it defaults to `site.address`.
    """
    address = address or site.address
    work = citation.reference(site, record.id, address)
    body = _document(site, view_of(site, record), work, address, assets)
    yield Page(f"r/{record.id}/index.html", work.title, body, "html")
    for suffix, format in SUFFIXES.items():
        text = citation.FORMATS[format].write(citation.published(work)) if format else file_content(record).decode()
        yield Page(f"r/{record.id}.{suffix}", work.title, text, "file")


def _document(site: Site, view: RecordView, work: Reference, address: str, assets: Assets | None) -> str:
    """Return the complete document: status, figures, code, conditions and citation of the record."""
    record = view.record
    example = site.examples.get(record.example)
    title = example.title if example else record.example
    figures = join(_point(site, view, item, address) for item in items(record))
    table = element("div", tables.points(view, selected_keys(record, ())), class_="sd-measurements")
    drawn = svg.of_record(site.root, view, assets)
    parts = [
        element("p", element("a", site.title or "Home", href="/"), " / record ", element("code", record.id)),
        element("h1", line(title)),
        card(site, view),
        _remarks(site, record),
        drawn,
        domain(site).judged(site, view),
        element("h2", "Figures", id="figures"),
        element("details", element("summary", "All figures as a table"), table, class_="sd-data"),
        figures,
        element("h2", "The code that ran", id="code"),
        *_code(record, example),
        *repetition.section(site, record),
        _folded("Conditions", "conditions", document.definitions(_conditions(site, view), TERSE)),
        element("h2", "Cite this record", id="cite"),
        citation.block(site, work),
        _downloads(record),
        element("h2", "Another figure", id="verify"),
        verify_box.box(),
    ]
    image = picture(title, _words(view), site.name, str(drawn or ""), assets) if address and assets is not None else ""
    body = element("main", *parts, class_="md-typeset sd-record", data_record=record.id)
    html = element(
        "html",
        element("head", *_head(view, work, address, title, image)),
        element("body", body, data_md_color_scheme="default"),
        lang="en",
    )
    return f"<!doctype html>\n{keep_units_together(html)}\n"


def _words(view: RecordView) -> str:
    """Return what the picture of the record states: its first figure, where and when it was measured."""
    key = next((item.key for item in items(view.record) if figure_of(view, item.key)), "")
    first = f"{point_label(view.record, key)}: {value_sentence(view, key)}. " if key else ""
    return f"{first}Measured on {view.date}, {view.label}."


def _head(view: RecordView, work: Reference, address: str, title: str, image: str) -> list[Markup]:
    return [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", work.title),
        head.of_record(view, work, address.rstrip("/"), title, image),
        element("link", rel="icon", href="data:,"),  # or a browser requests one that does not exist
        element("link", rel="stylesheet", href="/assets/stackdoc/stackdoc.css"),
        element("script", src="/assets/stackdoc/stackdoc.js", defer=True),
    ]


def _remarks(site: Site, record: Record) -> Markup | None:
    """Return what was found out about the record later, and which figures that concerns."""
    entries = [
        element("li", element("strong", remark.date), ": ", _of_points(record, remark), line(remark.text))
        for remark in site.remarks_on(record)
    ]
    heading = element("h2", "Remarks", id="remarks")
    return join([heading, element("ul", *entries, class_="sd-remarks")]) if entries else None


def _of_points(record: Record, remark: Remark) -> Markup:
    keys = [item.key for item in items(record) if remark.concerns(record.id, item.key)] if remark.points else []
    links = [element("a", point_label(record, key), href=f"#{anchor(key)}") for key in keys]
    return join([join(links, ", "), ". "]) if links else Markup()


def _folded(title: str, id: str, content: Markup | None) -> Markup:
    """Return a section behind its heading, which stays in sight for those who follow a link to it."""
    return element("details", element("summary", element("h2", title, id=id)), content, class_="sd-section")


def _code(record: Record, example: Example | None) -> list[Markup | None]:
    """Return the script if it is still the one that ran, and the digests of all files that ran."""
    names = [(path, element("code", digest)) for path, digest in record.closure]
    same = example is not None and example.matches(record.digest, record.closure)
    gone = f"The site now has another version of {record.example}."
    where = f" The one that ran is in commit {record.commit}." if record.commit and not record.dirty else ""
    return [
        element("details", element("summary", example.path), code.listing(example)) if same and example else None,
        None if same else element("p", gone + where),
        document.definitions([("Digest of all files", element("code", record.digest)), *names], TERSE),
    ]


def _point(site: Site, view: RecordView, item: Point | Ratio, address: str) -> Markup:
    """Return a figure at its own address `#<point>`: its value, and folded how it was measured and its citation."""
    work = record_reference(site, view, item.key, address)
    value = element("p", value_sentence(view, item.key) or "No figure.", class_="sd-point__value")
    rows: list[tuple[object, object]] = []
    rows += _of_point(item) if isinstance(item, Point) else [("Ratio", f"{item.slow} over {item.fast}")]
    rows.append(("Why it is above its prediction", domain(site).explained(site, view, (item.key,)) or ""))
    heading = element("h3", point_label(view.record, item.key))
    details = element("details", element("summary", "How it was measured"), document.definitions(rows, TERSE))
    cite = element("details", element("summary", "Cite this figure"), citation.block(site, work), class_="sd-cite-one")
    return element("section", heading, value, details, cite, id=point_id(item.key), class_="sd-point")


def _of_point(point: Point) -> list[tuple[object, object]]:
    summary = summary_of(point)
    work = point.work
    rows: list[tuple[object, object]] = [
        ("Quality", f"{summary.quality}, {summary.set_aside} blocks set aside" if summary else ""),
        ("Launches", ", ".join(_three_digits(value, point.unit) for value in launch_values(point))),
        ("Work per call", _work(work) if work else ""),
        ("Data type", point.dtype),
        ("Clock and cache", f"{point.clock}, {point.cache}"),
        ("Device state", states_text(point)),
    ]
    if point.prediction:
        formula = f" ({point.prediction.formula})" if point.prediction.formula else ""
        rows.append(("Predicted before measuring", format_seconds(point.prediction.seconds) + formula))
    if point.check:
        check = point.check
        rows.append(
            ("Checked", f"relative error {check.error:.2g} against {check.against}, tolerance {check.tolerance:.2g}")
        )
    return [*rows, ("Memory per call", _memory(point)), ("Energy per call", _energy(point))]


def _memory(point: Point) -> str:
    """Return the memory that a call added, or why it was not measured; empty in records of the first schema."""
    memory = point.memory
    if memory is None or memory.before_bytes is None or memory.peak_bytes is None:
        return f"not measured: {line(memory.reason)}" if memory else ""
    added = format_figure(Figure(memory.peak_bytes - memory.before_bytes, None, None, "B"))
    before = format_figure(Figure(memory.before_bytes, None, None, "B"))
    return f"{added} on top of the {before} of the {memory.place} before it, by {line(memory.counter)}"


def _energy(point: Point) -> str:
    energy = point.energy
    if energy is None or energy.joules is None or not energy.calls:
        return f"not measured: {line(energy.reason)}" if energy else ""
    each = format_figure(Figure(energy.joules / energy.calls, None, None, "J"))
    idle = "idle power" if energy.idle_watts is None else f"an idle power of {energy.idle_watts:.3g} W"
    return f"{each}, {energy.calls} calls in {energy.seconds:.1f} s by {line(energy.counter)}, {idle} included"


def _three_digits(value: float, unit: str) -> str:
    """Return a value of one launch to three digits: it has no interval, and the method is no more precise."""
    half = abs(value) * 0.005
    return format_figure(Figure(value, value - half, value + half, unit))


def _work(work: Work) -> str:
    """Return `4.194 MFLOP, 196.6 kB`; the amounts are exact, so four digits are shown."""
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
        ("Computed by", line(computed_text(record.computed))),
        ("Could use", allotment_text(record.allotment)),
        ("Measured", f"{line(record.measured_at)} UTC, {record.profile} run, {record.launched} processes"),
        ("Method", f"{record.method}, {record.schema}"),
        ("System", f"{software.system}, kernel {software.kernel}"),
        ("Python", software.python),
        ("Driver", software.driver),
        ("Packages", packages),
        ("Example", example_link(view)),
        ("Commit", join([_commit(site, record), dirty]) if record.commit else ""),
        ("Roofs", _roofs(site, record)),
        ("Controls", _controls(record)),
        ("Caveats", "; ".join((*record.caveats, *_missing_device_times(record)))),
        ("Attribution", attribution(site, record)),
        (_signed_with(site, record), line(site.signature(record))),
        ("Licence", site.licence),
    ]


def _commit(site: Site, record: Record) -> Markup:
    """Return the commit, linked if the repository is on the web: all usual hosts have it at this address."""
    address = safe_url(site.repository)
    code = element("code", record.commit)
    is_web = address.startswith(("http://", "https://")) and re.fullmatch(r"[0-9a-f]{7,64}", record.commit)
    return (
        element("a", code, href=f"{address.rstrip('/').removesuffix('.git')}/commit/{record.commit}")
        if is_web
        else code
    )


def _signed_with(site: Site, record: Record) -> str:
    """Return what was signed: the list of the project's records, or the bundle in which others sent theirs."""
    return f"Signature of the {'bundle' if site.contributor(record) else 'list'}"


def _missing_device_times(record: Record) -> Iterator[str]:
    """Yield the points whose bandwidth and share of the roof are left out, since some launches lack a device time."""
    for point in record.points:
        if missing := missing_device_times(point):
            launches = f"{missing} of {len(point.launches)} launches"
            yield f"{point.key}: {launches} have no device time, so bandwidth and share of the roof are left out"


def _controls(record: Record) -> str:
    """Return the times of the run's controls, which show whether the machine changed between two runs."""
    times = [f"{control.name} {_three_digits(median(seconds(control)), 's')}" for control in record.controls]
    rounds = max((len(control.launches) for control in record.controls), default=0)
    return f"{', '.join(times)}, in {rounds} rounds ({line(record.controls[0].made_with)})" if times else ""


def _roofs(site: Site, record: Record) -> object:
    """Return the record of the roofs it refers to, which need not be stored here."""
    if record.roofs in site.records:
        link = element("a", f"record {record.roofs}", href=record_path(record.roofs))
        why = withdrawal(site.records[record.roofs], site.withdrawn)
        return join([link, f", withdrawn on {why}"]) if why else link
    instead = "shares refer to the newest roofs of its machine"
    return f"record {record.roofs}, which is not stored here; {instead}" if record.roofs else ""


def _downloads(record: Record) -> Markup:
    links = [element("a", suffix, href=f"/r/{record.id}.{suffix}") for suffix in SUFFIXES]
    return element("p", join(links, " · "), class_="sd-downloads")
