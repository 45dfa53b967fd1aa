"""Everything that is shown of a record, made once. As a program: `python -m stackdoc.render.rehearsal FOLDER`.

The program may crash or hang, since what a record contains decides what it does; `stackdoc/render/trial.py` runs it.
"""

from __future__ import annotations

import json
import logging
import pickle
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from stackdoc.measure.outputs import VEGA_LITE
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records.export import FORMATS, ExportSelection
from stackdoc.records.stored import StoredRecord, forget
from stackdoc.records.summaries import SummaryFile
from stackdoc.render.figures import charts, svg, vega
from stackdoc.render.figures.axes import WIDE
from stackdoc.render.figures.drawing import drawing
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import example as example_page
from stackdoc.render.pages import machine as machine_page
from stackdoc.render.pages import record as record_page
from stackdoc.render.values.record_view import figure_of, view_of
from stackdoc.site.site import Site
from stackdoc.statistics import compare

Entry = tuple[str, str, str]  # a record's id, empty for several records; a part, empty at the end; its fault
Draw = Callable[[str], str]  # a specification of Vega-Lite to SVG
Tried = tuple[Record, Record | None]  # a record and the one with its roofs

RECORDS, REPORT = "records", "report"  # files in the folder: what to show, and what came of it
DRAWN = "figures"
LATER = '<svg viewBox="0 0 1 1"></svg>'  # a figure that is drawn later, with others
OF_DOCUMENT = {"$schema", "autosize", "background", "config", "padding"}  # members that no part of a figure may have
PATIENCE = 6.0  # seconds by the wall clock for one of processor time
LONGEST = 200  # characters of a fault
TWIN = "twin"  # the id of another machine


def exports(site: Site, record: Record, _: Draw) -> None:
    """Make the exports, which have every quantity of every point and ratio."""
    for format in FORMATS.values():
        format.write(ExportSelection([record], site.records, {}, {}, {}))


def pages(site: Site, record: Record, draw: Draw) -> None:
    """Make the pages of the record, of its example and of its machine, with their tables, figures and citations."""
    assets = Assets(convert=draw)
    list(record_page.pages(site, record, assets))
    example_page.head(site, record.example, assets)
    machine_page.pages(site, assets)


def comparison(site: Site, record: Record, _: Draw) -> None:
    """Compare the smallest and the largest figure with those of the same record on another machine.

    Resampling takes the same time for any numbers, most of all that is shown, so the others are left out.
    """
    twin = replace(record.in_full(), id=f"{record.id[:-1]}-", machine=replace(record.machine, id=TWIN))
    view = view_of(site, record)
    values = {key: figure.value for key in record.keys if (figure := figure_of(view, key))}
    for key in {min(values, key=values.__getitem__), max(values, key=values.__getitem__)} if values else ():
        compare(record, twin, key)


def figures(site: Site, record: Record, draw: Draw) -> None:
    """Make each kind of figure of the points that an author may choose for them."""
    view = view_of(site, record)
    for kind in svg.KINDS:
        try:
            drawn = drawing(view, kind, record.keys)
        except ValueError:  # the points can't be drawn as that kind, which an author is told
            continue
        svg.draw(site.root, svg.KINDS[drawn.kind](drawn, WIDE, None), "figure", convert=draw)


def outputs(site: Site, record: Record, _: Draw) -> None:
    """Make the outputs of the cells. Charts are drawn here: a build would try one that crashes each time."""
    shown = tuple(output for output in record.outputs if output.mime != VEGA_LITE)
    example_page.outputs(site, view_of(site, replace(record.in_full(), outputs=shown)))
    for output in record.outputs:
        if output.mime == VEGA_LITE:
            try:
                vega.svg(json.dumps(charts.checked(output.data)))
            except (ValueError, RecursionError):  # the page states why it is not drawn
                continue


PARTS: Mapping[str, Callable[[Site, Record, Draw], None]] = {
    "exports": exports,
    "pages": pages,
    "comparisons": comparison,
    DRAWN: figures,
    "outputs": outputs,
}


