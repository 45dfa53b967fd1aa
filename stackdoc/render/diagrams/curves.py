"""The diagram `curves`: laws as lines on axes, such as the roofs of several chips, with named points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from markupsafe import Markup

from stackdoc.errors import StackdocError
from stackdoc.laws.amount import are_compatible, to_base
from stackdoc.reading.decode import written_as
from stackdoc.render.diagrams.label import LINE, SMALL, Label, plain_label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.scales import Scale, ScaleName, scale, tick_text
from stackdoc.render.diagrams.shapes import Anchor, Canvas, number
from stackdoc.render.diagrams.source import DiagramSource, WrittenQuantity
from stackdoc.render.domain import domain
from stackdoc.render.html.element import element

SAMPLES = 193
STYLES = 6  # lines with a colour and dashes of their own
NARROW_BELOW = 500
RATIO, LEFT = 0.52, 46.0  # height for a width; room for the ticks
CLOSE = 0.12  # how far a point of a line may be beside the line through its neighbours, to be left out


@dataclass(frozen=True)
class XAxis:
    """The horizontal axis: a `symbol` of the laws, from and to quantities."""

    symbol: str
    unit: str
    from_: Annotated[str | float, written_as("from")]
    to: str | float
    label: str = ""
    scale: ScaleName = "linear"


@dataclass(frozen=True)
class YAxis:
    """The vertical axis; it begins at `from`, or by default at 0 or at the power of ten below the lines."""

    label: str
    unit: str
    scale: ScaleName = "linear"
    from_: Annotated[str | float | None, written_as("from")] = None
    to: str | float | None = None


@dataclass(frozen=True)
class CurveLine:
    """A line as written: a law with its other inputs, as in the fence `calc`."""

    label: str
    law: str
    with_: Annotated[dict[str, Any], written_as("with")] = field(default_factory=dict)


@dataclass(frozen=True)
class CurveMark:
    """A named point as written."""

    label: str
    x: str | float
    y: str | float


@dataclass(frozen=True, kw_only=True)
class Curves(Texts):
    """The keys of a diagram `curves`."""

    x: XAxis
    y: YAxis
    lines: tuple[CurveLine, ...]
    marks: tuple[CurveMark, ...] = ()


Point = tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """A line through points in the units of the axes."""

    label: Label
    words: Markup
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Spot:
    """A named point in the units of the axes."""

    label: Label
    x: WrittenQuantity
    y: WrittenQuantity


@dataclass(frozen=True)
class CurveAxis:
    """An axis with its title; `low` and `high` are in its unit."""

    title: Label
    scale: ScaleName
    low: float
    high: float

    def along(self, start: float, end: float) -> Scale:
        return Scale(self.scale, self.low, self.high, start, end)


@dataclass(frozen=True)
class CurvesPicture:
    """Curves that were read without a fault."""

    x: CurveAxis
    y: CurveAxis
    lines: tuple[Drawn, ...]
    spots: tuple[Spot, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        narrow = width < NARROW_BELOW
        widest = max(line.label.width(SMALL) for line in self.lines) + 10
        right = 12.0 if narrow else min(widest, width * 0.28)
        top = canvas.text(self.y.title.lines(width, SMALL), 0, 0, SMALL, class_="sd-faint") + 8
        height = width * (0.72 if narrow else RATIO)
        x, y = self.x.along(LEFT, width - right), self.y.along(top + height, top)
        _axes(canvas, x, y)
        paths = [_thinned([(x.at(a), y.at(b)) for a, b in line.points]) for line in self.lines]
        for index, path in enumerate(paths):
            d = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in path)
            canvas.add(element("path", d=d, class_=f"sd-curve sd-curve--{index % STYLES + 1}"), bottom=top + height)
        taken: list[tuple[float, float, float, float]] = []
        for spot in self.spots:
            _mark(canvas, spot, (x.at(spot.x.value), y.at(spot.y.value)), taken)
        bottom = canvas.text(
            self.x.title.lines(x.end - x.start, SMALL), x.start, y.start + 20, SMALL, class_="sd-faint"
        )
        if narrow:
            _legend(canvas, self.lines, bottom + 8)
        else:
            _names(canvas, self.lines, paths, (y.end, y.start), right)
        return canvas

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        rows: list[Row] = [(line.label.written, line.words) for line in self.lines]
        rows += [
            (spot.label.written, Markup("at ") + spot.x.label.written + Markup(", ") + spot.y.label.written)
            for spot in self.spots
        ]
        return ("line or point", "law or place"), rows


def _axes(canvas: Canvas, x: Scale, y: Scale) -> None:
    for tick in y.ticks(5):
        canvas.line(x.start, y.at(tick), x.end, y.at(tick))
        lines = plain_label(tick_text(tick)).lines(LEFT)
        canvas.text(lines, x.start - 6, y.at(tick) - 7, 11.5, anchor="end", class_="sd-faint")
    for tick in x.ticks(6 if canvas.width > NARROW_BELOW else 4):
        canvas.line(x.at(tick), y.end, x.at(tick), y.start)
        anchor: Anchor = "end" if x.at(tick) > canvas.width - 16 else "middle"
        lines = plain_label(tick_text(tick)).lines(LEFT)
        canvas.text(lines, x.at(tick), y.start + 4, 11.5, anchor=anchor, class_="sd-faint")


def _names(canvas: Canvas, lines: Sequence[Drawn], paths: Sequence[Sequence[Point]], span: Point, right: float) -> None:
    """Write the name of each line beside its end; names that would overlap are moved down, or up at the bottom."""
    texts = sorted((path[-1][1], index) for index, path in enumerate(paths))
    heights = [len(lines[index].label.lines(right - 8, SMALL)) * SMALL * LINE for _, index in texts]
    tops: list[float] = []
    for (end, _), height in zip(texts, heights, strict=True):
        lowest = tops[-1] + heights[len(tops) - 1] + 2 if tops else 0.0
        tops.append(max(end - height / 2, lowest))
    excess = max(0.0, tops[-1] + heights[-1] - span[1] - 6)
    for (_, index), top in zip(texts, tops, strict=True):
        x = paths[index][-1][0] + 6
        style = f"sd-curve-name--{index % STYLES + 1}"
        canvas.text(lines[index].label.lines(right - 8, SMALL), x, top - excess, SMALL, bold=True, class_=style)


def _legend(canvas: Canvas, lines: Sequence[Drawn], y: float) -> None:
    for index, line in enumerate(lines):
        canvas.line(0, y + 8, 26, y + 8, f"sd-curve sd-curve--{index % STYLES + 1}")
        y = canvas.text(line.label.lines(canvas.width - 34, SMALL), 34, y, SMALL) + 3


def _mark(canvas: Canvas, spot: Spot, at: Point, taken: list[tuple[float, float, float, float]]) -> None:
    """Draw a named point; its name is on the first side where it is inside the drawing and covers no other name."""
    x, y = at
    canvas.add(element("circle", cx=number(x), cy=number(y), r=4, class_="sd-spot"), bottom=y + 4)
    lines = spot.label.lines(140, SMALL)
    width, height = min(spot.label.width(SMALL), 140.0), len(lines) * SMALL * LINE
    sides: list[tuple[float, float, Anchor]] = [
        (x + 8, y - height / 2, "start"),
        (x - 8, y - height / 2, "end"),
        (x + 4, y - height - 5, "start"),
        (x + 4, y + 5, "start"),
        (x - 4, y - height - 5, "end"),
        (x - 4, y + 5, "end"),
    ]
    boxes = [(left if anchor == "start" else left - width, top, width, height) for left, top, anchor in sides]
    free = next(
        (
            position
            for position, box in enumerate(boxes)
            if box[0] > LEFT and box[0] + width < canvas.width and not any(_overlap(box, other) for other in taken)
        ),
        2,
    )
    taken.append(boxes[free])
    left, top, anchor = sides[free]
    canvas.text(lines, left, top, SMALL, anchor=anchor, class_="sd-on")


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _thinned(points: list[Point]) -> list[Point]:
    """Leave out points on the line through their neighbours."""
    kept = points[:1]
    for index in range(1, len(points) - 1):
        (x0, y0), (x1, y1), (x2, y2) = kept[-1], points[index], points[index + 1]
        expected = y0 + (y2 - y0) * (x1 - x0) / (x2 - x0) if x2 != x0 else y1 + 9
        if abs(y1 - expected) > CLOSE:
            kept.append(points[index])
    return [*kept, *points[-1:]] if len(points) > 1 else kept


def read(written: Curves, source: DiagramSource) -> CurvesPicture:
    """Read the keys of the diagram; faults go to the source."""
    x_unit, y_unit = source.unit(written.x.unit, "x", "unit"), source.unit(written.y.unit, "y", "unit")
    low = source.quantity(written.x.from_, x_unit, "x", "from").value
    high = source.quantity(written.x.to, x_unit, "x", "to").value
    if low >= high or (written.x.scale == "log" and low <= 0):
        source.refuse(("x", "from"), "the axis needs from below to", "on a logarithmic axis, from is above zero")
        low, high = 1.0, 10.0
    if not written.lines:
        source.refuse(("lines",), "a diagram needs lines")
    axis = CurveAxis(_title(written.x.label or written.x.symbol, x_unit, source, "x"), written.x.scale, low, high)
    lines = [
        drawn
        for index, line in enumerate(written.lines)
        if (drawn := _line(line, written.x.symbol, axis, (x_unit, y_unit), source, index))
    ]
    spots = [
        Spot(
            source.label(mark.label, "marks", index, "label"),
            source.quantity(mark.x, x_unit, "marks", index, "x"),
            source.quantity(mark.y, y_unit, "marks", index, "y"),
        )
        for index, mark in enumerate(written.marks)
    ]
    return CurvesPicture(axis, _y_axis(written.y, y_unit, lines, spots, source), tuple(lines), tuple(spots))


def _title(words: str, unit: str, source: DiagramSource, axis: str) -> Label:
    label = source.label(words.replace("_", " "), axis, "label" if source.has(axis, "label") else "symbol")
    return Label(label.written + (Markup(", ") + Markup.escape(unit) if unit != "1" else Markup()))


def _y_axis(written: YAxis, unit: str, lines: list[Drawn], spots: list[Spot], source: DiagramSource) -> CurveAxis:
    values = [y for line in lines for _, y in line.points] + [spot.y.value for spot in spots]
    if written.scale == "log" and any(spot.y.value <= 0 for spot in spots) and not source.problems:
        source.refuse(("marks",), "a logarithmic axis needs values above zero")
    found = scale(written.scale, values or [1.0], 0, 1)
    low, high = found.low, found.high * (1.04 if written.scale == "linear" else 1.0)
    if written.from_ is not None:
        low = source.quantity(written.from_, unit, "y", "from").value
    if written.to is not None:
        high = source.quantity(written.to, unit, "y", "to").value
    if low >= high or (written.scale == "log" and low <= 0):
        source.refuse(("y",), "the axis needs from below to", "on a logarithmic axis, from is above zero")
        low, high = 1.0, 10.0
    return CurveAxis(_title(written.label, unit, source, "y"), written.scale, low, high)


def _line(
    line: CurveLine, symbol: str, axis: CurveAxis, units: tuple[str, str], source: DiagramSource, index: int
) -> Drawn | None:
    """Evaluate a law along the axis; where it has no value, the line has no point."""
    place = source.at("lines", index, "law")
    make = domain(source.fence.site).curve
    if make is None:
        source.refuse(("lines", index, "law"), "this project has no laws")
        return None
    try:
        law = make(source.fence.site, line.law, symbol, line.with_, place)
    except StackdocError as error:
        source.problems += error.problems
        return None
    for unit, of_law, key in ((units[0], law.x_unit, "x"), (units[1], law.y_unit, "y")):
        if not are_compatible(unit, of_law):
            source.refuse((key, "unit"), f"{unit!r} is not a unit of what law {line.law!r} has there, {of_law!r}")
            return None
    along, factors = axis.along(0, 1), [to_base(1.0, unit) for unit in units]
    points = []
    for step in range(SAMPLES):
        x = along.value(step / (SAMPLES - 1))
        try:
            points.append((x, law.at(x * factors[0]) / factors[1]))
        except ValueError:
            continue
    if len(points) < 2:
        source.refuse(("lines", index), "the law has no values on this axis")
        return None
    return Drawn(source.label(line.label, "lines", index, "label"), law.words, tuple(points))
