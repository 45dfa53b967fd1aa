"""Markdown inside of a fence: it becomes a part of the page's own, and is converted with it."""

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
    """The text marked as Markdown. Refused is what a page may not have twice, or in one of several versions."""
    for name, pattern in _REFUSED.items():
        if pattern.search(text):
            raise place.refuse(f"holds {name}", "put it outside of the fence")
    return Markup(f"{BEGIN}{text.strip()}{END}")


def pieces(html: str) -> list[str]:
    """HTML and Markdown in turns, HTML first and last; one piece where nothing is nested."""
    return _PART.split(html)
