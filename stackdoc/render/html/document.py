"""Generated pages: Markdown headings, which give a table of contents, and HTML for everything that comes from data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.errors import count as count
from stackdoc.render.html.element import element, line
from stackdoc.render.html.page import Page

_MARKDOWN = re.compile(r"[^\w\s,;'\"/&<>-]|_", re.ASCII)

TERSE = "sd-voices sd-voices--terse"


def literal(value: object) -> str:
    """Return the value on one line as literal Markdown text: punctuation becomes character references."""
    escaped = str(Markup.escape(line(value))).replace("&#34;", '"').replace("&#39;", "'")
    return re.sub(r"&\w+;|" + _MARKDOWN.pattern, _reference, escaped)


def _reference(match: re.Match[str]) -> str:
    letters = match.group()
    return letters if len(letters) > 1 or ord(letters) > 126 else f"&#{ord(letters)};"


def heading(title: object, anchor: str, level: int = 2) -> str:
    """Return a Markdown heading whose anchor is the slug of `anchor`."""
    return f"{'#' * level} {literal(title)} {{ #{slug(anchor)} }}"


def slug(anchor: str) -> str:
    """Return the anchor with everything but `a-z`, `0-9` and hyphens replaced by hyphens."""
    return re.sub(r"[^a-z0-9-]+", "-", anchor)


def page(path: str, title: str, description: str, blocks: Iterable[str | Markup | None]) -> Page:
    """Return the page of these blocks under its title; None and empty blocks are left out."""
    head = f"---\ntitle: {json.dumps(line(title))}\ndescription: {json.dumps(line(description))}\n---\n"
    body = [f"# {literal(title)}", *(str(block) for block in blocks if block)]
    return Page(path=path, title=line(title), text="\n".join([head, "\n\n".join(body), ""]))


def paragraph(*children: object, class_: str | None = None) -> Markup:
    return element("p", *children, class_=class_)


def listing(items: Iterable[object], class_: str | None = None, ordered: bool = False) -> Markup | None:
    """Return a list, or None if there are no items; an item that is an `li` already stays as it is."""
    rows = [item if _is_row(item) else element("li", item) for item in items]
    return element("ol" if ordered else "ul", *rows, class_=class_) if rows else None


def definitions(pairs: Iterable[tuple[object, object]], class_: str = "sd-voices") -> Markup | None:
    """Return a description list of the pairs whose description is not empty, or None if there is none."""
    rows = [
        element("div", element("dt", term), element("dd", description)) for term, description in pairs if description
    ]
    return element("dl", *rows, class_=class_) if rows else None


def _is_row(item: object) -> bool:
    return isinstance(item, Markup) and item.startswith("<li")


def row_anchor(label: str) -> str:
    """Return the anchor of a source's row on the source's page: `layer-6`, `layer-x`."""
    return "layer-" + (re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "unnamed")


def table(caption: str, columns: Sequence[object], rows: Iterable[Markup], class_: str = "") -> Markup:
    """Return a table with a visible caption; `rows` are `tr` elements."""
    titled = element("span", caption, class_="sd-caption")
    return scrolling_table(caption, titled, [_head(column) for column in columns], rows, f"sd-table {class_}".strip())


def scrolling_table(
    name: str, caption: object, heads: Iterable[Markup], rows: Iterable[Markup], class_: str, id: str = ""
) -> Markup:
    """Return a table in a wrapper that scrolls and takes the keyboard's focus, called `name` by screen readers."""
    inner = element(
        "table",
        element("caption", caption) if caption else None,
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        class_=class_,
    )
    return element("div", inner, class_="sd-scroll", tabindex="0", role="group", aria_label=name, id=id or None)


def _head(column: object) -> Markup:
    return column if isinstance(column, Markup) and column.startswith("<th") else element("th", column, scope="col")


def number_head(name: str) -> Markup:
    """Return the header cell of a column of numbers."""
    return element("th", name, scope="col", class_="sd-number")


def without_empty_columns(
    columns: Sequence[object], rows: Sequence[Sequence[object]]
) -> tuple[list[object], list[Markup]]:
    """Return columns and rows for `table`, without the columns that are empty in every row."""
    used = [column for column in range(len(columns)) if any(cells[column] for cells in rows)]
    return [columns[column] for column in used], [row(*(cells[column] for column in used)) for cells in rows]


def row(first: object, *cells: object, **attributes: object) -> Markup:
    """Return a table row whose first cell is its header; a cell that is a `td` already stays as it is."""
    written = (cell if isinstance(cell, Markup) and cell.startswith("<td") else element("td", cell) for cell in cells)
    return element("tr", element("th", first, scope="row"), *written, **attributes)


def enumeration(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sentence(words: str) -> str:
    """Return the words as a sentence, with a capital letter and a full stop."""
    return capitalised(words).rstrip(".") + "."
