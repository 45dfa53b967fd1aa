"""Alternatives for one job: points of several examples, each in an environment of its own, in one figure and table.

Every machine with records of them has its own; ratios are over the first row, by launches that are not paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from stackdoc.model.record import Point
from stackdoc.render.figures import svg
from stackdoc.render.figures.drawing import AXES, Drawing, distinct, drawable_kind, mark_of, reading_of, scale
from stackdoc.render.html import document, tables
from stackdoc.render.html.element import backticks_to_code, element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.comparisons import in_words, ratio
from stackdoc.render.values.machine_switch import machine_folds, views_default_first
from stackdoc.render.values.points import Selection
from stackdoc.render.values.record_view import (
    RecordView,
    figure_of,
    main_quantity,
    missing,
    parameter_text,
    range_text,
    record_path,
)
from stackdoc.render.values.value import aligned, datum
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.table import address
from stackdoc.stack.taxonomies.pages import place_link
from stackdoc.statistics import Comparison, against, format_figure

KINDS = ("timing", "bars", "sweep")


@dataclass(frozen=True)
class Row:
    """`label` is what the author calls it; the points of `example` that `selection` names."""

    label: str
    example: str
    selection: Selection


@dataclass(frozen=True)
class Asked:
    """What the author wants of it; `agree` is the share within which all values have to be the same."""

    kind: str = ""
    quantity: str = ""
    x: str = ""
    log: bool | None = None
    caption: str = ""
    table: bool = False
    agree: float | None = None


@dataclass(frozen=True)
class Entry:
    """A point of a row, on the machine at hand: `label` says which of its row's it is, `series` which row."""

    label: str
    series: str
    view: RecordView
    key: str

    @property
    def point(self) -> Point | None:
        found = self.view.record.item(self.key)
        return found if isinstance(found, Point) else None


def page(site: Site) -> Page:
    """`alternatives/index.md`: every comparison, with what it compares and where that stands."""
    rows = []
    for one in handbook(site).alternatives.values():
        found = [handbook(site).systems[id] for id in one.systems if id in handbook(site).systems]
        known = {layer.id for layer in handbook(site).stack.places}
        layers = dict.fromkeys(system.layer for system in found if system.layer in known)
        names = [element("a", system.name, href=address(site, system)) for system in found]
        title = element("a", one.title, href=f"/alternatives/{one.id}/")
        rows.append(
            document.row(title, join(names, ", "), join([place_link(handbook(site).stack, id) for id in layers], ", "))
        )
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Systems that do the same job, on the same input, each in an environment of its own. Every result is "
            "checked, settings are stated, and where the intervals leave it open, the pages say ambiguous."
        ),
        document.table("Comparisons of alternatives", ("Job", "Compared", "Layer"), rows),
    ]
    return document.page("alternatives/index.md", "Alternatives", "Systems that do the same job, compared.", blocks)


def block(site: Site, rows: Sequence[Row], asked: Asked, assets: Assets | None) -> Markup:
    """A figure, a table, or both, for each machine that has a record of one of the rows.

    Raises ValueError, in words, when the figure can't be drawn of what the rows name.
    """
    blocks = []
    for view in _first_views(site, rows):
        found = list(_entries(site, rows, view))
        if found:
            blocks.append((found[0].view, _shown(site, rows, found, asked, assets)))
    if not blocks:
        command = " ".join(["stackdoc measure --profile full", *dict.fromkeys(row.example for row in rows)])
        return element("p", "Not measured yet: ", element("code", command), " measures it.", class_="sd-missing")
    return element("div", *machine_folds(site, rows[0].example, blocks), class_="sd-measurements")


def _first_views(site: Site, rows: Sequence[Row]) -> Iterator[RecordView]:
    """One view for each machine and device: that of the first row with a record there."""
    seen = set()
    for example in dict.fromkeys(row.example for row in rows):
        for view in views_default_first(site, example):
            place = (view.key, view.record.device)
            if place not in seen:
                seen.add(place)
                yield view


