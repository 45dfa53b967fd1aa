"""The page that lists the decisions of the layer pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.decisions.types import LayerDecision
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Layer


def page(site: Site) -> Page:
    """Return `decisions.md`: by layer from the top down, then by plane, with the first sentence of each answer."""
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "The decisions that the layer pages help with. Each has a permanent address, so that a review can cite "
            "it. The layer page says what to measure, what would change the answer, and what a wrong choice costs."
        )
    ]
    stack = handbook(site).stack
    blocks += _group(site, "By layer", "layers", reversed(stack.layers))
    blocks += _group(site, "By plane", "planes", stack.planes)
    return document.page("decisions.md", "Decisions", f"{len(handbook(site).decisions)} decisions, by layer.", blocks)


def _group(site: Site, title: str, name: str, places: Iterable[Layer]) -> list[str | Markup | None]:
    blocks: list[str | Markup | None] = []
    for place in places:
        decisions = [decision for decision in handbook(site).decisions if decision.layer == place.id]
        if decisions:
            blocks += [document.heading(place.name, place.id, 3), "\n".join(_item(decision) for decision in decisions)]
    return [document.heading(title, name), *blocks] if blocks else []


def _item(decision: LayerDecision) -> str:
    """Return a list item in Markdown, since the answer may contain roles; its links are made relative to this page."""
    address = f"layers/{decision.layer}.md#{decision.anchor}"
    answer = re.sub(r"\]\((?!https?:|#|/)(?!\.\./)", "](layers/", decision.answer).replace("](../", "](")
    answer = answer.replace("](#", f"](layers/{decision.layer}.md#")
    return f"{decision.number}. [{decision.question}]({address})" + (f"<br>\n    {answer}" if answer else "")
