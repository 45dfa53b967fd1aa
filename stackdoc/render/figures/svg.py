"""Figures: a specification drawn as SVG for two widths, with its caption, data and downloads."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from markupsafe import Markup

from stackdoc.project import FIGURES
from stackdoc.render.cache import TextCache, digest, files_digest
from stackdoc.render.figures import specs, vega
from stackdoc.render.figures.axes import NARROW, WIDE, Spec
from stackdoc.render.figures.drawing import Drawing, drawing
from stackdoc.render.html import tables
from stackdoc.render.html.element import backticks_to_code, element, line, without_backticks
from stackdoc.render.html.page import Assets
from stackdoc.render.values.record_view import RecordView

DRAWN_BY = digest("vl-convert", version("vl-convert-python"), vega.VERSION, files_digest(Path(__file__)))
NOTHING = re.compile(r'<path class="(?:background|foreground)" aria-hidden="true" d="(?:M0,0h0v0h0Z)?"[^>]*/>')
PLACES = re.compile(r' (?:transform|d|[xy][12])="[^"]*"')
LONG = re.compile(r"\d+\.\d{2,}")
ROLE = re.compile(r' class="mark-[^"]*"| opacity="1"| font-family="sans-serif"')
SIZES = (("wide", WIDE), ("narrow", NARROW))


@dataclass(frozen=True)
class Options:
    """What the author of a page may say about a figure. Empty: chosen by the kind."""

    x: str = ""
    quantity: str = ""
    log: bool | None = None
    caption: str = ""
    tabled: bool = False  # its table stands below it anyway


def figure(
    root: Path, view: RecordView, kind: str, keys: Sequence[str], options: Options, assets: Assets | None
) -> Markup:
    """The figure of these points of a record, as `<figure>`. Raises ValueError, in words, when that can not be."""
    if assets is None:
        return _figure(root, view, kind, keys, options, None)
    asked = (view.record.id, kind, tuple(keys), options)
    if asked not in assets.figures:
        own = Assets()
        assets.figures[asked] = _figure(root, view, kind, keys, options, own), own.by_path
    shown, files = assets.figures[asked]
    assets.by_path.update(files)
    return shown


def _figure(
    root: Path, view: RecordView, kind: str, keys: Sequence[str], options: Options, assets: Assets | None
) -> Markup:
    drawn = drawing(view, kind, keys, options.x, options.quantity)
    table = None if options.tabled else tables.points(view, keys)
    return compose(root, view, drawn, options, tables.provenance(view), table, assets)


def compose(
    root: Path,
    view: RecordView,
    drawn: Drawing,
    options: Options,
    provenance: Markup,
    table: Markup | None,
    assets: Assets | None,
) -> Markup:
    """`<figure>` of a drawing, whose first mark is of `view`: two sizes, the caption, the data one fold away."""
    make = KINDS[drawn.kind]
    caption = options.caption or drawn.caption
    label = f"{without_backticks(caption)} {view.label}, {view.date}."
    plots = [draw(root, make(drawn, width, options.log), label, size) for size, width in SIZES]
    said = element("p", backticks_to_code(caption), " ", drawn.reading, " ", provenance)
    return element(
        "figure",
        element("div", *plots, class_="sd-plot"),
        element("figcaption", said, _details(drawn, table, make(drawn, WIDE, options.log), assets)),
        class_="sd-figure",
        data_record=view.record.id,
        data_machine=view.key,
        data_source=line(f"{view.label}, {view.date}, record {view.record.id}"),
    )


KINDS: dict[str, Callable[[Drawing, int, bool | None], Spec]] = {
    "timing": lambda drawn, width, log: specs.timing(drawn.marks, drawn.axis, width, log),
    "sweep": lambda drawn, width, log: specs.sweep(drawn.marks, drawn.axis, drawn.x_title, width, log),
    "roofline": lambda drawn, width, _: specs.roofline(drawn.marks, drawn.roofs, drawn.axis, width),
    "bars": lambda drawn, width, log: specs.bars(drawn, width, log),
}


def of_record(root: Path, view: RecordView, assets: Assets | None) -> Markup | None:
    """The timings of the whole record; None where it has none."""
    keys = [point.key for point in view.record.points if point.kind == "time" and point.launches]
    return figure(root, view, "timing", keys, Options(), assets) if keys else None


def draw(root: Path, spec: Spec, label: str, size: str = "wide", convert: Callable[[str], str] = vega.svg) -> Markup:
    """The specification as inline SVG that follows the colours of the page; kept under `.stackdoc/figures`.

    Data must stand in the specification: nothing is fetched. `convert` draws what is not kept, in this process where
    the specification is our own. Raises ValueError when it can't be drawn.
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=True, allow_nan=False)

    def drawn() -> str:
        return _dressed(convert(text), digest(text)[:16])

    return _labelled(TextCache(root / FIGURES, DRAWN_BY).text(text, drawn), label, size)


def _dressed(svg: str, name: str) -> str:
    """Without a size of its own, what draws nothing and what the eye can't see; with ids of its own on the page."""
    opening, rest = svg.split(">", 1)
    box = re.search(r'viewBox="([\d. -]+)"', opening)
    rest = re.sub(r'(\bid="|url\(#)', rf"\g<1>sd-{name}-", rest)
    rest = NOTHING.sub("", ROLE.sub("", rest)).rstrip()
    rest = PLACES.sub(lambda place: LONG.sub(lambda number: f"{float(number[0]):.1f}", place[0]), rest)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box[1] if box else ""}">{rest}'


def _labelled(svg: str, label: str, size: str) -> Markup:
    opening = element("svg", class_=f"sd-svg sd-svg--{size}", role="group", aria_label=line(label)).removesuffix(
        "</svg>"
    )
    return Markup(svg.replace("<svg ", opening.removesuffix(">") + " ", 1))


def _details(drawn: Drawing, table: Markup | None, spec: Spec, assets: Assets | None) -> Markup | None:
    """The figure's data as a table, and both as files when somebody collects files."""
    links = None
    if assets is not None:
        written = json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()
        path = f"assets/figures/{hashlib.sha256(written).hexdigest()[:12]}"
        links = element(
            "p",
            element("a", "Vega-Lite specification", href=assets.add(f"{path}.vl.json", written), download=True),
            " · ",
            element("a", "data as CSV", href=assets.add(f"{path}.csv", _csv(drawn).encode()), download=True),
            class_="sd-downloads",
        )
    if table is None and links is None:
        return None
    return element("details", element("summary", "Data of this figure"), table, links, class_="sd-data")


def _csv(drawn: Drawing) -> str:
    """The marks, one a line, numbers in the unit that the axis names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["point", "label", "x", drawn.axis, "low", "high", "best", "prediction"])
    for mark in drawn.marks:
        numbers = (mark.x, mark.value, mark.low, mark.high, mark.best, mark.prediction)
        writer.writerow([_cell(mark.key), _cell(mark.label), *("" if n is None else repr(n) for n in numbers)])
    return out.getvalue()


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{line(text)}" if text[:1] in ("=", "+", "-", "@") else line(text)
