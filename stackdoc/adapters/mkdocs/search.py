"""The part of a page that the search indexes: its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mkdocs.structure.files import File

from stackdoc.render.html.markdown_twin import COSTLY, simplified

OURS = {"sd-svg", "sd-data", "sd-cite-one", "sd-card", "sd-locator", "sd-print"}  # figures, and what many pages repeat
OF_CODE = {"jp-InputPrompt", "anchor-link"}  # what a notebook puts around its cells
MARKED = "|".join(sorted({"data-choice", *OURS, *OF_CODE}))
PLACES = re.compile(
    r"</(?:td|th|dt|dd|summary|caption|figcaption)>(?=<)"
    rf"|<(?P<tag>pre|table|summary|\w+(?=[^>]*\b(?:{MARKED})\b))\b(?P<attributes>[^>]*)>"
)
LISTINGS = re.compile(r"(?:compare|machines)/|changelog\.md$")  # figures that are on other pages too
BODY = re.compile(r"<(?:h2|dl|table|details)\b")
REPLACED = re.compile("<!--sd-([0-9]+)-->.*?<!--/sd-->", re.DOTALL)


def is_listing(file: File, prefix: str = "") -> bool:
    """Whether the page is one of ours that compares what other pages are about."""
    return file.generated_by == "stackdoc" and LISTINGS.match(file.src_uri.removeprefix(prefix)) is not None


def shortened(html: str, *, with_code: bool, is_listing: bool) -> tuple[str, list[str]]:
    """Return a page's content for the search, and the parts removed from it, which `restored` puts back."""
    parts, pieces, done = list[str](), list[str](), 0
    for start, end, shown in _changes(html, with_code, is_listing):
        pieces += [html[done:start], f"<!--sd-{len(parts)}-->{shown}<!--/sd-->"]
        parts.append(html[start:end])
        done = end
    return "".join([*pieces, html[done:]]), parts


def restored(html: str, parts: list[str]) -> str:
    return REPLACED.sub(lambda mark: parts[int(mark[1])] if int(mark[1]) < len(parts) else mark[0], html)


def _changes(html: str, with_code: bool, is_listing: bool) -> Iterator[tuple[int, int, str]]:
    """Yield where each part begins and ends, and what the search reads there; a space between two cells."""
    body = BODY.search(html) if is_listing else None
    done, last = 0, body.start() if body else len(html)
    for found in PLACES.finditer(html, 0, last):
        if found.start() < done:
            continue
        if found["tag"] is None:
            yield found.end(), found.end(), " "
        elif end := _end(html, found["tag"], found.start()):
            shown = _instead(found["tag"], found["attributes"], html[found.start() : end], with_code)
            if shown is not None:
                yield found.start(), end, shown
                done = end
    if body:
        yield last, len(html), ""


def _end(html: str, tag: str, start: int) -> int:
    """Return where the element that begins at `start` ends; 0 if it is not closed."""
    depth = 0
    for mark in re.compile(rf"<(/?){tag}\b").finditer(html, start):
        depth += -1 if mark[1] else 1
        if depth == 0:
            return html.index(">", mark.end()) + 1
    return 0


def _instead(tag: str, attributes: str, part: str, with_code: bool) -> str | None:
    """Return what the search reads instead of an element; None if it reads the element itself."""
    names = re.sub('"[^"]*"', "", attributes).split()
    value = re.search('class="([^"]*)"', attributes)
    classes = set(value[1].split()) if value else set()
    if tag == "pre" or classes & OF_CODE:
        return COSTLY.sub(simplified, part) if with_code else ""
    if "sd-table" in classes:
        return _of_table(part, classes)
    is_hidden = "data-search-exclude" in names or (tag == "summary" and "hidden" in names)
    return "" if is_hidden or classes & OURS else None


def _of_table(part: str, classes: set[str]) -> str | None:
    """Return the caption of a table of measured figures; None for other tables, which the search reads as they are."""
    if 'class="sd-value"' not in part or "sd-numbers" in classes or re.search("<h[2-6]", part):
        return None
    caption = re.search("<caption>.*?</caption>", part, re.DOTALL)
    return f"{caption[0]} " if caption else ""
