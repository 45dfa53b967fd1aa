"""Tables of measured points: absolute figures, each with its interval, sample size and quality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.measure.outputs import FAILS, without_addresses
from stackdoc.model.machine import Software
from stackdoc.model.record import Point, Record
from stackdoc.render.domain import domain
from stackdoc.render.html.document import scrolling_table
from stackdoc.render.html.element import backticks_to_code, element, join, line
from stackdoc.render.values.machine_switch import default_choice, default_on, machine_folds, views_default_first
from stackdoc.render.values.record_view import (
    RecordView,
    anchor,
    figure_of,
    main_quantity,
    missing,
    point_label,
    range_text,
    record_path,
    summary_of,
)
from stackdoc.render.values.value import aligned, datum
from stackdoc.site.site import Site
from stackdoc.statistics import Summary, format_figure, format_seconds
from stackdoc.statistics.interval import INTERVAL
from stackdoc.statistics.quantities import QUANTITIES

Cell = str  # plain text, or Markup
NONE = "–"
QUICK = "fewer launches and points than a full run has, so wider intervals"


def example_tables(
    site: Site,
    example: str,
    select: Callable[[Record], Sequence[str]],
    device: str = "",
    caption: str = "",
    silent: bool = False,
) -> Markup:
    """Return the figures of an example: those of the default machine, what it lacks and why, other machines folded.

    `silent` leaves out what is lacking, for a table below a figure that states it.
    """
    views = views_default_first(site, example, device)
    blocks = [(view, _explained(site, view, select(view.record), caption, views[0])) for view in views]
    notes = [] if silent else missing_notes(site, example, device)
    folds = machine_folds(site, example, blocks, device, silent, notes)
    return element("div", *folds, class_="sd-measurements", data_example=example)


def _explained(site: Site, view: RecordView, keys: Sequence[str], caption: str, first: RecordView) -> Markup:
    """Return the table of points, followed by the domain's explanation of them."""
    shown = points(view, keys, caption, differing(view, first))
    return join([shown, domain(site).explained(site, view, keys) or ""])


def missing_notes(site: Site, example: str, device: str = "") -> list[Markup]:
    """Return a line with the reason for each device on which the default machine has no record of the example."""
    return [
        element(
            "p",
            f"Not measured {default_on(site, name)}: {reason}.",
            class_="sd-missing",
            data_device=name,
            data_choice=default_choice(site),
        )
        for name, reason in missing(site, example, site.default_machine, device)
    ]


def points(view: RecordView, keys: Sequence[str], caption: str = "", note: str = "") -> Markup:
    """Return a table of the timings and one of the other values, or a line if the run left all points out."""
    timed = [key for key in keys if isinstance(point := view.record.item(key), Point) and point.kind == "time"]
    others = [key for key in keys if key not in timed and view.record.item(key) is not None]
    if failure := [output for output in view.record.outputs if output.alt == FAILS and not view.record.points]:
        last = element("code", line(without_addresses(failure[-1].data)))
        return element("p", "Fails as expected: ", last, ". ", provenance(view), class_="sd-failure")
    if not view.record.points:
        return element("p", "Its output is from ", provenance(view))
    if not timed and not others:
        return element("p", "Not measured: the run left these points out. ", provenance(view), class_="sd-missing")
    caption_parts = [backticks_to_code(caption), provenance(view), note]
    tables = [_timings(view, timed, caption_parts)] if timed else []
    if others:
        tables.append(_values(view, others, caption_parts if not timed else ["Values"]))
    return join(tables)


def provenance(view: RecordView) -> Markup:
    """Return machine, device, threads, date and a link to the record, which stays when newer ones are added."""
    record = view.record
    threads = f"{record.threads} {'thread' if record.threads == 1 else 'threads'}"
    run = f"{record.profile} run"
    shown = element("span", run, class_="sd-quick", title=QUICK) if record.profile == "quick" else run
    words = join([view.label, record.device, threads, shown, f"{view.date} UTC"], ", ")
    stale = [element("span", doubt, class_="sd-stale") for doubt in view.doubts]
    link = element("a", f"record {record.id}", href=record_path(record.id))
    note = element("a", "with a remark", href=f"{record_path(record.id)}#remarks") if view.remarked else None
    remark = (", ", note) if note else ()
    return element(
        "span",
        words,
        ", ",
        link,
        *remark,
        *(part for mark in stale for part in (", ", mark)),
        ".",
        class_="sd-provenance",
    )


def differing(view: RecordView, base: RecordView) -> str:
    """Return a sentence on the software versions that differ between the two records."""
    parts = _differing(view.record.software, base.record.software)
    return f"Software that differs from {base.label}: {', '.join(parts)}." if parts else ""


def _differing(software: Software, base: Software) -> list[str]:
    ours = {"Python": software.python, "driver": software.driver, **software.packages}
    theirs = {"Python": base.python, "driver": base.driver, **base.packages}
    return [
        f"{name} {ours.get(name) or 'absent'} (there {theirs.get(name) or 'absent'})"
        for name in sorted({*ours, *theirs})
        if ours.get(name, "") != theirs.get(name, "")
    ]


