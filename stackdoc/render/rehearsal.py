"""Everything that is shown of a record, made once. As a program: `python -m stackdoc.render.rehearsal FOLDER`.

The program may crash or hang, since what a record contains decides what it does; `stackdoc/render/trial.py` runs it.
"""

from __future__ import annotations

import json
import logging
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from stackdoc.measure.outputs import VEGA_LITE
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records.export import FORMATS, ExportSelection
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

RECORDS, REPORT = "records", "report"  # files in the folder: what to show, and what came of it
PATIENCE = 6.0  # seconds by the wall clock for one of processor time
LONGEST = 200  # characters of a fault
TWIN = "twin"  # the id of another machine


def exports(site: Site, record: Record) -> None:
    """Make the exports, which have every quantity of every point and ratio."""
    for format in FORMATS.values():
        format.write(ExportSelection([record], site.records, {}, {}, {}))


def pages(site: Site, record: Record) -> None:
    """Make the pages of the record, of its example and of its machine, with their tables, figures and citations."""
    assets = Assets()
    list(record_page.pages(site, record, assets))
    example_page.head(site, record.example, assets)
    machine_page.pages(site, assets)


def comparison(site: Site, record: Record) -> None:
    """Compare the smallest and the largest figure with those of the same record on another machine.

    Resampling takes the same time for any numbers, most of all that is shown, so the others are left out.
    """
    twin = replace(record, id=f"{record.id[:-1]}-", machine=replace(record.machine, id=TWIN))
    view = view_of(site, record)
    values = {key: figure.value for key in record.keys if (figure := figure_of(view, key))}
    for key in {min(values, key=values.__getitem__), max(values, key=values.__getitem__)} if values else ():
        compare(record, twin, key)


def figures(site: Site, record: Record) -> None:
    """Draw the points as each kind of figure that an author may choose for them."""
    view = view_of(site, record)
    for kind in svg.KINDS:
        try:
            drawn = drawing(view, kind, record.keys)
        except ValueError:  # the points can't be drawn as that kind, which an author is told
            continue
        svg.draw(site.root, svg.KINDS[drawn.kind](drawn, WIDE, None), "figure")


def outputs(site: Site, record: Record) -> None:
    """Make the outputs of the cells. Charts are drawn here: a build would try one that crashes each time."""
    shown = tuple(output for output in record.outputs if output.mime != VEGA_LITE)
    example_page.outputs(site, view_of(site, replace(record, outputs=shown)))
    for output in record.outputs:
        if output.mime == VEGA_LITE:
            try:
                vega.svg(json.dumps(charts.checked(output.data)))
            except (ValueError, RecursionError):  # the page states why it is not drawn
                continue


PARTS: Mapping[str, Callable[[Site, Record], None]] = {
    "exports": exports,
    "pages": pages,
    "comparisons": comparison,
    "figures": figures,
    "outputs": outputs,
}


def site_of(folder: Path, record: Record, roofs: Record | None) -> Site:
    """Return a site of the record and its roofs, with an example of the same source, so that all of it is shown."""
    example = Example(
        record.example, f"examples/{record.example}.py", record.example, "", "", (), record.digest, record.closure
    )
    records = {shown.id: shown for shown in (record, roofs) if shown}
    by = {record.id: Contribution(record.id, "A contributor")}
    return Site(Layout(folder), {example.id: replace(example, devices=(record.device,))}, records, contributed=by)


def main(folder: Path) -> None:
    """Show each record, and report the parts as they begin: the last one is what ended this process, if it ends early.

    Timers of the kernel end it after too long, since no library can ignore them.
    """
    logging.disable()  # what a page states is not of interest here
    with (folder / RECORDS).open("rb") as stream:
        seconds, records = pickle.load(stream)
    with (folder / REPORT).open("w", encoding="utf-8", buffering=1) as report:
        for record, roofs in records:
            site = site_of(folder, record, roofs)
            for name, fault in _shown(site, record, seconds):
                report.write(f"{json.dumps([record.id, name, fault])}\n")


def _shown(site: Site, record: Record, seconds: float) -> Iterator[tuple[str, str]]:
    """Yield each part as it begins, again with its fault if it has one, and an empty name at the end."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
    for name, show in PARTS.items():
        yield name, ""
        try:
            show(site, record)
        except BaseException as error:  # a panic in Rust is not an Exception
            yield name, f"{type(error).__name__}: {error}"[:LONGEST]
    yield "", ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
