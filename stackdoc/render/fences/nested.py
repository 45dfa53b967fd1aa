"""Markdown inside a fence, which is converted together with the Markdown of the page."""

from __future__ import annotations

import re

from markupsafe import Markup

from stackdoc.render.values.points import Location

BEGIN, END = "<!--sd-markdown-->", "<!--/sd-markdown-->"
_PART = re.compile(f"{re.escape(BEGIN)}(.*?){re.escape(END)}", re.DOTALL)
_REFUSED = {
    "a heading": re.compile(r"^(?:#{1,6}\s|[^\n]*\S[^\n]*\n(?:=+|-+)[ \t]*$)", re.MULTILINE),
    "a footnote": re.compile(r"\[\^[^\]]+\]"),
    "a fence": re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE),
    "an HTML comment": re.compile(r"<!--"),
}


def nested(text: str, place: Location) -> Markup:
    """Return the text marked as Markdown.

    Raises StackdocError for what may occur only once on a page, since a page has several versions of the text.
    """
    for name, pattern in _REFUSED.items():
        if pattern.search(text):
            raise place.refuse(f"contains {name}", "put it outside the fence")
    return Markup(f"{BEGIN}{text.strip()}{END}")


def pieces(html: str) -> list[str]:
    """Split into HTML and Markdown in turn, beginning and ending with HTML."""
    return _PART.split(html)
