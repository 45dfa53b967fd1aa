"""The diagram `flow`: boxes and arrows in ranks, from left to right, or from the top down where that is too wide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stackdoc.render.diagrams.arrows import Arrow, Edge, read_arrows
from stackdoc.render.diagrams.label import LINE, SIZE, SMALL, Label
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.shapes import Anchor, Canvas, Kind, centred, height_in
from stackdoc.render.diagrams.source import DiagramSource

PAD, GAP, LANE = 9.0, 14.0, 18.0
LEAST, MOST = 74.0, 170.0  # widths of a box
WIDEST_LANE = 0.2  # share of the drawing for the label of an arrow beside the boxes
LONGEST_LABEL = 92.0  # of an arrow, before it is wrapped


@dataclass(frozen=True)
class FlowBox:
    """A box as written."""

    id: str
    label: str
    note: str = ""
    kind: Kind = "plain"


@dataclass(frozen=True, kw_only=True)
class Flow(Texts):
    """The keys of a diagram `flow`."""

    boxes: tuple[FlowBox, ...]
    arrows: tuple[Arrow, ...] = ()


@dataclass(frozen=True)
class Node:
    """A box with its texts and its rank, counted from the start of the flow."""

    id: str
    label: Label
    note: Label
    kind: Kind
    rank: int = 0

    @property
    def widest_word(self) -> float:
        return max(self.label.longest_word(SIZE, True), self.note.longest_word(SMALL))


Area = tuple[float, float, float, float]  # x, y, width, height
Point = tuple[float, float]


@dataclass(frozen=True)
class FlowPicture:
    """A flow that was read without a fault."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def ranks(self) -> list[list[Node]]:
        """The nodes by rank; within one in the order of the nodes before them, to avoid crossings."""
        ranks: dict[int, list[Node]] = defaultdict(list)
        for node in self.nodes:
            ranks[node.rank].append(node)
        ordered: list[list[Node]] = []
        places: dict[str, float] = {}
        for rank in sorted(ranks):
            nodes = sorted(ranks[rank], key=lambda node: self._middle_before(node, places))
            places.update({node.id: index - (len(nodes) - 1) / 2 for index, node in enumerate(nodes)})
            ordered.append(nodes)
        return ordered

    def _middle_before(self, node: Node, places: dict[str, float]) -> float:
        before = [places[edge.start] for edge in self.edges if edge.end == node.id and edge.start in places]
        return sum(before) / len(before) if before else 0.0

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        across = self._across(width)
        if across is not None:
            _draw_edges(canvas, self, across, sideways=True)
        else:
            across = self._down(width)
            _draw_edges(canvas, self, across, sideways=False)
        for node in self.nodes:
            x, y, box_width, height = across[node.id]
            canvas.box(x, y, box_width, height, node.kind)
            centred(canvas, node.label, node.note, (x, y, box_width, height), bold=True)
        canvas.legend()
        return canvas

    def label_width(self, rank: int) -> float:
        """Return the width that the labels of the arrows into this rank need."""
        own = [edge.label for edge in self.edges if not self.is_long(edge) and self.rank(edge.end) == rank]
        widths = [max(min(label.width(SMALL), LONGEST_LABEL), label.longest_word(SMALL)) for label in own if label]
        return max(widths, default=0.0)

    def rank(self, id: str) -> int:
        return self._rank_of[id]

    @cached_property
    def _rank_of(self) -> dict[str, int]:
        return {node.id: node.rank for node in self.nodes}

    def is_long(self, edge: Edge) -> bool:
        """Whether the arrow runs beside the boxes, since it goes back or passes a rank."""
        return edge.back or self.rank(edge.end) - self.rank(edge.start) != 1

    def lanes(self, back: bool) -> list[Edge]:
        return [edge for edge in self.edges if self.is_long(edge) and edge.back is back]

    def lane_step(self, back: bool) -> float:
        """Return the distance of two lanes, which have their labels between them."""
        return LANE + (SMALL * LINE if any(edge.label for edge in self.lanes(back)) else 0.0)

    def lane_width(self, back: bool, width: float) -> float:
        """Return the distance of two lanes of a flow from the top down."""
        labels = [edge.label for edge in self.lanes(back) if edge.label]
        words = max((max(min(label.width(SMALL), 60), label.longest_word(SMALL)) for label in labels), default=0)
        return LANE + min(words, width * WIDEST_LANE)

    def _across(self, width: float) -> dict[str, Area] | None:
        """Place the ranks as columns, or return None if that is too narrow for the words."""
        ranks = self.ranks
        gaps = [max(34.0, self.label_width(rank) + 26) for rank in range(1, len(ranks))]
        sides = 16.0 if self.lanes(True) or self.lanes(False) else 0.0
        room = (width - sum(gaps) - 2 * sides) / len(ranks)
        box = min(room, MOST)
        if box < max(LEAST, *(node.widest_word + 2 * PAD for node in self.nodes)):
            return None
        if len(ranks) > 1:
            gaps = [gap + min((room - box) * len(ranks) / len(gaps), 30) for gap in gaps]
        heights = {node.id: self._height(node, box) for node in self.nodes}
        totals = [sum(heights[node.id] + GAP for node in rank) - GAP for rank in ranks]
        top = self.lane_step(False) * len(self.lanes(False))
        areas: dict[str, Area] = {}
        x = (width - sum(gaps) - box * len(ranks)) / 2
        for index, rank in enumerate(ranks):
            y = top + (max(totals) - totals[index]) / 2
            for node in rank:
                areas[node.id] = (x, y, box, heights[node.id])
                y += heights[node.id] + GAP
            x += box + (gaps[index] if index < len(gaps) else 0.0)
        return areas

    def _height(self, node: Node, width: float) -> float:
        return height_in(node.label, node.note, width - 2 * PAD, True) + 2 * PAD

    def _down(self, width: float) -> dict[str, Area]:
        """Place the ranks as rows."""
        left, right = (self.lane_width(back, width) * len(self.lanes(back)) + 2 for back in (True, False))
        room = width - left - right
        areas: dict[str, Area] = {}
        y = 22.0 if any(self.rank(edge.end) == 0 for edge in self.edges) else 0.0
        for rank, nodes in enumerate(self.ranks):
            if rank:
                lines = [
                    edge.label.lines(self.label_room(width), SMALL)
                    for edge in self.edges
                    if not self.is_long(edge) and self.rank(edge.end) == rank
                ]
                y += 24 + max((len(label) for label in lines), default=0) * SMALL * LINE
            box = min((room - GAP * (len(nodes) - 1)) / len(nodes), MOST if width > 500 else max(MOST, room * 0.72))
            height = max(self._height(node, box) for node in nodes)
            x = left + (room - box * len(nodes) - GAP * (len(nodes) - 1)) / 2
            for node in nodes:
                areas[node.id] = (x, y, box, height)
                x += box + GAP
            y += height
        return areas

    def label_room(self, width: float) -> float:
        most = max(len(rank) for rank in self.ranks)
        return width / (2 * most) - 10 if most > 1 else width / 2 - 30

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        labels = {node.id: node.label for node in self.nodes}
        rows: list[Row] = []
        for node in self.nodes:
            leads = [
                f"{labels[edge.end].plain}{f' ({edge.label.plain})' if edge.label else ''}"
                for edge in self.edges
                if edge.start == node.id
            ]
            rows.append((node.label.written, node.note.written, "; ".join(leads)))
        return ("box", "note", "leads to"), rows


