"""Generated pages, read as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

import markdown

from stackdoc.render.html.page import Page


def html(page: Page) -> str:
    return markdown.markdown(page.text.split("---\n", 2)[2], extensions=["attr_list", "md_in_html", "tables", "toc"])


class Reading(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        known = dict(attrs)
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if tag == "a" and "href" in known else []
