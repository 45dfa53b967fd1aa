"""The diagram `timeline`: what happens when, in lanes such as streams, devices or stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stackdoc.errors import did_you_mean
from stackdoc.render.diagrams.label import LINE, SIZE, SMALL, Label, plain_label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.scales import Scale, scale, tick_text
from stackdoc.render.diagrams.shapes import Canvas, Kind
from stackdoc.render.diagrams.source import DiagramSource, WrittenQuantity

BAR, STEP, GAP, PAD = 24.0, 27.0, 12.0, 4.0
NARROW_BELOW = 500
AFTER = "after:"


@dataclass(frozen=True)
class TimelineSpan:
    """A span as written; `start` is a time or `after: ID`, by default the end of the one before it in its lane."""

    label: str
    length: str | float
    id: str = ""
    start: str | float | None = None
    kind: Kind = "plain"


@dataclass(frozen=True)
class Lane:
    """A lane as written."""

    label: str
    spans: tuple[TimelineSpan, ...]


@dataclass(frozen=True, kw_only=True)
class Timeline(Texts):
    """The keys of a diagram `timeline`."""

    unit: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Interval:
    """A span from `start` to `end` in the unit of the axis; `row` tells apart spans of a lane that overlap."""

    label: Label
    length: Label
    kind: Kind
    start: float
    end: float
    row: int


@dataclass(frozen=True)
class Track:
    """A lane with its texts."""

    label: Label
    spans: tuple[Interval, ...]

    @property
    def rows(self) -> int:
        return max((span.row for span in self.spans), default=0) + 1


@dataclass(frozen=True)
class TimelinePicture:
    """A timeline that was read without a fault."""

    unit: str
    tracks: tuple[Track, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        narrow = width < NARROW_BELOW
        widest = max(track.label.width(SIZE, True) for track in self.tracks) + 14
        left = 0.0 if narrow else min(widest, width * 0.28)
        ends = [time for track in self.tracks for span in track.spans for time in (span.start, span.end)]
        axis = scale("linear", ends, left, width - 8)
        y = 0.0
        for track in self.tracks:
            y = self._track(canvas, track, axis, y, narrow) + GAP
        self._axis(canvas, axis, y)
        canvas.legend()
        return canvas

    def _track(self, canvas: Canvas, track: Track, axis: Scale, y: float, narrow: bool) -> float:
        height = track.rows * STEP
        if narrow:
            y = canvas.text(track.label.lines(canvas.width, SIZE, True), 0, y, bold=True) + 2
        else:
            lines = track.label.lines(axis.start - 12, SIZE, True)
            canvas.text(lines, 0, y + max(0.0, (height - len(lines) * SIZE * LINE) / 2), bold=True)
            height = max(height, len(lines) * SIZE * LINE)
        outside: list[str] = []
        for span in track.spans:
            x1, x2, top = axis.at(span.start), axis.at(span.end), y + span.row * STEP
            canvas.box(x1, top, x2 - x1, BAR, span.kind, 1.5)
            if not _write_inside(canvas, span.label, x1, x2, top):
                outside.append(span.label.plain)
                mark = plain_label(len(outside)).lines(40, SMALL)
                canvas.text(mark, (x1 + x2) / 2, top + 4, SMALL, anchor="middle", class_="sd-on")
        if not outside:
            return y + height
        names = "  ".join(f"{number}: {name}".replace(" ", "\u00a0") for number, name in enumerate(outside, 1))
        lines = plain_label(names).lines(canvas.width - axis.start, SMALL)
        return canvas.text(lines, axis.start, y + height + 1, SMALL, class_="sd-faint")

    def _axis(self, canvas: Canvas, axis: Scale, bottom: float) -> None:
        grid = Canvas(canvas.width)
        for tick in axis.ticks(6 if canvas.width > NARROW_BELOW else 4):
            x = axis.at(tick)
            grid.line(x, 0, x, bottom - GAP / 2)
            anchor: Literal["start", "middle", "end"] = (
                "start" if x < 8 else "end" if x > canvas.width - 14 else "middle"
            )
            canvas.text(plain_label(tick_text(tick)).lines(80), x, bottom - 4, 11.5, anchor=anchor, class_="sd-faint")
        canvas.elements[:0] = grid.elements
        canvas.text(plain_label(self.unit).lines(200), axis.start, bottom + 12, SMALL, class_="sd-faint")

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        rows: list[Row] = [
            (track.label.written, span.label.written, f"{tick_text(span.start)} {self.unit}", span.length.written)
            for track in self.tracks
            for span in track.spans
        ]
        return ("lane", "span", "start", "length"), rows


def _write_inside(canvas: Canvas, label: Label, x1: float, x2: float, top: float) -> bool:
    """Write the label into its span, on one line or on two smaller ones; return False if it does not fit."""
    room = x2 - x1 - 2 * PAD
    if label.width(SMALL) <= room:
        canvas.text(label.lines(room, SMALL), (x1 + x2) / 2, top + 4, SMALL, anchor="middle", class_="sd-on")
        return True
    return not label


def read(written: Timeline, source: DiagramSource) -> TimelinePicture:
    """Read the keys of the diagram; faults go to the source."""
    unit = source.unit(written.unit, "unit")
    if not written.lanes or not any(lane.spans for lane in written.lanes):
        source.refuse(("lanes",), "a diagram needs lanes with spans")
    spots = [(number, index) for number, lane in enumerate(written.lanes) for index in range(len(lane.spans))]
    named = {spot: written.lanes[spot[0]].spans[spot[1]].id for spot in spots}
    source.unique((id, ("lanes", lane, "spans", index, "id")) for (lane, index), id in named.items())
    reader = _Reader(written, unit, source, {id: spot for spot, id in reversed(named.items()) if id})
    tracks = []
    for number, lane in enumerate(written.lanes):
        spans = _rows([reader.interval(number, index) for index in range(len(lane.spans))])
        tracks.append(Track(source.label(lane.label, "lanes", number, "label"), tuple(spans)))
    return TimelinePicture(unit, tuple(tracks))


Spot = tuple[int, int]  # the number of a lane, and of a span in it


class _Reader:
    """Finds the start of each span, which may be the end of another one."""

    def __init__(self, written: Timeline, unit: str, source: DiagramSource, ids: dict[str, Spot]) -> None:
        self.written, self.unit, self.source, self.ids = written, unit, source, ids
        self.times: dict[Spot, tuple[float, WrittenQuantity]] = {}
        self.under_way: list[Spot] = []

    def interval(self, lane: int, index: int) -> Interval:
        span = self.written.lanes[lane].spans[index]
        start, length = self.time((lane, index))
        label = self.source.label(span.label, "lanes", lane, "spans", index, "label")
        return Interval(label, length.label, span.kind, start, start + length.value, 0)

    def time(self, spot: Spot) -> tuple[float, WrittenQuantity]:
        if spot not in self.times:
            lane, index = spot
            span, path = self.written.lanes[lane].spans[index], ("lanes", lane, "spans", index)
            self.under_way.append(spot)
            length = self.source.quantity(span.length, self.unit, *path, "length")
            if length.value < 0:
                self.source.refuse((*path, "length"), "a length can't be negative")
            self.times[spot] = self._start(spot, span), length
            self.under_way.remove(spot)
        return self.times[spot]

    def _start(self, spot: Spot, span: TimelineSpan) -> float:
        lane, index = spot
        if span.start is None:
            return self._end((lane, index - 1), spot) if index else 0.0
        if isinstance(span.start, str) and span.start.strip().startswith(AFTER):
            return max(self._end_of(id, spot) for id in span.start.strip().removeprefix(AFTER).split(","))
        return self.source.quantity(span.start, self.unit, "lanes", lane, "spans", index, "start").value

    def _end_of(self, written: str, spot: Spot) -> float:
        id = written.strip()
        if id in self.ids:
            return self._end(self.ids[id], spot)
        path = ("lanes", spot[0], "spans", spot[1], "start")
        self.source.refuse(path, f"unknown id {id!r}", did_you_mean(id, self.ids))
        return 0.0

    def _end(self, before: Spot, spot: Spot) -> float:
        if before in self.under_way:
            self.source.refuse(("lanes", spot[0], "spans", spot[1], "start"), "the spans wait for each other")
            return 0.0
        start, length = self.time(before)
        return start + length.value


def _rows(spans: list[Interval]) -> list[Interval]:
    """Put spans that overlap into rows below each other."""
    ends: list[float] = []
    placed = []
    for span in spans:
        free = next((row for row, end in enumerate(ends) if end <= span.start + 1e-9), len(ends))
        ends[free:] = [span.end, *ends[free + 1 :]]
        placed.append(Interval(span.label, span.length, span.kind, span.start, span.end, free))
    return placed