def _draw_edges(canvas: Canvas, flow: FlowPicture, areas: dict[str, Area], sideways: bool) -> None:
    """Draw the arrows; `sideways` if the flow runs from left to right, else from the top down.

    Coordinates are (along, across) the flow until they are drawn.
    """
    spots = {id: (area if sideways else (area[1], area[0], area[3], area[2])) for id, area in areas.items()}
    ports = _ports(flow, spots, sideways)
    straight = [edge for edge in flow.edges if not flow.is_long(edge)]

    def turned(points: Sequence[Point]) -> list[Point]:
        return [(along, across) if sideways else (across, along) for along, across in points]

    for edge in straight:
        start, end = ports[edge, "start"], ports[edge, "end"]
        labelled = flow.label_width(flow.rank(edge.end)) > 0  # the label is beside the last stretch
        trunk = end[0] - max(10.0, (end[0] - start[0]) * (0.85 if labelled else 0.5))
        points = [start, end] if abs(start[1] - end[1]) < 1 else [start, (trunk, start[1]), (trunk, end[1]), end]
        canvas.arrow(turned(points))
        _edge_label(canvas, edge, (start, end), sideways, flow)
    outer = max(across + size for _, across, _, size in spots.values())
    inner = min(across for _, across, _, _ in spots.values())
    for back in (False, True):
        step = flow.lane_step(back) if sideways else flow.lane_width(back, canvas.width)
        for index, edge in enumerate(flow.lanes(back)):
            beyond = index * step + LANE if sideways else (index + 1) * step
            lane = outer + beyond if back is sideways else inner - beyond
            start, end = ports[edge, "start"], ports[edge, "end"]
            out, into = start[0] + 7 + 3 * index, end[0] - 10 - 2 * index
            canvas.arrow(
                turned([start, (out, start[1]), (out, lane), (into, lane), (into, end[1]), end]),
                "sd-arrow sd-arrow--back",
            )
            if edge.label:
                _lane_label(canvas, edge.label, ((out + into) / 2, lane), step, sideways, back)


