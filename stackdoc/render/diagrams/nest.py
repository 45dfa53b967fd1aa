"""The diagram `nest`: boxes in boxes, such as the blocks of a chip or the boundaries of a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stackdoc.render.diagrams.arrows import Arrow, Edge, read_arrows
from stackdoc.render.diagrams.label import LINE, SIZE, SMALL, Label, plain_label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.shapes import Canvas, Kind, centred, height_in
from stackdoc.render.diagrams.source import DiagramSource

PAD, SHADOW = 8.0, 3.0
LEAST = 64.0  # width of a box
GAP, GAP_FOR_ARROWS = 9.0, 36.0


@dataclass(frozen=True)
class NestBox:
    """A box as written; `times` is how many of it there are."""

    label: str
    id: str = ""
    note: str = ""
    kind: Kind = "plain"
    times: int = 1
    boxes: tuple[NestBox, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Nest(Texts):
    """The keys of a diagram `nest`."""

    boxes: tuple[NestBox, ...]
    arrows: tuple[Arrow, ...] = ()


@dataclass(frozen=True)
class NestBlock:
    """A box with its texts; `key` is its id, or its place among the boxes."""

    key: str
    label: Label
    note: Label
    kind: Kind
    times: int
    inside: tuple[NestBlock, ...]

    @property
    def badge(self) -> str:
        return f"× {self.times}" if self.times > 1 else ""

    def everything(self) -> Iterator[NestBlock]:
        yield self
        for block in self.inside:
            yield from block.everything()


Area = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True)
class NestLayout:
    """Places boxes with a `gap` between them."""

    gap: float

    def least(self, block: NestBlock) -> float:
        """Return the smallest width in which no word is broken."""
        words = max(block.label.longest_word(SIZE, True), block.note.longest_word(SMALL))
        own = words + 2 * PAD + (34 if block.badge else 0)
        return max([LEAST, own, *(self.least(child) + 2 * PAD for child in block.inside)])

    def split(self, blocks: Sequence[NestBlock], width: float) -> list[Sequence[NestBlock]]:
        """Return the boxes in rows that fit; the rows are equally long if that fits as well."""
        rows: list[list[NestBlock]] = []
        for block in blocks:
            if rows and self._needed([*rows[-1], block]) <= width:
                rows[-1].append(block)
            else:
                rows.append([block])
        length = -(-len(blocks) // len(rows))
        even = [blocks[start : start + length] for start in range(0, len(blocks), length)]
        return even if all(self._needed(row) <= width for row in even) else list(rows)

    def _needed(self, row: Sequence[NestBlock]) -> float:
        return sum(self.least(block) for block in row) + self.gap * (len(row) - 1)

    def widths(self, row: Sequence[NestBlock], width: float) -> list[float]:
        """Share the width of a row by what the boxes need."""
        least = [self.least(block) for block in row]
        spare = (width - self._needed(row)) / sum(least)
        return [own * (1 + spare) for own in least]

    def height(self, block: NestBlock, width: float) -> float:
        room = width - 2 * PAD - (30 if block.badge else 0)
        own = height_in(block.label, block.note, room, True) + 2 * PAD
        return own + self.rows_height(block.inside, width - 2 * PAD) + PAD if block.inside else own

    def rows_height(self, blocks: Sequence[NestBlock], width: float) -> float:
        rows = self.split(blocks, width)
        return sum(self.row_height(row, width) for row in rows) + self.gap * (len(rows) - 1)

    def row_height(self, row: Sequence[NestBlock], width: float) -> float:
        return max(self.height(block, size) for block, size in zip(row, self.widths(row, width), strict=True))

    def place(self, blocks: Sequence[NestBlock], x: float, y: float, width: float) -> Iterator[tuple[NestBlock, Area]]:
        """Yield each box with its area, outer ones before those inside."""
        for row in self.split(blocks, width):
            left, height = x, self.row_height(row, width)
            for block, size in zip(row, self.widths(row, width), strict=True):
                yield block, (left, y, size, height)
                if block.inside:
                    room = size - 2 * PAD
                    head = height_in(block.label, block.note, room - (30 if block.badge else 0), True)
                    yield from self.place(block.inside, left + PAD, y + 2 * PAD + head, room)
                left += size + self.gap
            y += height + self.gap


@dataclass(frozen=True)
class NestPicture:
    """Boxes that were read without a fault."""

    blocks: tuple[NestBlock, ...]
    edges: tuple[Edge, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        layout = NestLayout(GAP_FOR_ARROWS if self.edges else GAP)
        areas: dict[str, Area] = {}
        for block, area in layout.place(self.blocks, 1, 1, width - 2 - SHADOW):
            areas[block.key] = area
            _draw(canvas, block, area)
        pairs = {(edge.start, edge.end) for edge in self.edges}
        for edge in self.edges:
            aside = 7.0 if (edge.end, edge.start) in pairs else 0.0
            _join(canvas, edge, areas[edge.start], areas[edge.end], aside)
        canvas.legend()
        return canvas

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        return ("box", "how many", "note"), list(_rows(self, self.blocks, ""))


def _rows(picture: NestPicture, blocks: Sequence[NestBlock], outer: str) -> Iterator[Row]:
    names = {block.key: block.label.plain for top in picture.blocks for block in top.everything()}
    for block in blocks:
        path = f"{outer} › {block.label.plain}" if outer else block.label.plain
        leads = [
            f"leads to {names[edge.end]}{f' ({edge.label.plain})' if edge.label else ''}"
            for edge in picture.edges
            if edge.start == block.key
        ]
        yield path, str(block.times), block.note.written + ("; " if block.note and leads else "") + "; ".join(leads)
        yield from _rows(picture, block.inside, path)


def _draw(canvas: Canvas, block: NestBlock, area: Area) -> None:
    x, y, width, height = area
    if block.badge:
        canvas.blank(x + SHADOW, y + SHADOW, width, height)
        canvas.box(x + SHADOW, y + SHADOW, width, height, "plain")
    canvas.blank(x, y, width, height)
    canvas.box(x, y, width, height, block.kind, pattern=not block.inside)
    if not block.inside:
        centred(canvas, block.label, block.note, (x, y, width, height), bold=True)
        if block.badge:
            _badge(canvas, block, x + width, y)
        return
    room = width - 2 * PAD - (30 if block.badge else 0)
    bottom = canvas.text(block.label.lines(room, SIZE, True), x + PAD, y + PAD - 2, bold=True)
    canvas.text(block.note.lines(room, SMALL), x + PAD, bottom, SMALL, class_="sd-faint")
    if block.badge:
        _badge(canvas, block, x + width, y)


def _badge(canvas: Canvas, block: NestBlock, right: float, top: float) -> None:
    canvas.text(plain_label(block.badge).lines(60, SMALL), right - 5, top + 2, SMALL, anchor="end", class_="sd-on")


def _join(canvas: Canvas, edge: Edge, start: Area, end: Area, aside: float) -> None:
    """Draw an arrow between the facing sides of two boxes, moved `aside` if there is one the other way too."""
    (x1, y1, w1, h1), (x2, y2, w2, h2) = start, end
    middle = (max(x1, x2) + min(x1 + w1, x2 + w2)) / 2, (max(y1, y2) + min(y1 + h1, y2 + h2)) / 2
    beside = x1 + w1 <= x2 or x2 + w2 <= x1
    if beside:
        level = max(y1, y2) < min(y1 + h1, y2 + h2)
        shift = -aside if x1 < x2 else aside
        heights = (middle[1], middle[1]) if level else (y1 + h1 / 2, y2 + h2 / 2)
        ends = (x1 + w1, x2) if x1 < x2 else (x1, x2 + w2)
        points = [(ends[0], heights[0] + shift), (ends[1], heights[1] + shift)]
    else:
        above = max(x1, x2) < min(x1 + w1, x2 + w2)
        shift = aside if y1 < y2 else -aside
        places = (middle[0], middle[0]) if above else (x1 + w1 / 2, x2 + w2 / 2)
        ends = (y1 + h1, y2) if y1 < y2 else (y1, y2 + h2)
        points = [(places[0] + shift, ends[0]), (places[1] + shift, ends[1])]
    canvas.arrow(points, "sd-arrow sd-arrow--back" if edge.back else "sd-arrow")
    if edge.label:
        _label_edge(canvas, edge.label, points, beside, shift)


def _label_edge(
    canvas: Canvas, label: Label, points: Sequence[tuple[float, float]], beside: bool, shift: float
) -> None:
    x, y = (points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2
    if beside:
        lines = label.lines(GAP_FOR_ARROWS + 24, SMALL)
        top = y + 2 if shift > 0 else y - len(lines) * SMALL * LINE - 3
        canvas.text(lines, x, top, SMALL, anchor="middle", class_="sd-on sd-faint")
    else:
        lines = label.lines(canvas.width / 3, SMALL)
        left = shift < 0
        top = y - len(lines) * SMALL * LINE / 2
        canvas.text(
            lines, x + (-7 if left else 7), top, SMALL, anchor="end" if left else "start", class_="sd-on sd-faint"
        )


def read(written: Nest, source: DiagramSource) -> NestPicture:
    """Read the keys of the diagram; faults go to the source."""
    if not written.boxes:
        source.refuse(("boxes",), "a diagram needs boxes")
    ids = source.unique(_ids(written.boxes, ("boxes",)))
    blocks = tuple(_block(box, source, ("boxes", index)) for index, box in enumerate(written.boxes))
    return NestPicture(blocks, tuple(read_arrows(written.arrows, ids, source)))


def _ids(boxes: tuple[NestBox, ...], path: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for index, box in enumerate(boxes):
        yield box.id, (*path, index, "id")
        yield from _ids(box.boxes, (*path, index, "boxes"))


def _block(box: NestBox, source: DiagramSource, path: tuple[str | int, ...]) -> NestBlock:
    if box.times < 1:
        source.refuse((*path, "times"), f"times is {box.times}", "it is 1 or more")
    return NestBlock(
        box.id or ".".join(map(str, path)),
        source.label(box.label, *path, "label"),
        source.label(box.note, *path, "note") if box.note else Label(),
        box.kind,
        box.times,
        tuple(_block(inner, source, (*path, "boxes", index)) for index, inner in enumerate(box.boxes)),
    )