def _entries(site: Site, rows: Sequence[Row], first: RecordView) -> Iterator[Entry]:
    for row in rows:
        for view in views_default_first(site, row.example, first.record.device):
            if view.key != first.key:
                continue
            keys = row.selection.keys(view.record)
            for key in keys:
                yield Entry(_label(row, view, key, len(keys) > 1), line(row.label), view, key)


def _label(row: Row, view: RecordView, key: str, several: bool) -> str:
    found, given = view.record.item(key), dict(row.selection.parameters)
    free = [parameter_text(*pair) for pair in found.parameters if pair[0] not in given] if found and several else []
    return ", ".join([line(row.label), *free])


def _shown(site: Site, rows: Sequence[Row], found: list[Entry], asked: Asked, assets: Assets | None) -> Markup:
    name = asked.quantity or _quantity(found[0])
    table = _table(site, found, name, "" if asked.kind else asked.caption)
    parts: list[object] = []
    if asked.kind:
        drawn = _drawing(found, name, asked)
        options = svg.Options(asked.x, name, asked.log, asked.caption)
        records = join([_record(one) for one in _views(found)], ", ")
        where = element("span", join([found[0].view.label, ", ", records, "."]), class_="sd-provenance")
        inner = None if asked.table else table
        parts.append(svg.compose(site.root, found[0].view, drawn, options, where, inner, assets))
    if asked.table or not asked.kind:
        parts.append(table)
    if asked.agree is not None:
        parts.append(element("p", _agreement(found, name, asked.agree), class_="sd-small"))
    return join([*parts, *_lacking(site, rows, found)])


def _quantity(entry: Entry) -> str:
    found = entry.view.record.item(entry.key)
    return main_quantity(found) if found else "time"


def _views(found: Iterable[Entry]) -> list[RecordView]:
    return list({entry.view.record.id: entry.view for entry in found}.values())


def _record(view: RecordView, before: str = "record ") -> Markup:
    return element("a", f"{before}{view.record.id}", href=record_path(view.record.id))


def _drawing(found: Sequence[Entry], name: str, asked: Asked) -> Drawing:
    known = [(entry, figure) for entry in found if (figure := figure_of(entry.view, entry.key, name)) is not None]
    if not known:
        raise ValueError(f"no point of it has a {name}")
    unit = known[0][1].unit
    kept = [(entry, figure) for entry, figure in known if figure.unit == unit]
    factor, shown = scale([figure.value for _, figure in kept], unit)
    marks = []
    for entry, _ in kept:
        mark = mark_of(entry.view, entry.key, name, factor)
        words = mark.text.partition(": ")[2]
        marks.append(replace(mark, label=entry.label, series=entry.label, text=f"{entry.label}: {words}"))
    if asked.kind == "sweep":
        placed = zip(marks, kept, strict=True)
        marks = [replace(mark, series=entry.series, x=_number(entry, asked.x)) for mark, (entry, _) in placed]
        marks.sort(key=lambda mark: mark.x or 0.0)
    axis = f"{AXES[name]}, {line(shown)}" if shown else AXES[name]
    kind = drawable_kind(asked.kind, marks)
    reading = reading_of(kind, marks, any(figure.estimate == "best" for _, figure in kept))
    return Drawing(
        kind,
        distinct(marks),
        axis,
        f"{AXES[name][0].upper()}{AXES[name][1:]}.",
        reading,
        line(asked.x),
        spans=asked.kind == "sweep",
    )


def _number(entry: Entry, name: str) -> float:
    found = entry.view.record.item(entry.key)
    value = dict(found.parameters).get(name) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{entry.label} has no number {name!r}" if name else "a sweep needs x: a parameter of all")
    return float(value)


