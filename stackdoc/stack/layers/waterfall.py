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
WORDS = {STAGE: "", PART: "of which ", BOUND: "at the least "}
UNITS, LEAST, HEIGHT = 1000, 2, 20  # the width that the whole is drawn in, that of the smallest bar, and a row's height
READING = (
    "Full bars are steps, one after another; pale bars below share out the step above them; an outline is the "
    "least that the machine’s roofs allow. Beside a row stands the layer’s own time, without the parts below."
)


@dataclass(frozen=True)
class Bar:
    """What a point says: `start` and `seconds` of a step, or of a layer's part of one."""

    key: str
    kind: str
    layer: str
    step: str
    label: str
    start: float
    seconds: float


@dataclass(frozen=True)
class Waterfall:
    """`whole` is the time of the request in the same launches, measured by itself."""

    bars: tuple[Bar, ...]
    whole: float
    whole_key: str

    @property
    def width(self) -> float:
        """Seconds that the drawing spans."""
        return max([self.whole, *(bar.start + bar.seconds for bar in self.bars)])

    @property
    def left(self) -> float:
        """What the steps leave of the whole; below zero where they take more."""
        return self.whole - sum(bar.seconds for bar in self.bars if bar.kind == STAGE)

    def of(self, layer: str) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.layer == layer)

    def own(self, layer: str) -> float:
        """Seconds of the layer's bars, without what parts of its steps other layers take."""
        bars = [bar for bar in self.of(layer) if bar.kind != BOUND]
        steps = {bar.step for bar in bars if bar.kind == STAGE}
        given = sum(bar.seconds for bar in self.bars if bar.kind == PART and bar.step in steps)
        return max(sum(bar.seconds for bar in bars) - given, 0.0)

    def share(self, seconds: float) -> str:
        share = 100 * seconds / self.whole
        return "under 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def waterfall(view: RecordView, keys: Sequence[str]) -> Waterfall:
    """From points in seconds with a `layer` and a `step`: each `stage` follows the one before, `part` and `bound` lie
    within the stage of their step; `whole` is that of the request. Raises ValueError when there is none of either."""
    points = [point for key in keys if isinstance(point := view.record.item(key), Point)]
    whole = next((point for point in points if point.name == WHOLE and _seconds(view, point) > 0), None)
    bars = tuple(_bars(view, points))
    if whole is None or not bars:
        raise ValueError("it needs a point `whole`, and points `stage` with a layer and a step")
    return Waterfall(bars, _seconds(view, whole), whole.key)


def _seconds(view: RecordView, point: Point) -> float:
    figure = figure_of(view, point.key)
    return max(figure.value, 0.0) if figure else 0.0


def _bars(view: RecordView, points: Sequence[Point]) -> Iterator[Bar]:
    end = 0.0
    within: dict[tuple[str, str], float] = {}
    for point in points:
        place = {name: str(value) for name, value in point.parameters}
        if point.name not in WORDS or point.unit != "s" or not {"layer", "step"} <= place.keys():
            continue
        step, seconds = place["step"], _seconds(view, point)
        if point.name == STAGE:
            start, end = end, end + seconds
            within[PART, step] = within[BOUND, step] = start
        elif (point.name, step) in within:
            start = within[point.name, step]
            within[point.name, step] += seconds
        else:
            continue
        label = f"{WORDS[point.name]}{line(point.label or step)}"
        yield Bar(point.key, point.name, place["layer"], step, label, start, seconds)


def figure(site: Site, view: RecordView, keys: Sequence[str], caption: str = "") -> Markup:
    """The drawing with a row for each layer, and its table. Raises ValueError as `waterfall` does."""
    fall = waterfall(view, keys)
    caption = caption or "Where the time of one request goes."
    rows = [_row(fall, layer, name) for layer, name in _layers(handbook(site).stack, fall)]
    said = element("p", backticks_to_code(caption), " ", READING, " ", tables.provenance(view))
    data = element(
        "details",
        element("summary", "Data of this figure"),
        _table(handbook(site).stack, view, fall),
        class_="sd-data",
    )
    label = f"{without_backticks(caption)} {view.label}, {view.date}. The whole takes {format_seconds(fall.whole)}."
    return element(
        "figure",
        element("ol", *rows, class_="sd-waterfall", aria_label=line(label)),
        element("figcaption", said, data),
        class_="sd-figure",
        data_record=view.record.id,
        data_machine=view.key,
    )


def _layers(stack: Stack, fall: Waterfall) -> list[tuple[str, Markup]]:
    """Ids and linked names of the layers that have a bar, from the top of the tower down; unknown ones last."""
    ordered = sorted(stack.layers, key=lambda layer: (-layer.height, -layer.stage))
    known = [(layer.id, _name(stack, layer.id)) for layer in ordered if fall.of(layer.id)]
    ids = {id for id, _ in known}
    return [*known, *((id, _name(stack, id)) for id in sorted({bar.layer for bar in fall.bars} - ids))]


def _name(stack: Stack, id: str) -> Markup:
    layer = next((layer for layer in stack.layers if layer.id == id), None)
    return element("a", layer.name, href=address(id)) if layer else element("span", line(id))


def _row(fall: Waterfall, layer: str, name: Markup) -> Markup:
    bars = fall.of(layer)
    spent = fall.own(layer)
    said = f"{format_seconds(spent)}, {fall.share(spent)}" if spent else "no time of its own"
    picture = element(
        "svg",
        *(_rectangle(fall, bar) for bar in bars),
        viewBox=f"0 0 {UNITS} {HEIGHT}",
        preserveAspectRatio="none",
        class_="sd-waterfall__track",
        aria_hidden="true",
    )
    told = element("span", said, class_="sd-waterfall__said")
    return element("li", element("span", name, class_="sd-waterfall__layer"), picture, told)


def _rectangle(fall: Waterfall, bar: Bar) -> Markup:
    """A bar in its place; the shortest stays visible."""
    width = max(UNITS * bar.seconds / fall.width, LEAST)
    left = min(UNITS * bar.start / fall.width, UNITS - width)
    title = element("title", f"{bar.label}: {format_seconds(bar.seconds)}, {fall.share(bar.seconds)}")
    return element(
        "rect",
        title,
        x=f"{left:.1f}",
        y=2,
        width=f"{width:.1f}",
        height=HEIGHT - 4,
        class_=f"sd-waterfall__bar sd-waterfall__bar--{bar.kind}",
    )


def _table(stack: Stack, view: RecordView, fall: Waterfall) -> Markup:
    ordered = [
        bar
        for stage in fall.bars
        if stage.kind == STAGE
        for bar in (stage, *(one for one in fall.bars if one.kind != STAGE and one.step == stage.step))
    ]
    rows: list[tuple[object, ...]] = [
        (bar.label, _name(stack, bar.layer), format_seconds(bar.start), datum(view, bar.key), fall.share(bar.seconds))
        for bar in ordered
    ]
    part = f"{100 * fall.left / fall.whole:.1f} %".replace("-", "−")
    rows.append(("left by the steps", "", "", format_seconds(fall.left), part))
    rows.append(("the whole", "", "", datum(view, fall.whole_key), fall.share(fall.whole)))
    heads = [("step", False), ("layer", False), ("start", True), ("time", True), ("of the whole", True)]
    return tables.table(heads, rows)