def table(
    heads: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[object]],
    caption: object = None,
    id: str = "",
    machines: Sequence[str | None] = (),
    stacked: bool = False,
) -> Markup:
    """Return a table in a wrapper that scrolls; `heads` are (words, numeric), the first cell of a row is its header.

    `machines` are the choices that the rows belong to; the script moves those of the chosen machine to the top. A
    `stacked` table, for more words than numbers, becomes a list on a narrow screen.
    """
    numeric = ["sd-number" if is_number else None for _, is_number in heads]
    names = [capitalised(words) for words, _ in heads]
    columns = [element("th", name, scope="col", class_=kind) for name, kind in zip(names, numeric, strict=True)]
    body = [
        element(
            "tr",
            element("th", cells[0], scope="row"),
            *(
                element("td", "" if stacked and cell == NONE else cell, class_=kind, data_head=stacked and named)
                for cell, kind, named in zip(cells[1:], numeric[1:], names[1:], strict=True)
            ),
            data_choice=machine,
        )
        for cells, machine in zip(rows, machines or [None] * len(rows), strict=True)
    ]
    name = "Table: " + ", ".join(words for words, _ in heads if words)
    return scrolling_table(name, caption, columns, body, "sd-table sd-rows" if stacked else "sd-table", id)


def _timings(view: RecordView, keys: Sequence[str], caption: Sequence[object]) -> Markup:
    columns: list[tuple[str, list[Cell]]] = [
        ("median", _numbers(view, keys, "time", "median")),
        (INTERVAL, [range_text(view, key, "time") for key in keys]),
        ("best", _best(view, keys)),
        *((row.column, _numbers(view, keys, name)) for name, row in QUANTITIES.items() if row.column),
    ]
    used = [(name, cells) for name, cells in columns if any(cell != NONE for cell in cells)]
    heads = [
        ("point", False),
        *((name, True) for name, _ in used),
        ("launches × blocks × calls", True),
        ("quality, blocks set aside", False),
    ]
    ends = [(_sample(view, key), _quality(view, key)) for key in keys]
    rows = [[_label(view, key), *(cells[row] for _, cells in used), *ends[row]] for row, key in enumerate(keys)]
    return table(heads, rows, _caption(caption))


def _values(view: RecordView, keys: Sequence[str], caption: Sequence[object]) -> Markup:
    names = [main_quantity(point) for key in keys if (point := view.record.item(key)) is not None]
    figures = [figure_of(view, key, name) for key, name in zip(keys, names, strict=True)]
    numbers = aligned([NONE if figure is None else format_figure(figure) for figure in figures])
    rows = [
        [_label(view, key), datum(view, key, name, number) or NONE, range_text(view, key, name)]
        for key, name, number in zip(keys, names, numbers, strict=True)
    ]
    heads = [("point", False), ("value", True), (INTERVAL, True)]
    width = 3 if any(row[2] != NONE for row in rows) else 2
    return table(heads[:width], [row[:width] for row in rows], _caption(caption))


def _numbers(view: RecordView, keys: Sequence[str], name: str, estimate: str = "") -> list[Cell]:
    """Return a column of numbers with their records, aligned at the decimal point; a dash where there is none."""
    all_figures = [figure_of(view, key, name) for key in keys]
    figures = [figure if figure and estimate in ("", figure.estimate) else None for figure in all_figures]
    texts = aligned([NONE if figure is None else format_figure(figure) for figure in figures])
    return [
        (datum(view, key, name, text) if text != NONE else None) or NONE for key, text in zip(keys, texts, strict=True)
    ]


def _label(view: RecordView, key: str) -> Markup:
    return element("a", point_label(view.record, key), href=f"{record_path(view.record.id)}#{anchor(key)}")


def _best(view: RecordView, keys: Sequence[str]) -> list[Cell]:
    """Return the fastest block of each point; where that is the point's figure, with its record."""
    figures = [(figure_of(view, key, "time"), _summary(view, key)) for key in keys]
    texts = aligned(
        [
            format_figure(replace(figure, value=summary.best)) if figure and summary else NONE
            for figure, summary in figures
        ]
    )
    bounds = [figure is not None and figure.estimate == "best" for figure, _ in figures]
    return [
        (datum(view, key, "time", text) if bound else None) or text
        for key, text, bound in zip(keys, texts, bounds, strict=True)
    ]


def _sample(view: RecordView, key: str) -> str:
    summary = _summary(view, key)
    return NONE if summary is None else f"{summary.launches} × {summary.blocks} × {summary.calls}"


def _quality(view: RecordView, key: str) -> Cell:
    summary = _summary(view, key)
    if summary is None:
        return NONE
    notes = [
        summary.quality,
        f"slowest launch {format_seconds(summary.worst)}" if summary.quality == "shared" else "",
        f"{summary.set_aside} set aside" if summary.set_aside else "",
    ]
    return element("span", ", ".join(filter(None, notes)), class_=f"sd-quality sd-quality--{summary.quality}")


def _summary(view: RecordView, key: str) -> Summary | None:
    point = view.record.item(key)
    return summary_of(point) if point is not None else None


def _caption(parts: Sequence[object]) -> Markup:
    return element("span", join([part for part in parts if part], " "), class_="sd-caption")
