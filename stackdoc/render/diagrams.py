"""The tower: the stack as one picture whose every part is a link. Large for reading, small for finding one's place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from markupsafe import Markup

from stackdoc.render.html import element
from stackdoc.site import Site
from stackdoc.stack import Layer, Stack
from stackdoc.votes import Bond, bond

WIDTH, PITCH, ROW = 264, 27, 24  # of the locator, in CSS pixels: no target under 24
PLANE, GAP, TIP = 24, 3, 6
LETTERS = 27  # that fit into a rung of the locator at 12 px


def levels(stack: Stack) -> tuple[tuple[Layer, ...], ...]:
    """The drawn heights from the top down, each with its stages from left to right."""
    ordered = sorted(stack.layers, key=lambda layer: (-layer.height, layer.stage))
    return tuple(tuple(group) for _, group in groupby(ordered, key=lambda layer: layer.height))


def address(place: str) -> str:
    return f"/layers/{place}/"


def tower(site: Site, current: str = "") -> Markup:
    """The large tower: every layer with its question, the planes beside it, and what holds neighbours in order."""
    stack = site.stack
    ties = {(lower.id, upper.id): bond(stack, lower.id, upper.id) for lower, upper in pairwise(stack.layers)}
    rungs = [_level(stack, stages, current, ties) for stages in levels(stack)]
    planes = [element("li", _place(plane, current, _name(plane))) for plane in stack.planes]
    beside = element("ul", *planes, class_="sd-tower__planes", aria_label="Planes, which touch every layer")
    return element(
        "nav",
        element("ol", *rungs, class_="sd-tower__levels", reversed=True),
        beside if planes else None,
        class_="sd-tower",
        aria_label=f"{stack.title}, from the top down",
    )


def _level(stack: Stack, stages: tuple[Layer, ...], current: str, ties: dict[tuple[str, str], Bond]) -> Markup:
    cells: list[Markup] = []
    for index, layer in enumerate(stages):
        if index:
            cells.append(_tie(stack, stages[index - 1], layer, ties, "sd-tie sd-tie--stage"))
        cells.append(_cell(layer, current))
    lower = [layer for layer in stack.layers if layer.height == stages[0].height - 1]
    below = _tie(stack, lower[-1], stages[0], ties, "sd-tie") if lower else None
    return element(
        "li",
        element("span", stages[0].height, class_="sd-tower__height", aria_hidden="true"),
        element("div", *cells, class_="sd-tower__stages" if len(stages) > 1 else "sd-tower__rung"),
        below,
        value=stages[0].height,
    )


def _cell(layer: Layer, current: str) -> Markup:
    return _place(layer, current, _name(layer), element("span", layer.question, class_="sd-tower__question"))


def _name(layer: Layer) -> Markup:
    return element("span", layer.name, class_="sd-tower__name")


def _place(layer: Layer, current: str, *children: object) -> Markup:
    here = "page" if layer.id == current else None
    return element("a", *children, href=address(layer.id), class_="sd-tower__place", aria_current=here)


def _tie(stack: Stack, lower: Layer, upper: Layer, ties: dict[tuple[str, str], Bond], class_: str) -> Markup:
    found = ties.get((lower.id, upper.id)) or bond(stack, lower.id, upper.id)
    return element(
        "a",
        found.word,
        class_=class_,
        data_bond=found.kind,
        href=f"/disagreements/#pair-{lower.id}-{upper.id}",
        aria_label=f"{found.word}: {lower.name} below {upper.name}",
        title=found.detail,
    )


def locator(site: Site, current: str) -> Markup:
    """The small tower for the head of a page, with the page's own place lit."""
    stack = site.stack
    drawn = levels(stack)
    here = stack.place(current)
    height = len(drawn) * PITCH - (PITCH - ROW)
    picture = element(
        "svg",
        element("title", f"{stack.title}: where this page stands"),
        element("desc", _standing(stack, here)),
        *(_row(stages, number * PITCH, current, _tower_width(stack)) for number, stages in enumerate(drawn)),
        *(_plane(plane, index, height, current, len(stack.planes)) for index, plane in enumerate(stack.planes)),
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        class_="sd-locator__picture",
    )
    caption = element("p", _standing(stack, here), class_="sd-locator__caption")
    return element("nav", picture, caption, class_="sd-locator", aria_label="Where this page stands in the stack")