def _ports(flow: FlowPicture, spots: dict[str, Area], sideways: bool) -> dict[tuple[Edge, str], Point]:
    """Return where each arrow leaves its box and where it arrives, spread over the side of the box."""
    ports: dict[tuple[Edge, str], Point] = {}
    for node in flow.nodes:
        along, across, length, size = spots[node.id]
        for name, position in (("start", along + length), ("end", along)):
            own = [edge for edge in flow.edges if (edge.start if name == "start" else edge.end) == node.id]
            own.sort(key=_across_of(flow, spots, name, sideways))
            for index, edge in enumerate(own):
                ports[edge, name] = (position, across + size * (index + 1) / (len(own) + 1))
    return ports


def _across_of(flow: FlowPicture, spots: dict[str, Area], name: str, sideways: bool) -> Callable[[Edge], float]:
    """Order the arrows at a side by where they lead, those that run outside of the boxes at its ends."""

    def place(edge: Edge) -> float:
        if flow.is_long(edge):
            return 1e6 if edge.back is sideways else -1e6
        other = spots[edge.end if name == "start" else edge.start]
        return other[1] + other[3] / 2

    return place


def _edge_label(canvas: Canvas, edge: Edge, ends: tuple[Point, Point], sideways: bool, flow: FlowPicture) -> None:
    if not edge.label:
        return
    (start, _), (end, across) = ends
    if sideways:
        lines = edge.label.lines(max(end - start - 20, 20), SMALL)
        top = across - len(lines) * SMALL * LINE - 2
        canvas.text(lines, (start + end - 6) / 2, top, SMALL, anchor="middle", class_="sd-on sd-faint")
    else:
        lines = edge.label.lines(min(flow.label_room(canvas.width), canvas.width - across - 9), SMALL)
        canvas.text(lines, across + 7, end - 16 - len(lines) * SMALL * LINE, SMALL, class_="sd-on sd-faint")


def _lane_label(canvas: Canvas, label: Label, spot: Point, step: float, sideways: bool, back: bool) -> None:
    """Label an arrow that runs beside the boxes: outside of it if it is horizontal, else between it and the boxes."""
    along, lane = spot
    if sideways:
        top = lane + 2 if back else lane - SMALL * LINE - 1
        canvas.text(label.lines(canvas.width, SMALL), along, top, SMALL, anchor="middle", class_="sd-on sd-faint")
        return
    lines = label.lines(step - 8, SMALL)
    anchor: Anchor = "start" if back else "end"
    x = lane + 5 if back else lane - 5
    canvas.text(lines, x, along - len(lines) * SMALL * LINE / 2, SMALL, anchor=anchor, class_="sd-on sd-faint")


def read(written: Flow, source: DiagramSource) -> FlowPicture:
    """Read the keys of the diagram; faults go to the source."""
    if not written.boxes:
        source.refuse(("boxes",), "a diagram needs boxes")
    known = source.unique((box.id, ("boxes", index, "id")) for index, box in enumerate(written.boxes))
    nodes = [
        Node(
            box.id,
            source.label(box.label, "boxes", index, "label"),
            source.label(box.note, "boxes", index, "note") if box.note else Label(),
            box.kind,
        )
        for index, box in enumerate(written.boxes)
    ]
    edges = read_arrows(written.arrows, known, source)
    ranks = _ranks(list(known), edges, source)
    return FlowPicture(tuple(replace(node, rank=ranks.get(node.id, 0)) for node in nodes), tuple(edges))


def _ranks(ids: list[str], edges: list[Edge], source: DiagramSource) -> dict[str, int]:
    """Return the rank of each box, the length of the longest way to it; report a loop that no `back` opens.

    A box to which no arrow leads is next to the first box that it leads to, so that its arrow passes no others.
    """
    forward = [edge for edge in edges if not edge.back]
    ranks = dict.fromkeys(ids, 0)
    for _ in range(len(ids) + 1):
        late = [edge for edge in forward if ranks[edge.end] <= ranks[edge.start]]
        if not late:
            ends = {edge.end for edge in forward}
            for start in {edge.start for edge in forward} - ends:
                ranks[start] = min(ranks[edge.end] for edge in forward if edge.start == start) - 1
            return ranks
        for edge in late:
            ranks[edge.end] = max(ranks[edge.end], ranks[edge.start] + 1)
    loop = " → ".join(_loop(forward, late[0].end))
    source.refuse(("arrows",), f"the arrows form a loop: {loop}", "write back: true at the arrow that closes it")
    return dict.fromkeys(ids, 0)


def _loop(edges: list[Edge], inside: str) -> list[str]:
    """Return the ids of a loop that can be reached by going back from a box that is in one, or after one."""
    before = {edge.end: edge.start for edge in edges}
    seen = [inside]
    while before.get(seen[-1], seen[-1]) not in seen:
        seen.append(before[seen[-1]])
    start = before.get(seen[-1], seen[-1])
    return list(reversed([*seen[seen.index(start) :], start]))
