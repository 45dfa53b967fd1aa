"""The diagram `bars`: quantities as lengths, alone, of parts, as a sum in steps, or as what is left after each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stackdoc.render.diagrams.label import LINE, SIZE, SMALL, Label, plain_label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.scales import Scale, ScaleName, scale, tick_text
from stackdoc.render.diagrams.shapes import Canvas, Kind
from stackdoc.render.diagrams.source import DiagramSource, WrittenQuantity
from stackdoc.render.values.record_view import NBSP

Form = Literal["plain", "stacked", "waterfall", "funnel"]
BAR, GAP, PAD = 22.0, 13.0, 5.0
NARROW_BELOW = 500  # labels are above the bars of a narrower drawing
LABELS = 0.32  # share of a wide drawing for the labels


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar."""

    label: str
    value: str | float
    kind: Kind = "plain"


@dataclass(frozen=True)
class WrittenBar:
    """A bar; in a waterfall one without a value is the sum so far."""

    label: str
    value: str | float | None = None
    kind: Kind = "plain"
    note: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bars(Texts):
    """The keys of a diagram `bars`."""

    unit: str
    bars: tuple[WrittenBar, ...]
    scale: ScaleName = "linear"
    form: Form = "plain"
    axis: str = ""


@dataclass(frozen=True)
class BarPiece:
    """A drawn length from `start` to `end` on the axis."""

    start: float
    end: float
    kind: Kind
    label: Label
    written: Label


@dataclass(frozen=True)
class BarRow:
    """A bar with its texts."""

    label: Label
    note: Label
    value: Label
    pieces: tuple[BarPiece, ...]

    @property
    def end(self) -> float:
        return max(max(piece.start, piece.end) for piece in self.pieces)


