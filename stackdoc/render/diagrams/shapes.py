"""The shapes of diagrams as SVG elements: boxes, text, arrows. Colours are classes, which the style sheet defines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from markupsafe import Markup

from stackdoc.render.diagrams.label import LINE, SIZE, Label, Line, plain_label
from stackdoc.render.html.element import element

Kind = Literal["compute", "memory", "network", "wait", "data", "risk", "plain"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Anchor = Literal["start", "middle", "end"]
HATCH = 7.0  # distance of two lines of a pattern
HEAD = 7.0  # length of the head of an arrow
SWATCH, LEGEND_ROW = 14.0, 20.0


def number(value: float) -> str:
    """Return a coordinate with one decimal place, without a trailing zero or a negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


@dataclass
class Canvas:
    """A drawing of a fixed `width` whose height grows with what is put on it."""

    width: float
    height: float = 0.0
    elements: list[Markup] = field(default_factory=list)
    kinds: set[Kind] = field(default_factory=set)

    def add(self, *elements: Markup, bottom: float = 0.0) -> None:
        self.elements += elements
        self.height = max(self.height, bottom)

    def blank(self, x: float, y: float, width: float, height: float) -> None:
        """Cover what is below a rectangle."""
        size = {"x": number(x), "y": number(y), "width": number(width), "height": number(height)}
        self.add(element("rect", **size, rx=3, class_="sd-blank"))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        kind: Kind = "plain",
        rounded: float = 3,
        pattern: bool = True,
    ) -> None:
        """Draw a rectangle in the colour of its kind, and with its pattern."""
        self.kinds.add(kind)
        size = {"x": number(x), "y": number(y), "width": number(max(width, 0.5)), "height": number(height)}
        self.add(element("rect", **size, rx=rounded, class_=f"sd-box sd-kind-{kind}"), bottom=y + height)
        if pattern and (hatch := _hatch(x, y, width, height, kind)):
            self.add(element("path", d=hatch, class_=f"sd-hatch sd-kind-{kind}"))

    def text(
        self,
        lines: Sequence[Line],
        x: float,
        top: float,
        size: float = SIZE,
        *,
        anchor: Anchor = "start",
        bold: bool = False,
        class_: str = "",
    ) -> float:
        """Write lines, the first with its upper edge at `top`. Returns the lower edge of the last."""
        for position, line in enumerate(lines):
            baseline = top + size * (LINE * position + 0.98)
            spans = [element("tspan", piece.text, class_="sd-mono") if piece.code else piece.text for piece in line]
            self.add(
                element(
                    "text",
                    *spans,
                    x=number(x),
                    y=number(baseline),
                    font_size=number(size),
                    font_weight=600 if bold else None,
                    text_anchor=None if anchor == "start" else anchor,
                    class_=class_ or None,
                )
            )
        bottom = top + len(lines) * size * LINE
        self.height = max(self.height, bottom)
        return bottom

    def line(self, x1: float, y1: float, x2: float, y2: float, class_: str = "sd-rule") -> None:
        ends = {"x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2)}
        self.add(element("line", **ends, class_=class_), bottom=max(y1, y2))

    def arrow(self, points: Sequence[tuple[float, float]], class_: str = "sd-arrow") -> None:
        """Draw a line through the points with a head at the last one."""
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.add(element("path", d=path, class_=class_), bottom=max(y for _, y in points))
        self.add(element("path", d=_head(points[-2], points[-1]), class_="sd-head"))

    def legend(self, names: dict[Kind, str] | None = None) -> None:
        """Explain the colours and patterns below the drawing, if it has several."""
        used = [kind for kind in KINDS if kind in self.kinds and kind != "plain"]
        if not used or (len(used) == 1 and "plain" not in self.kinds):
            return
        x, y = 0.0, self.height + 12
        for kind in used:
            words = plain_label((names or {}).get(kind, kind))
            step = SWATCH + 6 + words.width(12.0) + 16
            if x and x + step > self.width:
                x, y = 0.0, y + LEGEND_ROW
            self.box(x + 0.5, y + 0.5, SWATCH, SWATCH - 1, kind, 2)
            self.text(words.lines(self.width, 12.0), x + SWATCH + 6, y, 12.0, class_="sd-faint")
            x += step

    def svg(self, size: str, label: str, description: str) -> Markup:
        """Return the drawing as a picture with its text alternative."""
        return element(
            "svg",
            element("title", label),
            element("desc", description),
            *self.elements,
            viewBox=f"0 0 {number(self.width)} {number(self.height + 1)}",
            class_=f"sd-svg sd-svg--{size} sd-diagram__picture",
            role="img",
            aria_label=label,
            data_search_exclude=True,
        )


def _head(before: tuple[float, float], tip: tuple[float, float]) -> str:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length * HEAD, dy / length * HEAD
    sides = [(tip[0] - ux + uy * 0.5, tip[1] - uy - ux * 0.5), (tip[0] - ux - uy * 0.5, tip[1] - uy + ux * 0.5)]
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in (tip, *sides)) + "Z"


def _hatch(x: float, y: float, width: float, height: float, kind: Kind) -> str:
    """Return the pattern of a kind within a rectangle, so that no kind is known by its colour alone."""
    if min(width, height) < 3:
        return ""
    if kind == "data":
        rows = int(height // HATCH)
        return "".join(f"M{number(x)} {number(y + row * HATCH)}h{number(width)}" for row in range(1, rows + 1))
    if kind == "wait":
        columns = int(width // HATCH)
        return "".join(
            f"M{number(x + column * HATCH)} {number(y)}v{number(height)}" for column in range(1, columns + 1)
        )
    lines: list[str] = []
    if kind in ("memory", "risk"):
        lines += _diagonals(x, y, width, height, rising=True)
    if kind in ("network", "risk"):
        lines += _diagonals(x, y, width, height, rising=False)
    return "".join(lines)


def _diagonals(x: float, y: float, width: float, height: float, rising: bool) -> Iterable[str]:
    """Yield lines at 45 degrees, clipped to the rectangle."""
    step = HATCH * 1.4
    for number_ in range(1, int((width + height) / step) + 1):
        offset = number_ * step  # the line u + v = offset, with u to the right and v down or up
        start, end = max(0.0, offset - height), min(width, offset)
        if end <= start:
            continue
        v1, v2 = offset - start, offset - end
        y1, y2 = (y + v1, y + v2) if rising else (y + height - v1, y + height - v2)
        yield f"M{number(x + start)} {number(y1)}L{number(x + end)} {number(y2)}"


def centred(canvas: Canvas, label: Label, note: Label, area: tuple[float, float, float, float], bold: bool) -> None:
    """Write a label and a smaller note in the middle of an area: x, y, width, height."""
    x, y, width, height = area
    lines, small = label.lines(width, SIZE, bold), note.lines(width, 12.0)
    total = len(lines) * SIZE * LINE + len(small) * 12.0 * LINE
    top = canvas.text(lines, x + width / 2, y + (height - total) / 2, anchor="middle", bold=bold)
    canvas.text(small, x + width / 2, top, 12.0, anchor="middle", class_="sd-faint")


def height_in(label: Label, note: Label, width: float, bold: bool) -> float:
    """Return the height that `centred` needs."""
    return len(label.lines(width, SIZE, bold)) * SIZE * LINE + len(note.lines(width, 12.0)) * 12.0 * LINE
