"""References to what was measured: a record, one figure of it, two machines side by side."""

from __future__ import annotations

from stackdoc.errors import did_you_mean
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
from stackdoc.site.experience import experience
from stackdoc.site.site import Site
from stackdoc.site.status import vouched
from stackdoc.statistics import Figure, compare, format_figure


def view_by_name(site: Site, name: str) -> RecordView | None:
    """The record of that id, or the newest one of `EXAMPLE` or `EXAMPLE@MACHINE[/DEVICE]`; None for other names."""
    if name.lower() in site.records:
        return view_of(site, site.records[name.lower()])
    example, at, machine = name.partition("@")
    if example not in site.examples:
        return None
    found = views(site, example)
    if not at and found:
        return found[0]
    machine, _, device = machine.partition("/")
    for view in found:
        if machine in (view.key, view.record.machine.id) and device in ("", view.record.device):
            return view
    if not found:
        raise citation_error(f"example {example!r} has no record to cite")
    known = [f"{view.key}/{view.record.device}" for view in found]
    raise citation_error(f"example {example!r} has no record of machine {machine!r}", did_you_mean(machine, known))


def both_sides(site: Site, name: str) -> tuple[RecordView, RecordView]:
    """Both sides of a comparison; the second may leave out the example."""
    first, _, second = name.partition(",")
    if "@" in first and "@" not in second:
        second = f"{first.partition('@')[0]}@{second}"
    found = []
    for side in (first, second):
        view = view_by_name(site, side.strip())
        if view is None:
            raise citation_error(
                f"{side!r} is no record and no example", did_you_mean(side, [*site.examples, *site.records])
            )
        found.append(view)
    return found[0], found[1]


def record_reference(site: Site, view: RecordView, point: str, address: str) -> Reference:
    """A whole record, or one figure of it."""
    record = view.record
    if point:
        _known_point(record, point)
    what = _example_title(site, record)
    if point:
        what = f"{what}: {_labelled(record, point)}"
    value = value_sentence(view, point) if point else ""
    figure = figure_of(view, point) if point else None
    named = f"{what}: {format_figure(figure)}" if figure else what
    parts = [value, what, *_setting(view), f"{view.date} UTC", *_warnings(site, record), f"record {record.id}"]
    return Reference(
        key=f"stackdoc-{record.id}" + (f"-{digest(point)[:6]}" if point else ""),
        kind="dataset",
        title=title(f"{named}, measured on {view.label} (record {record.id})"),
        date=view.date,
        url=_record_url(record, point, address),
        number=record.id,
        publisher=title(site.title),
        statement=joined(parts),
        author=title(site.author),
        licence=site.licence,
        records=(record.id,),
    )


def _known_point(record: Record, point: str) -> None:
    keys = [one.key for one in items(record)]
    if point not in keys:
        raise citation_error(f"record {record.id} has no point {point!r}", did_you_mean(point, keys))


def _labelled(record: Record, point: str) -> str:
    """`torch.mm, n = 512, float32`."""
    found = record.item(point)
    dtype = line(found.dtype) if isinstance(found, Point) else ""
    return f"{point_label(record, point)}, {dtype}" if dtype else point_label(record, point)


def _setting(view: RecordView) -> list[str]:
    """Machine and software, as far as they decide about a time."""
    record, software = view.record, view.record.software
    torch = software.packages.get("torch", "")
    threads = f"{record.threads} thread{'s' if record.threads != 1 else ''}" if record.device == "cpu" else ""
    driver = f"driver {software.driver}" if software.driver and record.device != "cpu" else ""
    return [view.label, threads, f"torch {torch}" if torch else f"Python {software.python}", driver]


def _warnings(site: Site, record: Record) -> list[str]:
    """What a reader of the citation must not miss."""
    withdrawn = f"withdrawn on {site.withdrawn[record.id].date}" if record.id in site.withdrawn else ""
    return [vouched(site, record) if site.contributor(record) else "", withdrawn]


def comparison_reference(site: Site, one: RecordView, two: RecordView, point: str, address: str) -> Reference:
    """The same point on two machines, or at two times, with every difference stated."""
    shared = [found.key for found in one.record.points if two.record.point(found.key)]
    point = point or (shared[0] if len(shared) == 1 else "")
    if not point:
        raise citation_error("which figure is compared?", f"add #POINT; known: {', '.join(shared) or 'none'}")
    _known_point(one.record, point)
    found = compare(one.record, two.record, point, experience(site))
    if found.refused or found.ratio is None:
        raise citation_error(f"records {one.record.id} and {two.record.id} can't be compared: {found.refused}")
    ratio = Figure(found.ratio, found.low, found.high, "×")
    what = f"{_example_title(site, one.record)}: {_labelled(one.record, point)}"
    unit = "time" if isinstance(measured := one.record.item(point), Point) and measured.kind == "time" else "value"
    parts = [
        f"{what}: {_side(site, one, point)}, against {_side(site, two, point)}",
        f"the second has {format_figure(ratio)} the {unit} ({interval_text(ratio)}): {found.word}",
        f"differing: {', '.join(found.differences) or 'nothing recorded'}",
        f"compared with {_record_url(two.record, point, address)}",
    ]
    ids = (one.record.id, two.record.id)
    return Reference(
        key=f"stackdoc-{ids[0]}-{ids[1]}-{digest(point)[:6]}",
        kind="dataset",
        title=title(f"{what}, {one.label} against {two.label} (records {ids[0]} and {ids[1]})"),
        date=max(one.date, two.date),
        url=_record_url(one.record, point, address),
        number=f"{ids[0]}, {ids[1]}",
        publisher=title(site.title),
        statement="; ".join(line(part) for part in parts),
        author=title(site.author),
        licence=site.licence,
        records=ids,
    )


def _side(site: Site, view: RecordView, point: str) -> str:
    parts = [*_setting(view), f"{view.date} UTC", *_warnings(site, view.record), f"record {view.record.id}"]
    return f"{value_sentence(view, point)} on {joined(parts)}"


def _record_url(record: Record, point: str, address: str) -> str:
    return url(address, record_path(record.id) + (f"#{anchor(point)}" if point else ""))


def _example_title(site: Site, record: Record) -> str:
    return site.examples[record.example].title if record.example in site.examples else record.example
