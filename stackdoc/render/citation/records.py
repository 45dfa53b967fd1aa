"""References to measurements: a record, one of its figures, the same figure on two machines."""

from __future__ import annotations

from stackdoc.errors import count, did_you_mean
from stackdoc.model.record import Point, Record
from stackdoc.render.citation.formats import Reference, citation_error, digest, joined, title, url
from stackdoc.render.html.element import line
from stackdoc.render.values.record_view import (
    RecordView,
    anchor,
    figure_of,
    interval_text,
    items,
    point_label,
    record_path,
    value_sentence,
    view_of,
    views,
)
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.site.status import attribution
from stackdoc.statistics import Figure, compare, format_figure


def view_by_name(site: Site, name: str) -> RecordView | None:
    """Return the record of that id, or the newest of `EXAMPLE` or `EXAMPLE@MACHINE[/DEVICE]`; None for other names."""
    if (record := site.record(name)) is not None:
        return view_of(site, record)
    example, at, machine = name.partition("@")
    if example not in site.examples:
        return None
    candidates = views(site, example)
    if not at and candidates:
        return candidates[0]
    machine, _, device = machine.partition("/")
    for view in candidates:
        if machine in (view.key, view.record.machine.id) and device in ("", view.record.device):
            return view
    if not candidates:
        raise citation_error(f"example {example!r} has no record to cite")
    known = [f"{view.key}/{view.record.device}" for view in candidates]
    raise citation_error(f"example {example!r} has no record of machine {machine!r}", did_you_mean(machine, known))


def both_sides(site: Site, name: str) -> tuple[RecordView, RecordView]:
    """Return both sides of a comparison; the second may leave out the example."""
    first, _, second = name.partition(",")
    if "@" in first and "@" not in second:
        second = f"{first.partition('@')[0]}@{second}"
    sides = []
    for side in (first, second):
        view = view_by_name(site, side.strip())
        if view is None:
            raise citation_error(
                f"{side!r} is neither a record nor an example", did_you_mean(side, [*site.examples, *site.records])
            )
        sides.append(view)
    return sides[0], sides[1]


def record_reference(site: Site, view: RecordView, point: str, address: str) -> Reference:
    """Return the reference for a record, or for one of its figures."""
    record = view.record
    if point:
        _known_point(record, point)
    subject = _example_title(site, record)
    if point:
        subject = f"{subject}: {_labelled(record, point)}"
    sentence = value_sentence(view, point) if point else ""
    figure = figure_of(view, point) if point else None
    heading = f"{subject}: {format_figure(figure)}" if figure else subject
    parts = [sentence, subject, *_setting(view), f"{view.date} UTC", *_warnings(site, record), f"record {record.id}"]
    return Reference(
        key=f"stackdoc-{record.id}" + (f"-{digest(point)[:6]}" if point else ""),
        kind="dataset",
        title=title(f"{heading}, measured on {view.label} (record {record.id})"),
        date=view.date,
        url=_record_url(record, point, address),
        number=record.id,
        publisher=title(site.title),
        statement=joined(parts),
        author=title(site.author),
        licence=site.licence,
        records=(record.id,),
        digests=_digests(record),
    )


def _known_point(record: Record, point: str) -> None:
    keys = [item.key for item in items(record)]
    if point not in keys:
        raise citation_error(f"record {record.id} has no point {point!r}", did_you_mean(point, keys))


def _labelled(record: Record, point: str) -> str:
    """`torch.mm, n = 512, float32`."""
    item = record.item(point)
    dtype = line(item.dtype) if isinstance(item, Point) else ""
    return f"{point_label(record, point)}, {dtype}" if dtype else point_label(record, point)


def _setting(view: RecordView) -> list[str]:
    """Return the machine and the software that a time depends on."""
    record, software = view.record, view.record.software
    torch = software.packages.get("torch", "")
    threads = count(record.threads, "thread") if record.device == "cpu" else ""
    driver = f"driver {software.driver}" if software.driver and record.device != "cpu" else ""
    return [view.label, threads, f"torch {torch}" if torch else f"Python {software.python}", driver]


def _warnings(site: Site, record: Record) -> list[str]:
    """Return what a reader of the citation must know: that it is unverified or withdrawn."""
    withdrawn = f"withdrawn on {site.withdrawn[record.id].date}" if record.id in site.withdrawn else ""
    return [attribution(site, record) if site.contributor(record) else "", withdrawn]


def comparison_reference(site: Site, base: RecordView, other: RecordView, point: str, address: str) -> Reference:
    """Return the reference for one point on two machines, or at two times, with every difference stated."""
    shared = [each.key for each in base.record.points if other.record.point(each.key)]
    point = point or (shared[0] if len(shared) == 1 else "")
    if not point:
        raise citation_error("the figure to compare is not named", f"add #POINT; known: {', '.join(shared) or 'none'}")
    _known_point(base.record, point)
    comparison = compare(base.record, other.record, point, run_history(site))
    if comparison.refused or comparison.ratio is None:
        raise citation_error(f"records {base.record.id} and {other.record.id} can't be compared: {comparison.refused}")
    ratio = Figure(comparison.ratio, comparison.low, comparison.high, "×")
    subject = f"{_example_title(site, base.record)}: {_labelled(base.record, point)}"
    unit = "time" if isinstance(measured := base.record.item(point), Point) and measured.kind == "time" else "value"
    parts = [
        f"{subject}: {_side(site, base, point)}, against {_side(site, other, point)}",
        f"the second has {format_figure(ratio)} the {unit} ({interval_text(ratio)}): {comparison.word}",
        f"differing: {', '.join(comparison.differences) or 'nothing recorded'}",
        f"compared with {_record_url(other.record, point, address)}",
    ]
    ids = (base.record.id, other.record.id)
    return Reference(
        key=f"stackdoc-{ids[0]}-{ids[1]}-{digest(point)[:6]}",
        kind="dataset",
        title=title(f"{subject}, {base.label} against {other.label} (records {ids[0]} and {ids[1]})"),
        date=max(base.date, other.date),
        url=_record_url(base.record, point, address),
        number=f"{ids[0]}, {ids[1]}",
        publisher=title(site.title),
        statement="; ".join(line(part) for part in parts),
        author=title(site.author),
        licence=site.licence,
        records=ids,
        digests=_digests(base.record, other.record),
    )


def _side(site: Site, view: RecordView, point: str) -> str:
    parts = [*_setting(view), f"{view.date} UTC", *_warnings(site, view.record), f"record {view.record.id}"]
    return f"{value_sentence(view, point)} on {joined(parts)}"


def _digests(*records: Record) -> tuple[str, ...]:
    return tuple(record.sha256 for record in records if record.sha256)


def _record_url(record: Record, point: str, address: str) -> str:
    return url(address, record_path(record.id) + (f"#{anchor(point)}" if point else ""))


def _example_title(site: Site, record: Record) -> str:
    return site.examples[record.example].title if record.example in site.examples else record.example