def _table(site: Site, found: Sequence[Entry], name: str, caption: str) -> Markup:
    """Each with its interval, its ratio to the first, and its record."""
    figured = [figure_of(entry.view, entry.key, name) for entry in found]
    numbers = aligned([tables.NONE if figure is None else format_figure(figure) for figure in figured])
    pairs = zip(found, numbers, strict=True)
    ratios = _ratios(found, name)
    columns: list[tuple[str, bool, list[object]]] = [
        ("what", False, [entry.label for entry in found]),
        (AXES[name], True, [datum(one.view, one.key, name, number) or tables.NONE for one, number in pairs]),
        ("95 % interval", True, [range_text(entry.view, entry.key, name) for entry in found]),
        ("over the first", True, [ratio(one) or tables.NONE for one in ratios]),
        ("in words", False, [in_words(one) or tables.NONE for one in ratios]),
        ("environment", False, [_environment(site, entry) for entry in found]),
        ("record", False, [_record(entry.view, "") for entry in found]),
    ]
    kept = [column for column in columns if any(cell != tables.NONE for cell in column[2])]
    words = [part for part in (backticks_to_code(caption), _provenance(found)) if part]
    return tables.table(
        [(head, numeric) for head, numeric, _ in kept],
        [[column[2][at] for column in kept] for at in range(len(found))],
        element("span", join(words, " "), class_="sd-caption"),
    )


def _ratios(found: Sequence[Entry], name: str) -> list[Comparison]:
    """Each over the first; empty for the first itself, for what no launch has by itself, and where rows are series."""
    series = [entry.series for entry in found]
    if name not in ("time", "value") or len(set(series)) < len(series):
        return [Comparison(entry.key) for entry in found]
    base, *others = [entry.point for entry in found]
    compared = [against(base, other) if base and other else Comparison("") for other in others]
    return [Comparison(found[0].key), *compared]


def _environment(site: Site, entry: Entry) -> object:
    example = site.examples.get(entry.view.record.example)
    name = example.environment if example else ""
    return element("a", name, href=f"/environments/#{name}") if name else "the handbook’s own"


def _provenance(found: Sequence[Entry]) -> Markup:
    """Machine and device; what all have in common of the rest, and each other thing with all that there is of it."""
    records = [view.record for view in _views(found)]
    ways = [
        [f"{one.threads} {'thread' if one.threads == 1 else 'threads'}" for one in records],
        [f"{one.profile} run" for one in records],
        [f"{view.date} UTC" for view in _views(found)],
    ]
    words = [" and ".join(dict.fromkeys(way)) for way in ways]
    stale = ["some out of date"] if any(view.stale for view in _views(found)) else []
    first = found[0].view
    return element("span", ", ".join([first.label, first.record.device, *words, *stale]), ".", class_="sd-provenance")


def _agreement(found: Sequence[Entry], name: str, share: float) -> str:
    """Whether all values are the same within a share of the largest."""
    values = [figure.value for entry in found if (figure := figure_of(entry.view, entry.key, name)) is not None]
    if len(values) < 2:
        return "Only one is measured: nothing to agree with."
    apart = (max(values) - min(values)) / (max(map(abs, values)) or 1.0)
    if apart <= share:
        return f"All {len(values)} agree: they are {apart:.2g} of the largest apart, of {share:g} allowed."
    return f"They do not agree: they are {apart:.2g} of the largest apart, where {share:g} was allowed."


def _lacking(site: Site, rows: Sequence[Row], found: Sequence[Entry]) -> Iterator[Markup]:
    """A line for each row that this machine has nothing of, with the reason."""
    first = found[0].view
    shown = {entry.series for entry in found}
    for row in rows:
        if line(row.label) not in shown:
            gaps = missing(site, row.example, first.key, first.record.device)
            reason = "; ".join(reason for _, reason in gaps) or "its runs leave this point out"
            yield element("p", f"{row.label}: not measured here: {reason}.", class_="sd-missing")
