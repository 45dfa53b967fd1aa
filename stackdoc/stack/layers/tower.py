"""The tower: the stack as a picture of links. A large one for reading, a small one as a locator on each page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from markupsafe import Markup

from stackdoc.render.html.element import backticks_to_code, element, without_backticks
from stackdoc.render.values.machine_switch import Choice, by_value, choices, variants
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers import badges
from stackdoc.stack.layers.types import Layer, Stack
from stackdoc.stack.merge.votes import Bond, bond
from stackdoc.stack.results import cards

WIDTH, PITCH, ROW = 300, 27, 24  # of the locator, in CSS pixels: no target under 24
PLANE, GAP, TIP = 24, 3, 6
STAGES_PER_LINE = 2  # more than two names do not fit
RUNG_LETTERS, STAGE_LETTERS = 27, 11  # how many fit into a rung and a stage of the locator, at 12 px
BADGE_NOTE = "Beside each name: measured examples of all its examples."


def levels(stack: Stack) -> tuple[tuple[Layer, ...], ...]:
    """Return the levels from the top down, each with its stages from left to right."""
    ordered = sorted(stack.layers, key=lambda layer: (-layer.height, layer.stage))
    return tuple(tuple(group) for _, group in groupby(ordered, key=lambda layer: layer.height))


def address(place: str) -> str:
    return f"/layers/{place}/"


def tower(site: Site, current: str = "") -> Markup:
    """Render the large tower: layers with their questions, planes, and what orders each pair of neighbours."""
    stack = handbook(site).stack
    ties = {(lower.id, upper.id): bond(stack, lower.id, upper.id) for lower, upper in pairwise(stack.layers)}
    rungs = [_level(site, stages, current, ties) for stages in levels(stack)]
    planes = [element("li", _place(plane, current, _name(plane), _badge(site, plane))) for plane in stack.planes]
    beside = element("ul", *planes, class_="sd-tower__planes", aria_label="Planes, which concern every layer")
    return element(
        "nav",
        element("ol", *rungs, class_="sd-tower__levels", reversed=True),
        beside if planes else None,
        class_="sd-tower",
        aria_label=f"{stack.title}, from the top down",
    )


def _level(site: Site, stages: tuple[Layer, ...], current: str, ties: dict[tuple[str, str], Bond]) -> Markup:
    stack, cells = handbook(site).stack, list[Markup]()
    for index, layer in enumerate(stages):
        if index:
            cells.append(_tie(stack, stages[index - 1], layer, ties, "sd-tie sd-tie--stage"))
        cells.append(_cell(site, layer, current))
    lower = [layer for layer in stack.layers if layer.height == stages[0].height - 1]
    below = _tie(stack, lower[-1], stages[0], ties, "sd-tie") if lower else None
    return element(
        "li",
        element("span", stages[0].height, class_="sd-tower__height", aria_hidden="true"),
        element("div", *cells, class_="sd-tower__stages" if len(stages) > 1 else "sd-tower__rung"),
        below,
        value=stages[0].height,
    )


def _cell(site: Site, layer: Layer, current: str) -> Markup:
    question = element("span", layer.question, class_="sd-tower__question")
    result = handbook(site).results.get(layer.id)
    place = _place(layer, current, _name(layer), question, None if result else _badge(site, layer))
    number = element("p", cards.number(site, result), class_="sd-tower__result") if result else None
    return element("div", place, number, class_="sd-tower__cell")


def _badge(site: Site, layer: Layer) -> Markup:
    """Render the measured examples and the verdicts of the layer on the selected machine."""

    def render(choice: Choice) -> Markup:
        return element("span", badges.badge(site, layer.id, choice))

    return element("span", variants(site, render(choices(site)[0]), render), class_="sd-tower__badge")


def _name(layer: Layer) -> Markup:
    return element("span", layer.name, class_="sd-tower__name")


def _place(layer: Layer, current: str, *children: object) -> Markup:
    here = "page" if layer.id == current else None
    return element("a", *children, href=address(layer.id), class_="sd-tower__place", aria_current=here)


def _tie(stack: Stack, lower: Layer, upper: Layer, ties: dict[tuple[str, str], Bond], class_: str) -> Markup:
    tie_bond = ties.get((lower.id, upper.id)) or bond(stack, lower.id, upper.id)
    return element(
        "a",
        tie_bond.word,
        class_=class_,
        data_bond=tie_bond.kind,
        href=f"/disagreements/#pair-{lower.id}-{upper.id}",
        aria_label=f"{tie_bond.word}: {lower.name} below {upper.name}",
        title=tie_bond.detail,
    )


def locator(site: Site, current: str) -> Markup:
    """Render the small tower for the margin of a page, with the layer of the page highlighted."""
    stack = handbook(site).stack
    place = stack.place(current)
    rows, lines = [], 0
    for stages in levels(stack):
        rows.append(_row(site, stages, lines * PITCH, current))
        lines += -(-len(stages) // STAGES_PER_LINE)
    height = lines * PITCH - (PITCH - ROW)
    picture = element(
        "svg",
        element("title", f"{stack.title}: position of this page"),
        element("desc", _position(stack, place)),
        *rows,
        *(_plane(site, plane, index, height, current) for index, plane in enumerate(stack.planes)),
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        class_="sd-locator__picture",
    )
    caption = element("p", f"{_position(stack, place)} {BADGE_NOTE}", class_="sd-locator__caption")
    return element("nav", picture, caption, class_="sd-locator", aria_label="Position of this page in the stack")


def path(site: Site, places: Sequence[str], current: str = "", caption: str = "") -> Markup:
    """Render a path through layers, each a link with what it passes on."""
    stack = handbook(site).stack
    steps = [element("li", _step(stack.place(id), current)) for id in places]
    text = caption or f"From {stack.place(places[0]).name} to {stack.place(places[-1]).name}"
    return element(
        "figure",
        element("nav", element("ol", *steps), class_="sd-path", aria_label=without_backticks(text)),
        element("figcaption", backticks_to_code(text)),
    )


def _step(layer: Layer, current: str) -> Markup:
    gives = element("span", layer.gives[0], class_="sd-path__gives") if layer.gives else None
    return _place(layer, current, _name(layer), gives)


def _position(stack: Stack, place: Layer) -> str:
    if place.is_plane:
        return f"{place.name}: a plane, beside every layer."
    stages = [layer for layer in stack.layers if layer.height == place.height]
    stage = f", stage {stages.index(place) + 1} of {len(stages)}" if len(stages) > 1 else ""
    return f"{place.name}: height {place.height} of {max(layer.height for layer in stack.layers)}{stage}."


def _tower_width(stack: Stack) -> int:
    return WIDTH - len(stack.planes) * (PLANE + GAP) - (GAP if stack.planes else 0)


def _row(site: Site, stages: tuple[Layer, ...], top: int, current: str) -> Markup:
    width = _tower_width(handbook(site).stack)
    if len(stages) == 1:
        return _mark(site, stages[0], current, f"M0 {top}H{width}V{top + ROW}H0Z", (8, width), top, RUNG_LETTERS)
    step = (width - TIP) / STAGES_PER_LINE
    marks = []
    for index, stage in enumerate(stages):
        line, column = divmod(index, STAGES_PER_LINE)
        left, above = column * step, top + line * PITCH
        shape = _chevron(left, above, step, column)
        marks.append(_mark(site, stage, current, shape, (left + 8 + column * TIP, left + step), above, STAGE_LETTERS))
    return Markup("").join(marks)


def _chevron(left: float, top: int, width: float, column: int) -> str:
    notch = f"L{left + TIP:g} {top + ROW / 2:g}" if column else ""
    right = left + width - GAP
    return f"M{left:g} {top}H{right:g}L{right + TIP:g} {top + ROW / 2:g}L{right:g} {top + ROW}H{left:g}{notch}Z"


def _plane(site: Site, plane: Layer, index: int, height: int, current: str) -> Markup:
    left = WIDTH - (len(handbook(site).stack.planes) - index) * (PLANE + GAP) + GAP
    shape = element("path", d=f"M{left} 0H{left + PLANE}V{height}H{left}Z")
    shown = short_name(plane.name, RUNG_LETTERS)
    name = element("text", shown, transform=f"translate({left + 16} {height - 8}) rotate(-90)")
    count = _count(site, plane, left + PLANE / 2, 16, "middle")
    return _anchor(plane, current, shown, shape, name, count)


def _mark(
    site: Site, layer: Layer, current: str, path: str, sides: tuple[float, float], top: int, letters: int
) -> Markup:
    """Draw a rung with the name at the left and the badge at the right."""
    shown = short_name(layer.name, letters)
    name = element("text", shown, x=f"{sides[0]:g}", y=top + 16)
    count = _count(site, layer, sides[1] - 6, top + 16, "end")
    return _anchor(layer, current, shown, element("path", d=path), name, count)


def _count(site: Site, layer: Layer, x: float, y: int, anchor: str) -> Markup:
    """Draw how many examples of the layer are measured on the selected machine."""

    def text(choice: Choice) -> str:
        return badges.measured(site, layer.id, choice).short

    choices_by_text = by_value(site, text(choices(site)[0]), text)
    texts = [
        element(
            "text",
            words,
            x=f"{x:g}",
            y=y,
            text_anchor=anchor,
            class_="sd-locator__badge",
            aria_hidden="true",
            data_choice=keys if len(choices_by_text) > 1 else None,
            display="none" if number else None,
        )
        for number, (words, keys) in enumerate(choices_by_text.items())
    ]
    return Markup("").join(texts)


def _anchor(layer: Layer, current: str, shown: str, *children: object) -> Markup:
    """Draw a link whose accessible name is the full name of the layer, even if a shorter one is shown."""
    return element(
        "a",
        *children,
        href=address(layer.id),
        class_="sd-locator__place",
        aria_label=None if shown == layer.name else layer.name,
        aria_current="page" if layer.id == current else None,
    )


def short_name(name: str, letters: int = RUNG_LETTERS) -> str:
    """Shorten a name to the first words that fit, without a parenthesis or a trailing conjunction."""
    head = name.split("(")[0].split(":")[0].strip() or name
    while len(head) > letters and " " in head:
        head = re.sub(r"(,| and| of| or)*$", "", head.rsplit(" ", 1)[0])
    return head[:letters]
