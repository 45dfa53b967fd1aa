"""The diagram `grid`: cells with texts, in one frame or in several that show steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from stackdoc.reading.decode import written_as
from stackdoc.render.diagrams.label import LINE, SIZE, SMALL, Label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.shapes import Canvas, Kind
from stackdoc.render.diagrams.source import DiagramSource

PAD, LEAST, MOST, FRAME_GAP = 6.0, 26.0, 150.0, 30.0
CELL_GAP, CELL_GAP_FOR_ARROWS = 3.0, 16.0
NARROW_BELOW = 500


@dataclass(frozen=True)
class GridCell:
    """A cell as written; a text alone is the label of a plain one."""

    label: str = ""
    kind: Kind = "plain"


@dataclass(frozen=True)
class GridRow:
    """A row as written."""

    cells: tuple[GridCell, ...]
    label: str = ""


@dataclass(frozen=True)
class GridArrow:
    """An arrow between two cells, each a row and a column counted from 1."""

    from_: Annotated[tuple[int, ...], written_as("from")]
    to: tuple[int, ...]


@dataclass(frozen=True)
class GridFrame:
    """A frame as written."""

    rows: tuple[GridRow, ...]
    title: str = ""
    columns: tuple[str, ...] = ()
    arrows: tuple[GridArrow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grid(Texts):
    """The keys of a diagram `grid`: `rows` for one frame, or `frames`."""

    columns: tuple[str, ...] = ()
    rows: tuple[GridRow, ...] = ()
    arrows: tuple[GridArrow, ...] = ()
    frames: tuple[GridFrame, ...] = ()


Spot = tuple[int, int]


@dataclass(frozen=True)
class Panel:
    """A frame with its texts: `cells` are rows of a label and a kind."""

    title: Label
    columns: tuple[Label, ...]
    names: tuple[Label, ...]
    cells: tuple[tuple[tuple[Label, Kind], ...], ...]
    arrows: tuple[tuple[Spot, Spot], ...]
    gap: float = CELL_GAP

    @property
    def width(self) -> int:
        return max([len(self.columns), *(len(row) for row in self.cells)])

    def names_width(self, most: float) -> float:
        widest = max((name.width(SMALL, True) for name in self.names), default=0.0)
        return min(widest + 10, most) if widest else 0.0

    def least_cell(self) -> float:
        """Return the width of a cell in which no word is broken."""
        words = [label.longest_word(SMALL) for row in self.cells for label, _ in row]
        words += [column.longest_word(SMALL, True) for column in self.columns]
        return max(LEAST, max(words, default=0.0) + 2 * PAD)

    def best_cell(self) -> float:
        """Return the width of a cell in which every text is on one line, if that is not too wide."""
        texts = [label.width(SMALL) for row in self.cells for label, _ in row]
        texts += [column.width(SMALL, True) for column in self.columns]
        return min(max(LEAST, max(texts, default=0.0) + 2 * PAD), MOST)

    def size(self, cell: float, most_names: float) -> float:
        return self.names_width(most_names) + self.width * (cell + self.gap) - self.gap


@dataclass(frozen=True)
class GridPicture:
    """A grid that was read without a fault."""

    panels: tuple[Panel, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        names = width * 0.3
        narrowest = max(panel.size(panel.least_cell(), names) for panel in self.panels)
        if narrowest > width:
            names = 0.0  # the names of the rows are above them
        least, best = (max(getattr(panel, name)() for panel in self.panels) for name in ("least_cell", "best_cell"))
        beside = self._beside(width, least, names)
        room = (width - FRAME_GAP * (beside - 1)) / beside
        cell = min(best, *(self._cell(panel, room, names) for panel in self.panels))
        y = 0.0
        for start in range(0, len(self.panels), beside):
            x, bottoms = 0.0, [y]
            for panel in self.panels[start : start + beside]:
                bottoms.append(_draw(canvas, panel, (x, y), cell, names))
                x += max(panel.size(cell, names), min(panel.title.width(SIZE, True), room)) + FRAME_GAP
            y = max(*bottoms, canvas.height) + 18
        canvas.legend()
        return canvas

    def _beside(self, width: float, cell: float, names: float) -> int:
        """Return how many frames fit beside each other."""
        widest = max(max(panel.size(cell, names), min(panel.title.width(SIZE, True), 120)) for panel in self.panels)
        most = max(1, min(len(self.panels), int((width + FRAME_GAP) // (widest + FRAME_GAP))))
        rows = -(-len(self.panels) // most)
        return -(-len(self.panels) // rows)

    def _cell(self, panel: Panel, room: float, names: float) -> float:
        return (room - panel.names_width(names) + panel.gap) / panel.width - panel.gap

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        rows: list[Row] = []
        for panel in self.panels:
            for index, cells in enumerate(panel.cells):
                name = panel.names[index].plain or f"row {index + 1}"
                words = [_cell_words(panel, column, label, kind) for column, (label, kind) in enumerate(cells)]
                rows.append((panel.title.written, name, "; ".join(words)))
            moves = [f"row {a[0]}, column {a[1]} to row {b[0]}, column {b[1]}" for a, b in panel.arrows]
            if moves:
                rows.append((panel.title.written, "arrows", "; ".join(moves)))
        return ("frame", "row", "cells"), rows


def _cell_words(panel: Panel, column: int, label: Label, kind: Kind) -> str:
    head = f"{panel.columns[column].plain}: " if column < len(panel.columns) and panel.columns[column] else ""
    marked = f" ({kind})" if kind != "plain" else ""
    return f"{head}{label.plain or 'empty'}{marked}"


def _draw(canvas: Canvas, panel: Panel, corner: tuple[float, float], cell: float, names: float) -> float:
    """Draw a frame from its corner. Returns its lower edge."""
    x, y = corner
    left = x + panel.names_width(names)
    room = max(panel.size(cell, names), 120.0)
    if panel.title:
        y = canvas.text(panel.title.lines(room, SIZE, True), x, y, bold=True) + 4
    heads = [column.lines(cell, SMALL, True) for column in panel.columns]
    height = max((len(head) for head in heads), default=0) * SMALL * LINE
    for column, head in enumerate(heads):
        top = y + height - len(head) * SMALL * LINE
        middle = left + column * (cell + panel.gap) + cell / 2
        canvas.text(head, middle, top, SMALL, anchor="middle", bold=True, class_="sd-faint")
    y += height + (3 if heads else 0)
    boxes: dict[Spot, tuple[float, float, float, float]] = {}
    for row, (name, cells) in enumerate(zip(panel.names, panel.cells, strict=True), 1):
        y = _draw_row(canvas, panel, (x, left, y), (name, cells), cell, boxes, row) + panel.gap
    for start, end in panel.arrows:
        _join(canvas, boxes[start], boxes[end])
    return y - panel.gap


def _draw_row(
    canvas: Canvas,
    panel: Panel,
    corner: tuple[float, float, float],
    row: tuple[Label, tuple[tuple[Label, Kind], ...]],
    cell: float,
    boxes: dict[Spot, tuple[float, float, float, float]],
    number: int,
) -> float:
    """Draw a row, and note where its cells are. Returns its lower edge."""
    x, left, y = corner
    name, cells = row
    above = name and left == x
    if above:
        y = canvas.text(name.lines(panel.width * (cell + panel.gap), SMALL, True), x, y, SMALL, bold=True) + 2
    own = name.lines(left - x - 8, SMALL, True) if name and not above else []
    texts = [label.lines(cell - 2 * PAD, SMALL) for label, _ in cells]
    height = max([LEAST, *(len(lines) * SMALL * LINE + 2 * PAD for lines in [own, *texts])])
    canvas.text(own, x, y + (height - len(own) * SMALL * LINE) / 2, SMALL, bold=True)
    for column, (lines, (_, kind)) in enumerate(zip(texts, cells, strict=True), 1):
        at = left + (column - 1) * (cell + panel.gap)
        canvas.box(at, y, cell, height, kind, 2)
        top = y + (height - len(lines) * SMALL * LINE) / 2
        canvas.text(lines, at + cell / 2, top, SMALL, anchor="middle")
        boxes[number, column] = (at, y, cell, height)
    return y + height


def _join(canvas: Canvas, start: tuple[float, float, float, float], end: tuple[float, float, float, float]) -> None:
    """Draw an arrow between two cells, from border to border on the line of their centres."""
    centres = [(x + width / 2, y + height / 2) for x, y, width, height in (start, end)]
    (x1, y1), (x2, y2) = centres
    dx, dy = x2 - x1, y2 - y1

    def border(box: tuple[float, float, float, float], towards: float) -> tuple[float, float]:
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        share = min(box[2] / 2 / abs(dx) if dx else 9.0, box[3] / 2 / abs(dy) if dy else 9.0)
        return x + towards * dx * share, y + towards * dy * share

    if abs(dx) > box_step(start) or (abs(dx) < 1 and abs(dy) > 2 * start[3] + 2 * CELL_GAP_FOR_ARROWS):
        _bow(canvas, start, end)
    else:
        canvas.arrow([border(start, 1.0), border(end, -1.0)])


def box_step(box: tuple[float, float, float, float]) -> float:
    return box[2] + CELL_GAP_FOR_ARROWS + 1


def _bow(canvas: Canvas, start: tuple[float, float, float, float], end: tuple[float, float, float, float]) -> None:
    """Lead an arrow that passes other cells through the gap below them."""
    below = max(start[1] + start[3], end[1] + end[3]) + 9
    x1, x2 = start[0] + start[2] / 2, end[0] + end[2] / 2
    canvas.arrow([(x1, start[1] + start[3]), (x1, below), (x2, below), (x2, end[1] + end[3])])


def read(written: Grid, source: DiagramSource) -> GridPicture:
    """Read the keys of the diagram; faults go to the source."""
    if bool(written.rows) == bool(written.frames):
        source.refuse(("diagram",), "a grid has either rows or frames")
    if written.frames and written.arrows:
        source.refuse(("arrows",), "arrows of a grid with frames belong to a frame")
    panels = []
    if not written.frames:
        panels.append(_panel(GridFrame(written.rows, "", written.columns, written.arrows), source, ()))
    for index, frame in enumerate(written.frames):
        columns = frame.columns or written.columns
        path = ("frames", index)
        panels.append(_panel(GridFrame(frame.rows, frame.title, columns, frame.arrows), source, path))
    gap = CELL_GAP_FOR_ARROWS if any(panel.arrows for panel in panels) else CELL_GAP  # so that rows are level
    return GridPicture(tuple(replace(panel, gap=gap) for panel in panels))


def _panel(frame: GridFrame, source: DiagramSource, path: tuple[str | int, ...]) -> Panel:
    if not frame.rows or not all(row.cells for row in frame.rows):
        source.refuse((*path, "rows"), "a grid needs rows with cells")
    shared = path if source.has(*path, "columns") else ()
    columns = tuple(source.label(text, *shared, "columns", index) for index, text in enumerate(frame.columns))
    names = tuple(
        source.label(row.label, *path, "rows", index, "label") if row.label else Label()
        for index, row in enumerate(frame.rows)
    )
    cells = tuple(
        tuple(
            (source.label(cell.label, *path, "rows", index, "cells", place) if cell.label else Label(), cell.kind)
            for place, cell in enumerate(row.cells)
        )
        for index, row in enumerate(frame.rows)
    )
    for index, row in enumerate(frame.rows):
        if frame.columns and len(row.cells) > len(frame.columns):
            source.refuse((*path, "rows", index), f"has {len(row.cells)} cells and {len(frame.columns)} columns")
    title = source.label(frame.title, *path, "title") if frame.title else Label()
    return Panel(title, columns, names, cells, tuple(_arrows(frame, source, path)))


def _arrows(frame: GridFrame, source: DiagramSource, path: tuple[str | int, ...]) -> Iterator[tuple[Spot, Spot]]:
    for index, arrow in enumerate(frame.arrows):
        ends = []
        for key, spot in (("from", arrow.from_), ("to", arrow.to)):
            inside = (
                len(spot) == 2
                and 1 <= spot[0] <= len(frame.rows)
                and 1 <= spot[1] <= len(frame.rows[spot[0] - 1].cells)
            )
            if inside:
                ends.append((spot[0], spot[1]))
            else:
                source.refuse(
                    (*path, "arrows", index, key), f"there is no cell {list(spot)}", "write [row, column], from 1"
                )
        if len(ends) == 2:
            yield ends[0], ends[1]
