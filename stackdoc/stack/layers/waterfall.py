"""The waterfall: where the time of one request goes, step by step, on the layers of the tower."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stackdoc.model.record import Point
from stackdoc.render.html import tables
from stackdoc.render.html.element import backticks_to_code, element, line, without_backticks
from stackdoc.render.values.record_view import RecordView, figure_of
from stackdoc.render.values.value import datum
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.tower import address
from stackdoc.stack.layers.types import Stack
from stackdoc.statistics import format_seconds

WHOLE, STAGE, PART, BOUND = "whole", "stage", "part", "bound"
PREFIXES = {STAGE: "", PART: "of which ", BOUND: "at least "}
DRAWN_WIDTH, LEAST_WIDTH, ROW_HEIGHT = 1000, 2, 20  # width of the drawing, of its shortest bar, height of a row
LEGEND = (
    "Full bars are steps, one after another. Pale bars below divide the step above them. An outline is the least "
    "time that the roofs of the machine allow. Beside each row is the layer’s own time, without the parts below."
)


@dataclass(frozen=True)
class Bar:
    """The `start` and `seconds` of a step, or of the part of a layer in a step."""

    key: str
    kind: str
    layer: str
    step: str
    label: str
    start: float
    seconds: float


@dataclass(frozen=True)
class Waterfall:
    """`whole` is the time of the complete request, measured by itself in the same launches."""

    bars: tuple[Bar, ...]
    whole: float
    whole_key: str

    @property
    def width(self) -> float:
        """The seconds that the drawing spans."""
        return max([self.whole, *(bar.start + bar.seconds for bar in self.bars)])

    @property
    def left(self) -> float:
        """The part of the whole that no step covers; negative if the steps take longer."""
        return self.whole - sum(bar.seconds for bar in self.bars if bar.kind == STAGE)

    def of(self, layer: str) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.layer == layer)

    def own(self, layer: str) -> float:
        """Return the seconds of the bars of a layer, without the parts of its steps in other layers."""
        bars = [bar for bar in self.of(layer) if bar.kind != BOUND]
        steps = {bar.step for bar in bars if bar.kind == STAGE}
        given = sum(bar.seconds for bar in self.bars if bar.kind == PART and bar.step in steps)
        return max(sum(bar.seconds for bar in bars) - given, 0.0)

    def share(self, seconds: float) -> str:
        share = 100 * seconds / self.whole
        return "under 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def waterfall(view: RecordView, keys: Sequence[str]) -> Waterfall:
    """Build a waterfall from points in seconds that have a `layer` and a `step`.

    Each `stage` follows the one before; `part` and `bound` are within the stage of their step; `whole` is the complete
    request. Raises ValueError if there is no `whole` or no `stage`.
    """
    points = [point for key in keys if isinstance(point := view.record.item(key), Point)]
    whole = next((point for point in points if point.name == WHOLE and _seconds(view, point) > 0), None)
    bars = tuple(_bars(view, points))
    if whole is None or not bars:
        raise ValueError("needs a point `whole`, and points `stage` with a layer and a step")
    return Waterfall(bars, _seconds(view, whole), whole.key)


def _seconds(view: RecordView, point: Point) -> float:
    figure = figure_of(view, point.key)
    return max(figure.value, 0.0) if figure else 0.0


def _bars(view: RecordView, points: Sequence[Point]) -> Iterator[Bar]:
    total = 0.0
    next_start: dict[tuple[str, str], float] = {}
    for point in points:
        parameters = {name: str(value) for name, value in point.parameters}
        if point.name not in PREFIXES or point.unit != "s" or not {"layer", "step"} <= parameters.keys():
            continue
        step, seconds = parameters["step"], _seconds(view, point)
        if point.name == STAGE:
            start, total = total, total + seconds
            next_start[PART, step] = next_start[BOUND, step] = start
        elif (point.name, step) in next_start:
            start = next_start[point.name, step]
            next_start[point.name, step] += seconds
        else:
            continue
        label = f"{PREFIXES[point.name]}{line(point.label or step)}"
        yield Bar(point.key, point.name, parameters["layer"], step, label, start, seconds)


def figure(site: Site, view: RecordView, keys: Sequence[str], caption: str = "") -> Markup:
    """Draw a waterfall with a row for each layer, and its table. Raises ValueError like `waterfall`."""
    chart = waterfall(view, keys)
    caption = caption or "Where the time of one request goes."
    rows = [_row(chart, layer, name) for layer, name in _layers(handbook(site).stack, chart)]
    caption_text = element("p", backticks_to_code(caption), " ", LEGEND, " ", tables.provenance(view))
    data_table = element(
        "details",
        element("summary", "Data of this figure"),
        _table(handbook(site).stack, view, chart),
        class_="sd-data",
    )
    label = f"{without_backticks(caption)} {view.label}, {view.date}. The request takes {format_seconds(chart.whole)}."
    return element(
        "figure",
        element("ol", *rows, class_="sd-waterfall", aria_label=line(label)),
        element("figcaption", caption_text, data_table),
        class_="sd-figure",
        data_record=view.record.id,
        data_machine=view.key,
    )


def _layers(stack: Stack, chart: Waterfall) -> list[tuple[str, Markup]]:
    """Return ids and linked names of the layers that have a bar, from the top down, unknown ones last."""
    ordered = sorted(stack.layers, key=lambda layer: (-layer.height, -layer.stage))
    known = [(layer.id, _name(stack, layer.id)) for layer in ordered if chart.of(layer.id)]
    ids = {id for id, _ in known}
    return [*known, *((id, _name(stack, id)) for id in sorted({bar.layer for bar in chart.bars} - ids))]


def _name(stack: Stack, id: str) -> Markup:
    layer = next((layer for layer in stack.layers if layer.id == id), None)
    return element("a", layer.name, href=address(id)) if layer else element("span", line(id))


def _row(chart: Waterfall, layer: str, name: Markup) -> Markup:
    bars = chart.of(layer)
    own_time = chart.own(layer)
    label = f"{format_seconds(own_time)}, {chart.share(own_time)}" if own_time else "no own time"
    picture = element(
        "svg",
        *(_rectangle(chart, bar) for bar in bars),
        viewBox=f"0 0 {DRAWN_WIDTH} {ROW_HEIGHT}",
        preserveAspectRatio="none",
        class_="sd-waterfall__track",
        aria_hidden="true",
    )
    label_element = element("span", label, class_="sd-waterfall__said")
    return element("li", element("span", name, class_="sd-waterfall__layer"), picture, label_element)


def _rectangle(chart: Waterfall, bar: Bar) -> Markup:
    """Draw a bar; even the shortest stays visible."""
    width = max(DRAWN_WIDTH * bar.seconds / chart.width, LEAST_WIDTH)
    left = min(DRAWN_WIDTH * bar.start / chart.width, DRAWN_WIDTH - width)
    title = element("title", f"{bar.label}: {format_seconds(bar.seconds)}, {chart.share(bar.seconds)}")
    return element(
        "rect",
        title,
        x=f"{left:.1f}",
        y=2,
        width=f"{width:.1f}",
        height=ROW_HEIGHT - 4,
        class_=f"sd-waterfall__bar sd-waterfall__bar--{bar.kind}",
    )


def _table(stack: Stack, view: RecordView, chart: Waterfall) -> Markup:
    ordered = [
        bar
        for stage in chart.bars
        if stage.kind == STAGE
        for bar in (stage, *(inner for inner in chart.bars if inner.kind != STAGE and inner.step == stage.step))
    ]
    rows: list[tuple[object, ...]] = [
        (bar.label, _name(stack, bar.layer), format_seconds(bar.start), datum(view, bar.key), chart.share(bar.seconds))
        for bar in ordered
    ]
    share = f"{100 * chart.left / chart.whole:.1f} %".replace("-", "−")
    rows.append(("outside the steps", "", "", format_seconds(chart.left), share))
    rows.append(("whole request", "", "", datum(view, chart.whole_key), chart.share(chart.whole)))
    heads = [("step", False), ("layer", False), ("start", True), ("time", True), ("share of the request", True)]
    return tables.table(heads, rows)
