"""Links to the rows of the sources."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.render.html.document import row_anchor
from stackdoc.render.html.element import element


def qualified_link(qualified: str) -> Markup:
    """`8-layer:6`, leading to that row on the source's page."""
    source, _, label = qualified.partition(":")
    return element(
        "a", qualified, href=f"/sources/{source}/" + (f"#{row_anchor(label)}" if label else ""), class_="sd-code"
    )
