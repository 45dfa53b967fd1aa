"""Generated pages, read as a browser would."""

from __future__ import annotations

from functools import cached_property
from html.parser import HTMLParser

import markdown

from stackdoc.render.html.page import Page


def html(page: Page) -> str:
    return markdown.markdown(page.text.split("---\n", 2)[2], extensions=["attr_list", "md_in_html", "tables", "toc"])


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    @cached_property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.found if "id" in attributes]

    @cached_property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.found if tag == "a" and "href" in attributes]