@dataclass(frozen=True)
class BarPicture:
    """Bars that were read without a fault."""

    form: Form
    scale: ScaleName
    axis: Label
    bars: tuple[BarRow, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        narrow = width < NARROW_BELOW
        left = 0.0 if narrow else self._label_width(width)
        value_width = max(bar.value.width() for bar in self.bars) + 10
        ends = [number for bar in self.bars for piece in bar.pieces for number in (piece.start, piece.end)]
        axis = scale(self.scale, ends, left, width - min(value_width, width * 0.35))
        y = 0.0
        tops: list[float] = []
        for bar in self.bars:
            tops.append(y)
            y = self._bar(canvas, bar, axis, y, left, narrow)
        if self.form != "funnel":
            self._axis(canvas, axis, y)
        if self.form == "waterfall" and not narrow:
            _connectors(canvas, self.bars, axis, tops)
        canvas.legend()
        return canvas

    def _label_width(self, width: float) -> float:
        widest = max(max(bar.label.width(SIZE, True), bar.note.width(SMALL)) for bar in self.bars) + 14
        return float(min(widest, width * LABELS))

    def _bar(self, canvas: Canvas, bar: BarRow, axis: Scale, y: float, left: float, narrow: bool) -> float:
        """Draw a bar whose row begins at `y`. Returns where the next one begins."""
        room = canvas.width if narrow else left - 12
        lines, small = bar.label.lines(room, SIZE, True), bar.note.lines(room, SMALL)
        text_height = len(lines) * SIZE * LINE + len(small) * SMALL * LINE
        parts = self._parts(bar).lines(canvas.width - axis.start, SMALL) if self.form == "stacked" else []
        length = BAR + (3 if parts else 0) + len(parts) * SMALL * LINE
        height = 0.0 if narrow else max(text_height, length)
        bottom = canvas.text(lines, 0, y + max(height - text_height, 0) / 2, bold=True)
        bottom = canvas.text(small, 0, bottom, SMALL, class_="sd-faint")
        top = bottom + 3 if narrow else y + (height - length) / 2
        self._length(canvas, bar, axis, top)
        canvas.text(parts, axis.start, top + BAR + 3, SMALL, class_="sd-faint")
        return (top + length if narrow else y + height) + GAP

    def _parts(self, bar: BarRow) -> Label:
        """List the parts below their bar, each on one line: `weights 17.5 GB · gradients 17.5 GB`."""
        words = [f"{piece.label.plain} {piece.written.plain}".replace(" ", NBSP) for piece in bar.pieces]
        return plain_label(" · ".join(words))

    def _length(self, canvas: Canvas, bar: BarRow, axis: Scale, y: float) -> None:
        right = 0.0
        for piece in bar.pieces:
            base = axis.low if self.scale == "log" else piece.start
            x1, x2 = sorted((axis.at(base), axis.at(piece.end)))
            if self.form == "funnel":
                shift = (axis.end - x2) / 2
                x1, x2 = x1 + shift, x2 + shift
            canvas.box(x1, y, x2 - x1, BAR, piece.kind, 1.5)
            inside = piece.label if self.form == "stacked" else Label()
            if inside and inside.width(SMALL) + 2 * PAD <= x2 - x1:
                canvas.text(
                    inside.lines(x2 - x1, SMALL), (x1 + x2) / 2, y + 3.5, SMALL, anchor="middle", class_="sd-on"
                )
            right = max(right, x2)
        canvas.text(bar.value.lines(canvas.width), right + 6, y + (BAR - SIZE * LINE) / 2)

    def _axis(self, canvas: Canvas, axis: Scale, bottom: float) -> None:
        marks: list[tuple[float, str]] = [(axis.at(tick), tick_text(tick)) for tick in axis.ticks(5)]
        grid = Canvas(canvas.width)
        for x, _ in marks:
            grid.line(x, 0, x, bottom - GAP / 2)
        canvas.elements[:0] = grid.elements
        for x, words in marks:
            anchor: Literal["start", "middle"] = "start" if x < 8 else "middle"
            canvas.text(plain_label(words).lines(80), x, bottom - 4, 11.5, anchor=anchor, class_="sd-faint")
        lines = self.axis.lines(axis.end - axis.start, SMALL)
        canvas.text(lines, axis.start, bottom + 12, SMALL, class_="sd-faint")

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        rows: list[Row] = []
        for bar in self.bars:
            rows.append((bar.label.written, bar.value.written, bar.note.written))
            if self.form == "stacked":
                rows += [(f"of which {piece.label.plain}", piece.written.written, "") for piece in bar.pieces]
        return ("bar", "value", "note"), rows


def _connectors(canvas: Canvas, bars: Sequence[BarRow], axis: Scale, tops: Sequence[float]) -> None:
    """Lead the end of each bar of a waterfall to the next one."""
    for bar, top, below in zip(bars, tops, tops[1:], strict=False):
        x = axis.at(bar.pieces[-1].end)
        canvas.line(x, top + BAR, x, below + BAR / 2, "sd-connector")


def read(written: Bars, source: DiagramSource) -> BarPicture:
    """Read the keys of the diagram; faults go to the source."""
    unit = source.unit(written.unit, "unit")
    if not written.bars:
        source.refuse(("bars",), "a diagram needs bars")
    rows: list[BarRow] = []
    total = 0.0
    for index, bar in enumerate(written.bars):
        row, total = _row(bar, written, unit, total, source, index)
        rows.append(row)
        if written.scale == "log":
            _check_log(row, source, index)
    if written.scale == "log" and written.form in ("stacked", "waterfall"):
        source.refuse(("scale",), f"lengths of form {written.form} add up, which a logarithmic axis can't show")
    if written.form == "funnel":
        rows = _funnel(rows)
    axis = source.label(written.axis, "axis") if written.axis else plain_label("" if unit == "1" else unit)
    logarithmic = plain_label(f"{axis.plain} (logarithmic)".strip()) if written.scale == "log" else axis
    return BarPicture(written.form, written.scale, logarithmic, tuple(rows))


def _row(
    bar: WrittenBar, written: Bars, unit: str, total: float, source: DiagramSource, index: int
) -> tuple[BarRow, float]:
    """Return a bar, and the sum of a waterfall after it."""
    at = ("bars", index)
    label = source.label(bar.label, *at, "label")
    note = source.label(bar.note, *at, "note") if bar.note else Label()
    if written.form == "stacked":
        pieces, value = _stacked(bar, unit, source, index)
        return BarRow(label, note, value, pieces), total
    if bar.parts:
        source.refuse((*at, "parts"), f"a bar of form {written.form} has no parts", "write form: stacked")
    if bar.value is None:
        if written.form != "waterfall":
            source.refuse(at, "lacks 'value'")
        words = _sum(total, unit)
        return BarRow(label, note, words, (BarPiece(0.0, total, bar.kind, label, words),)), total
    quantity = source.quantity(bar.value, unit, *at, "value")
    if quantity.value < 0 and written.form != "waterfall":
        source.refuse((*at, "value"), f"{quantity.label.plain!r} is negative", "only a waterfall has negative steps")
    start = total if written.form == "waterfall" else 0.0
    piece = BarPiece(start, start + quantity.value, bar.kind, label, quantity.label)
    return BarRow(label, note, quantity.label, (piece,)), start + quantity.value


def _stacked(bar: WrittenBar, unit: str, source: DiagramSource, index: int) -> tuple[tuple[BarPiece, ...], Label]:
    at = ("bars", index)
    if not bar.parts:
        source.refuse(at, "a bar of form stacked needs parts")
        return (BarPiece(0.0, 0.0, bar.kind, Label(), Label()),), Label()
    pieces: list[BarPiece] = []
    total = 0.0
    for position, part in enumerate(bar.parts):
        quantity = source.quantity(part.value, unit, *at, "parts", position, "value")
        label = source.label(part.label, *at, "parts", position, "label")
        pieces.append(BarPiece(total, total + quantity.value, part.kind, label, quantity.label))
        total += quantity.value
    given: WrittenQuantity | None = source.quantity(bar.value, unit, *at, "value") if bar.value is not None else None
    if given and abs(given.value - total) > 0.02 * max(abs(total), abs(given.value)):
        source.refuse((*at, "value"), f"{given.label.plain!r} is not the sum of the parts, {_sum(total, unit).plain!r}")
    return tuple(pieces), given.label if given else _sum(total, unit)


def _sum(total: float, unit: str) -> Label:
    text = tick_text(float(f"{total:.3g}"))
    return plain_label(f"{text}{NBSP}{unit}" if unit != "1" else text)


def _funnel(rows: list[BarRow]) -> list[BarRow]:
    """Add to each value its share of the first one."""
    first = rows[0].pieces[0].end if rows else 0.0
    result = []
    for position, row in enumerate(rows):
        share = f" ({100 * row.pieces[0].end / first:.3g} %)" if position and first > 0 else ""
        value = Label(row.value.written + share)
        result.append(BarRow(row.label, row.note, value, row.pieces))
    return result


def _check_log(row: BarRow, source: DiagramSource, index: int) -> None:
    if any(piece.end <= 0 for piece in row.pieces) and not source.problems:
        source.refuse(("bars", index), "a logarithmic axis needs values above zero")
