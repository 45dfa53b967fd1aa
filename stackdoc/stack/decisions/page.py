"""The handbook's numbered decisions, gathered from the layer pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.decisions.types import Decision
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Layer


def page(site: Site) -> Page:
    """By layer from the top down, then by plane; each with its address and the sentence that begins its answer."""
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "The decisions that the layer pages help with. Each keeps its address, so that a review can name it. "
            "The page says what to measure, what would change the answer, and what being wrong costs."
        )
    ]
    stack = handbook(site).stack
    blocks += _group(site, "By layer", "layers", reversed(stack.layers))
    blocks += _group(site, "By plane", "planes", stack.planes)
    return document.page("decisions.md", "Decisions", f"{len(handbook(site).decisions)} decisions, by layer.", blocks)


def _group(site: Site, title: str, name: str, places: Iterable[Layer]) -> list[str | Markup | None]:
    blocks: list[str | Markup | None] = []
    for place in places:
        found = [one for one in handbook(site).decisions if one.layer == place.id]
        if found:
            blocks += [document.heading(place.name, place.id, 3), "\n".join(_item(one) for one in found)]
    return [document.heading(title, name), *blocks] if blocks else []


def _item(one: Decision) -> str:
    """A list item in Markdown, since the answer may hold roles; its links lead from here."""
    address = f"layers/{one.layer}.md#{one.anchor}"
    answer = re.sub(r"\]\((?!https?:|#|/)(?!\.\./)", "](layers/", one.answer).replace("](../", "](")
    answer = answer.replace("](#", f"](layers/{one.layer}.md#")
    return f"{one.number}. [{one.question}]({address})" + (f"<br>\n    {answer}" if answer else "")
