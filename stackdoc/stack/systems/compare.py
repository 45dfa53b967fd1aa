"""Compare alternatives for one job: points of several examples, each in its own environment, in a figure or table.

Every machine with records has its own figure and table. Ratios are over the first row, from unpaired launches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from stackdoc.model.record import Point
from stackdoc.render.figures import svg
from stackdoc.render.figures.drawing import (
    Drawing,
    Mark,
    Word,
    axis_title,
    distinct,
    drawable_kind,
    mark_of,
    parameter_words,
    reading_of,
    scale,
    sentence,
)
from stackdoc.render.html import document, tables
from stackdoc.render.html.element import backticks_to_code, element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.compare.wording import in_words
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
from stackdoc.site.labels import ParameterLabel
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.table import address
from stackdoc.stack.taxonomies.pages import place_link
from stackdoc.statistics import Comparison, against, format_figure, format_ratio
from stackdoc.statistics.interval import INTERVAL
from stackdoc.statistics.quantities import QUANTITIES

KINDS = ("timing", "bars", "sweep")


@dataclass(frozen=True)
class Row:
    """The points of `example` that `selection` names, under a `label`."""

    label: str
    example: str
    selection: Selection


@dataclass(frozen=True)
class ComparisonOptions:
    """The keys of the fence; `agree` is the largest relative difference between values that agree."""

    kind: str = ""
    quantity: str = ""
    x: str = ""
    log: bool | None = None
    caption: str = ""
    table: bool = False
    agree: float | None = None
    title: svg.Titles = ()


@dataclass(frozen=True)
class Entry:
    """A point of a row on one machine; `series` is the label of the row, `label` that of the point."""

    label: str
    series: str
    view: RecordView
    key: str

    @property
    def point(self) -> Point | None:
        measured = self.view.record.item(self.key)
        return measured if isinstance(measured, Point) else None


def page(site: Site) -> Page:
    """Return `alternatives/index.md`: every comparison with its systems and their layers."""
    rows = []
    for comparison in handbook(site).alternatives.values():
        systems = [handbook(site).systems[id] for id in comparison.systems if id in handbook(site).systems]
        layer_ids = {layer.id for layer in handbook(site).stack.places}
        layers = dict.fromkeys(system.layer for system in systems if system.layer in layer_ids)
        names = [element("a", system.name, href=address(site, system)) for system in systems]
        title = element("a", comparison.title, href=f"/alternatives/{comparison.id}/")
        rows.append(
            document.row(title, join(names, ", "), join([place_link(handbook(site).stack, id) for id in layers], ", "))
        )
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Systems that do the same job on the same input, each in its own environment. Every result is checked and "
            "all settings are stated. Where the intervals do not decide, the pages say “ambiguous”."
        ),
        document.table("Comparisons of alternatives", ("Job", "Compared", "Layer"), rows),
    ]
    return document.page("alternatives/index.md", "Alternatives", "Systems that do the same job, compared.", blocks)


def block(site: Site, rows: Sequence[Row], options: ComparisonOptions, assets: Assets | None) -> Markup:
    """Render a figure, a table or both for each machine that has a record of one of the rows.

    Raises ValueError if the figure can't be drawn.
    """
    blocks = []
    for view in _first_views(site, rows):
        entries = list(_entries(site, rows, view))
        if entries:
            blocks.append((entries[0].view, _machine_block(site, rows, entries, options, assets)))
    if not blocks:
        command = " ".join(["stackdoc measure --profile full", *dict.fromkeys(row.example for row in rows)])
        return element("p", "Not measured yet. Run ", element("code", command), ".", class_="sd-missing")
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
    point, given = view.record.item(key), dict(row.selection.parameters)
    varying = [parameter_text(*pair) for pair in point.parameters if pair[0] not in given] if point and several else []
    return ", ".join([line(row.label), *varying])


def _machine_block(
    site: Site, rows: Sequence[Row], entries: list[Entry], options: ComparisonOptions, assets: Assets | None
) -> Markup:
    quantity = options.quantity or _quantity(entries[0])
    table = _table(site, entries, quantity, "" if options.kind else options.caption)
    parts: list[object] = []
    if options.kind:
        drawing = _drawing(entries, quantity, options)
        figure_options = svg.FigureOptions(options.x, quantity, options.log, options.caption, options.title)
        records = join([_record(view) for view in _views(entries)], ", ")
        provenance = element("span", join([entries[0].view.label, ", ", records, "."]), class_="sd-provenance")
        data_table = None if options.table else table
        parts.append(svg.compose(site.root, entries[0].view, drawing, figure_options, provenance, data_table, assets))
    if options.table or not options.kind:
        parts.append(table)
    if options.agree is not None:
        parts.append(element("p", _agreement(entries, quantity, options.agree), class_="sd-small"))
    return join([*parts, *_missing_rows(site, rows, entries)])


def _quantity(entry: Entry) -> str:
    point = entry.view.record.item(entry.key)
    return main_quantity(point) if point else "time"


def _views(entries: Iterable[Entry]) -> list[RecordView]:
    return list({entry.view.record.id: entry.view for entry in entries}.values())


def _record(view: RecordView, before: str = "record ") -> Markup:
    return element("a", f"{before}{view.record.id}", href=record_path(view.record.id))


def _drawing(entries: Sequence[Entry], quantity: str, options: ComparisonOptions) -> Drawing:
    figured = [
        (entry, figure) for entry in entries if (figure := figure_of(entry.view, entry.key, quantity)) is not None
    ]
    if not figured:
        raise ValueError(f"no point of it has a {quantity}")
    unit = figured[0][1].unit
    same_unit = [(entry, figure) for entry, figure in figured if figure.unit == unit]
    factor, shown_unit = scale([figure.value for _, figure in same_unit], unit)
    marks = []
    for entry, _ in same_unit:
        mark = mark_of(entry.view, entry.key, quantity, factor)
        text = mark.text.partition(": ")[2]
        words = (Word("", entry.label),)
        marks.append(replace(mark, label=entry.label, series=entry.label, text=f"{entry.label}: {text}", words=words))
    if options.kind == "sweep":
        marked = zip(marks, same_unit, strict=True)
        marks = [_along(mark, entry, options.x) for mark, (entry, _) in marked]
        marks.sort(key=lambda mark: mark.x or 0.0)
    axis = axis_title(quantity, shown_unit)
    kind = drawable_kind(options.kind, marks)
    reading = reading_of(kind, marks, any(figure.estimate == "best" for _, figure in same_unit))
    return Drawing(
        kind,
        distinct(marks),
        axis,
        sentence(quantity),
        reading,
        entries[0].view.labels.get(options.x, ParameterLabel(options.x)).axis_title,
        spans=options.kind == "sweep",
        quantity=quantity,
    )


def _along(mark: Mark, entry: Entry, x: str) -> Mark:
    """Return the mark at its value of the parameter `x`, as one of the series of its row."""
    position = _number(entry, x)
    place = Word(x, parameter_words(x, position, entry.view.labels), is_number=True)
    return replace(mark, series=entry.series, x=position, words=(Word("", entry.series), place))


def _number(entry: Entry, name: str) -> float:
    point = entry.view.record.item(entry.key)
    value = dict(point.parameters).get(name) if point else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{entry.label} has no number {name!r}" if name else "a sweep needs x: a parameter of all")
    return float(value)


def _table(site: Site, entries: Sequence[Entry], quantity: str, caption: str) -> Markup:
    """Tabulate the entries, each with its interval, its ratio to the first, and its record."""
    figures = [figure_of(entry.view, entry.key, quantity) for entry in entries]
    numbers = aligned([tables.NONE if figure is None else format_figure(figure) for figure in figures])
    pairs = zip(entries, numbers, strict=True)
    ratios = _ratios(entries, quantity)
    columns: list[tuple[str, bool, list[object]]] = [
        ("what", False, [entry.label for entry in entries]),
        (
            QUANTITIES[quantity].label,
            True,
            [datum(item.view, item.key, quantity, number) or tables.NONE for item, number in pairs],
        ),
        (INTERVAL, True, [range_text(entry.view, entry.key, quantity) for entry in entries]),
        ("over the first", True, [format_ratio(item) or tables.NONE for item in ratios]),
        ("in words", False, [in_words(item) or tables.NONE for item in ratios]),
        ("environment", False, [_environment(site, entry) for entry in entries]),
        ("record", False, [_record(entry.view, "") for entry in entries]),
    ]
    used = [column for column in columns if any(cell != tables.NONE for cell in column[2])]
    caption_parts = [part for part in (backticks_to_code(caption), _provenance(entries)) if part]
    return tables.table(
        [(head, numeric) for head, numeric, _ in used],
        [[column[2][at] for column in used] for at in range(len(entries))],
        element("span", join(caption_parts, " "), class_="sd-caption"),
    )


def _ratios(entries: Sequence[Entry], quantity: str) -> list[Comparison]:
    """Compare each entry with the first.

    A comparison is empty for the first, for quantities that single launches do not have, and if a row has many points.
    """
    series = [entry.series for entry in entries]
    if quantity not in ("time", "value") or len(set(series)) < len(series):
        return [Comparison(entry.key) for entry in entries]
    base, *others = [entry.point for entry in entries]
    compared = [against(base, other) if base and other else Comparison("") for other in others]
    return [Comparison(entries[0].key), *compared]


def _environment(site: Site, entry: Entry) -> object:
    example = site.examples.get(entry.view.record.example)
    name = example.environment if example else ""
    return element("a", name, href=f"/environments/#{name}") if name else "the handbook’s own"


def _provenance(entries: Sequence[Entry]) -> Markup:
    """Render machine and device, then threads, profiles and dates, each as one value or as all that occur."""
    records = [view.record for view in _views(entries)]
    aspects = [
        [f"{record.threads} {'thread' if record.threads == 1 else 'threads'}" for record in records],
        [f"{record.profile} run" for record in records],
        [f"{view.date} UTC" for view in _views(entries)],
    ]
    words = [" and ".join(dict.fromkeys(aspect)) for aspect in aspects]
    stale = ["some out of date"] if any(view.stale for view in _views(entries)) else []
    first = entries[0].view
    return element("span", ", ".join([first.label, first.record.device, *words, *stale]), ".", class_="sd-provenance")


def _agreement(entries: Sequence[Entry], quantity: str, share: float) -> str:
    """Describe whether all values agree within a share of the largest."""
    values = [figure.value for entry in entries if (figure := figure_of(entry.view, entry.key, quantity)) is not None]
    if len(values) < 2:
        return "Only one value is measured, so there is nothing to compare."
    difference = (max(values) - min(values)) / (max(map(abs, values)) or 1.0)
    if difference <= share:
        return f"All {len(values)} agree: they differ by {difference:.2g} of the largest, and {share:g} is allowed."
    return f"They do not agree: they differ by {difference:.2g} of the largest, but {share:g} is allowed."


def _missing_rows(site: Site, rows: Sequence[Row], entries: Sequence[Entry]) -> Iterator[Markup]:
    """Yield a line with the reason for each row that this machine has no record of."""
    first = entries[0].view
    shown = {entry.series for entry in entries}
    for row in rows:
        if line(row.label) not in shown:
            gaps = missing(site, row.example, first.key, first.record.device)
            reason = "; ".join(reason for _, reason in gaps) or "its runs left this point out"
            yield element("p", f"{row.label}: not measured here: {reason}.", class_="sd-missing")
