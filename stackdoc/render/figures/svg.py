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
from stackdoc.records.export import csv_text
from stackdoc.render.cache import TextCache, digest, files_digest
from stackdoc.render.figures import specs, vega
from stackdoc.render.figures.axes import NARROW, WIDE, Spec
from stackdoc.render.figures.drawing import Drawing, drawing
from stackdoc.render.figures.message import titled
from stackdoc.render.html import tables
from stackdoc.render.html.element import backticks_to_code, element, line, without_backticks
from stackdoc.render.html.page import Assets
from stackdoc.render.values.record_view import RecordView, record_path

DRAWN_BY = digest("vl-convert", version("vl-convert-python"), vega.VERSION, files_digest(Path(__file__)))
EMPTY_PATH = re.compile(r'<path class="(?:background|foreground)" aria-hidden="true" d="(?:M0,0h0v0h0Z)?"[^>]*/>')
COORDINATES = re.compile(r' (?:transform|d|[xy][12])="[^"]*"')
LONG_NUMBER = re.compile(r"\d+\.\d{2,}")
REDUNDANT = re.compile(r' class="mark-[^"]*"| opacity="1"| font-family="sans-serif"')
SIZES = (("wide", WIDE), ("narrow", NARROW))
Titles = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FigureOptions:
    """An author's options for a figure; empty ones are chosen by its kind.

    `title` has the author's sentence for each outcome of the figure, or one under "" for all; without any, the title is
    made from the record.
    """

    x: str = ""
    quantity: str = ""
    log: bool | None = None
    caption: str = ""
    title: Titles = ()
    tabled: bool = False  # the page has its table below the figure anyway


def figure(
    root: Path, view: RecordView, kind: str, keys: Sequence[str], options: FigureOptions, assets: Assets | None
) -> Markup:
    """Return the figure of these points of a record. Raises ValueError with the reason if it can't be drawn."""
    if assets is None:
        return _figure(root, view, kind, keys, options, None)
    key = (view.record.id, kind, tuple(keys), options)
    if key not in assets.figures:
        own_assets = Assets(convert=assets.convert)
        assets.figures[key] = _figure(root, view, kind, keys, options, own_assets), own_assets.by_path
    html, files = assets.figures[key]
    assets.by_path.update(files)
    return html


def _figure(
    root: Path, view: RecordView, kind: str, keys: Sequence[str], options: FigureOptions, assets: Assets | None
) -> Markup:
    drawn = drawing(view, kind, keys, options.x, options.quantity)
    table = None if options.tabled else tables.points(view, keys)
    return compose(root, view, drawn, options, tables.provenance(view), table, assets)


def compose(
    root: Path,
    view: RecordView,
    drawn: Drawing,
    options: FigureOptions,
    provenance: Markup,
    table: Markup | None,
    assets: Assets | None,
) -> Markup:
    """Return a drawing as `<figure>`: two sizes, the caption, the data folded. Its first mark is of `view`."""
    make_spec = KINDS[drawn.kind]
    caption = options.caption or drawn.caption
    title = titled(drawn, dict(options.title))
    words = f"{title}. {caption}" if title else caption
    label = f"{without_backticks(words)} {view.label}, {view.date}."
    convert = (assets and assets.convert) or vega.svg
    plots = [draw(root, make_spec(drawn, width, options.log), label, size, convert) for size, width in SIZES]
    text = element("p", backticks_to_code(caption), " ", drawn.reading, " ", provenance)
    return element(
        "figure",
        element("p", backticks_to_code(title), class_="sd-figure-title") if title else None,
        element("div", *plots, class_="sd-plot"),
        element("figcaption", text, _tools(view, drawn, table, make_spec(drawn, WIDE, options.log), assets)),
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
    """Return the figure of all timings of the record, or None if it has none."""
    keys = [point.key for point in view.record.points if point.kind == "time" and point.launches]
    return figure(root, view, "timing", keys, FigureOptions(), assets) if keys else None


def draw(root: Path, spec: Spec, label: str, size: str = "wide", convert: Callable[[str], str] = vega.svg) -> Markup:
    """Return the specification as inline SVG in the colours of the page; cached under `.stackdoc/figures`.

    Data must be inside the specification: nothing is fetched. `convert` draws what is not cached; the default does so
    in this process, which is safe only for our own specifications. Raises ValueError if it can't be drawn.
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=True, allow_nan=False)

    def convert_compact() -> str:
        return _compact(convert(text), digest(text)[:16])

    return _labelled(TextCache(root, FIGURES, DRAWN_BY).text(text, convert_compact), label, size)


def _compact(svg: str, name: str) -> str:
    """Drop the fixed size, empty paths and invisible digits, and make ids unique on the page."""
    opening, rest = svg.split(">", 1)
    view_box = re.search(r'viewBox="([\d. -]+)"', opening)
    rest = re.sub(r'(\bid="|url\(#)', rf"\g<1>sd-{name}-", rest)
    rest = EMPTY_PATH.sub("", REDUNDANT.sub("", rest)).rstrip()
    rest = COORDINATES.sub(lambda place: LONG_NUMBER.sub(lambda number: f"{float(number[0]):.1f}", place[0]), rest)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box[1] if view_box else ""}">{rest}'


def _labelled(svg: str, label: str, size: str) -> Markup:
    opening = element("svg", class_=f"sd-svg sd-svg--{size}", role="group", aria_label=line(label)).removesuffix(
        "</svg>"
    )
    return Markup(svg.replace("<svg ", opening.removesuffix(">") + " ", 1))


def _tools(view: RecordView, drawn: Drawing, table: Markup | None, spec: Spec, assets: Assets | None) -> Markup:
    """Return the line of tools below the figure: its table folded, its data if files are collected, and its sources."""
    record = view.record
    links = []
    if assets is not None:
        content = json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()
        path = f"assets/figures/{hashlib.sha256(content).hexdigest()[:12]}"
        links = [
            element("a", "CSV", href=assets.add(f"{path}.csv", _csv(drawn).encode()), download=True),
            element("a", "Vega-Lite", href=assets.add(f"{path}.vl.json", content), download=True),
        ]
    links.append(element("a", "Cite", href=f"{record_path(record.id)}#cite"))
    if view.has_example:
        links.append(element("a", "Script", href=f"/examples/{record.example}/"))
    folded = element("details", element("summary", "Table"), table, class_="sd-data") if table is not None else None
    return element("div", folded, element("span", *links, class_="sd-downloads"), class_="sd-tools")


def _csv(drawn: Drawing) -> str:
    """Return the marks as CSV, one a line, numbers in the unit of the axis."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["point", "label", "x", drawn.axis, "low", "high", "best", "prediction"])
    for mark in drawn.marks:
        numbers = (mark.x, mark.value, mark.low, mark.high, mark.best, mark.prediction)
        texts = [csv_text(line(text)) for text in (mark.key, mark.label)]
        writer.writerow([*texts, *("" if number is None else repr(number) for number in numbers)])
    return out.getvalue()
