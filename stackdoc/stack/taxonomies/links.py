"""Links to rows of the sources by their qualified numbers."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.render.html.document import row_anchor
from stackdoc.render.html.element import element


def qualified_link(qualified: str) -> Markup:
    """Link a qualified number such as `8-layer:6` to its row on the page of the source."""
    source, _, label = qualified.partition(":")
    return element(
        "a", qualified, href=f"/sources/{source}/" + (f"#{row_anchor(label)}" if label else ""), class_="sd-code"
    )