def site_of(folder: Path, record: Record, roofs: Record | None) -> Site:
    """Return a site of the record and its roofs, with an example of the same source, so that all of it is shown.

    As in a build, what is shown of the records is computed from their summaries.
    """
    example = Example(
        record.example, f"examples/{record.example}.py", record.example, "", "", (), record.digest, record.closure
    )
    records = {shown.id: _summarised(folder, shown) for shown in (record, roofs) if shown}
    by = {record.id: Contribution(record.id, "A contributor")}
    return Site(Layout(folder), {example.id: replace(example, devices=(record.device,))}, records, contributed=by)


def _summarised(folder: Path, record: Record) -> StoredRecord:
    head = replace(record, points=(), ratios=(), outputs=(), controls=())
    return StoredRecord(head, SummaryFile(folder / "summaries"), lambda: record)


def main(folder: Path) -> None:
    """Show each record, and report the parts as they begin: the last one is what ended this process, if it ends early.

    Timers of the kernel end it after too long, since no library can ignore them.
    """
    logging.disable()  # what a page states is not of interest here
    with (folder / RECORDS).open("rb") as stream, (folder / REPORT).open("w", encoding="utf-8", buffering=1) as report:
        seconds, together = pickle.load(stream)
        while records := [pickle.load(stream) for _ in range(together) if stream.peek(1)]:
            for entry in _shown(folder, records, seconds):
                report.write(f"{json.dumps(entry)}\n")
            forget()


def _shown(folder: Path, records: Sequence[Tried], seconds: float) -> Iterator[Entry]:
    """Show the records, with their figures drawn together, since that takes half the time.

    Yields each part as it begins, again with its fault if it has one, and an empty name at the end. If the figures
    can't be drawn together, those of each record are.
    """
    waiting: dict[str, list[str]] = {}
    for record, roofs in records:
        specs = waiting.setdefault(record.id, [])
        site = site_of(folder, record, roofs)
        shown = site.records[record.id]
        _limit(seconds)
        for name, show in PARTS.items():
            yield from _part(record.id, name, partial(show, site, shown, partial(_wait, specs)))
    faulty = len(records) == 1
    if not faulty:
        _limit(seconds)
        for _, _, fault in _part("", DRAWN, partial(_draw, [spec for specs in waiting.values() for spec in specs])):
            faulty = faulty or bool(fault)
            yield "", DRAWN, ""
    for id, specs in waiting.items() if faulty else ():
        _limit(seconds)
        yield from _part(id, DRAWN, partial(_draw, specs))
    yield from ((id, "", "") for id in waiting)


def _limit(seconds: float) -> None:
    """End this process if it takes longer than this from now on."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)


def _part(id: str, name: str, show: Callable[[], None]) -> Iterator[Entry]:
    yield id, name, ""
    try:
        show()
    except BaseException as error:  # a panic in Rust is not an Exception
        yield id, name, f"{type(error).__name__}: {error}"[:LONGEST]


def _wait(specs: list[str], spec: str) -> str:
    """Add a figure to those that are drawn later. The narrow size of a figure has the same marks as the wide one."""
    if json.loads(spec)["width"] == WIDE:
        specs.append(spec)
    return LATER


def _draw(specs: Iterable[str]) -> None:
    """Draw the figures as one, each below the other. Raises ValueError if that is impossible.

    Figures that differ in their data only, as those of one example do, are drawn as one with the data of all.
    """
    figures: dict[str, dict[str, Any]] = {}
    for spec in specs:
        document = json.loads(spec)
        rows = [layer.pop("data")["values"] for layer in document["layer"]]
        figure = figures.setdefault(json.dumps(document), document)
        for layer, values in zip(figure["layer"], rows, strict=True):
            layer.setdefault("data", {"values": []})["values"] += values
    parts = [{name: figure[name] for name in figure.keys() - OF_DOCUMENT} for figure in figures.values()]
    for config in (figure["config"] for figure in islice(figures.values(), 1)):
        vega.svg(json.dumps({"config": config, "vconcat": parts}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