def path(site: Site, places: Sequence[str], current: str = "", caption: str = "") -> Markup:
    """Layers in the order in which something passes through them, each a link with what it hands on."""
    stack = site.stack
    steps = [element("li", _step(stack.place(id), current)) for id in places]
    said = caption or f"From {stack.place(places[0]).name} to {stack.place(places[-1]).name}"
    return element(
        "figure",
        element("nav", element("ol", *steps), class_="sd-path", aria_label=said),
        element("figcaption", said),
    )


def _step(layer: Layer, current: str) -> Markup:
    gives = element("span", layer.gives[0], class_="sd-path__gives") if layer.gives else None
    return _place(layer, current, _name(layer), gives)


def _standing(stack: Stack, here: Layer) -> str:
    if here.is_plane:
        return f"{here.name}: a plane, beside every layer."
    stages = [layer for layer in stack.layers if layer.height == here.height]
    stage = f", stage {stages.index(here) + 1} of {len(stages)}" if len(stages) > 1 else ""
    return f"{here.name}: height {here.height} of {max(layer.height for layer in stack.layers)}{stage}."


def _tower_width(stack: Stack) -> int:
    return WIDTH - len(stack.planes) * (PLANE + GAP) - (GAP if stack.planes else 0)


def _row(stages: tuple[Layer, ...], top: int, current: str, width: int) -> Markup:
    if len(stages) == 1:
        return _mark(stages[0], current, f"M0 {top}H{width}V{top + ROW}H0Z", 8, top + 16, short(stages[0].name))
    step = (width - TIP) / len(stages)
    return Markup("").join(
        _mark(stage, current, _chevron(step * index, top, step, index), step * index + step / 2 + TIP / 2, top + 16, "")
        for index, stage in enumerate(stages)
    )


def _chevron(left: float, top: int, width: float, index: int) -> str:
    notch = f"L{left + TIP:g} {top + ROW / 2:g}" if index else ""
    right = left + width - GAP
    return f"M{left:g} {top}H{right:g}L{right + TIP:g} {top + ROW / 2:g}L{right:g} {top + ROW}H{left:g}{notch}Z"


def _plane(plane: Layer, index: int, height: int, current: str, count: int) -> Markup:
    left = WIDTH - (count - index) * (PLANE + GAP) + GAP
    shape = element("path", d=f"M{left} 0H{left + PLANE}V{height}H{left}Z")
    shown = short(plane.name)
    name = element("text", shown, transform=f"translate({left + 16} {height - 8}) rotate(-90)")
    return _anchor(plane, current, shown, shape, name)


def _mark(layer: Layer, current: str, path: str, x: float, y: int, label: str) -> Markup:
    shape = element("path", d=path)
    if not label:
        return _anchor(layer, current, label, element("title", layer.name), shape)
    return _anchor(layer, current, label, shape, element("text", label, x=f"{x:g}", y=y))


def _anchor(layer: Layer, current: str, shown: str, *children: object) -> Markup:
    """A link whose name is the layer's, though it may show less of it."""
    return element(
        "a",
        *children,
        href=address(layer.id),
        class_="sd-locator__place",
        aria_label=None if shown == layer.name else layer.name,
        aria_current="page" if layer.id == current else None,
    )


def short(name: str) -> str:
    """As many of a name's first words as fit, without a bracket or a word that leads nowhere."""
    head = name.split("(")[0].split(":")[0].strip() or name
    while len(head) > LETTERS and " " in head:
        head = re.sub(r"(,| and| of| or)*$", "", head.rsplit(" ", 1)[0])
    return head[:LETTERS]
