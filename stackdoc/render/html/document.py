"""A generated page: Markdown headings, so that it has a table of contents, and HTML for everything from data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from stackdoc.render.html.element import element, line
from stackdoc.render.html.page import Page

_MARKDOWN = re.compile(r"[^\w\s,;'\"/&<>-]|_", re.ASCII)

TERSE = "sd-voices sd-voices--terse"


def literal(value: object) -> str:
    """The value on one line as Markdown that means only itself: punctuation becomes character references."""
    escaped = str(Markup.escape(line(value))).replace("&#34;", '"').replace("&#39;", "'")
    return re.sub(r"&\w+;|" + _MARKDOWN.pattern, _reference, escaped)


def _reference(found: re.Match[str]) -> str:
    shown = found.group()
    return shown if len(shown) > 1 or ord(shown) > 126 else f"&#{ord(shown)};"


def heading(title: object, anchor: str, level: int = 2) -> str:
    """A Markdown heading with its own anchor, of which only what a slug may hold is kept."""
    return f"{'#' * level} {literal(title)} {{ #{slug(anchor)} }}"


def slug(anchor: str) -> str:
    """The anchor as a heading has it."""
    return re.sub(r"[^a-z0-9-]+", "-", anchor)


def page(path: str, title: str, description: str, blocks: Iterable[str | Markup | None]) -> Page:
    """The page of these blocks under its title; None is no block."""
    head = f"---\ntitle: {json.dumps(line(title))}\ndescription: {json.dumps(line(description))}\n---\n"
    body = [f"# {literal(title)}", *(str(block) for block in blocks if block)]
    return Page(path=path, title=line(title), text="\n".join([head, "\n\n".join(body), ""]))


def paragraph(*children: object, class_: str | None = None) -> Markup:
    return element("p", *children, class_=class_)


def listing(items: Iterable[object], class_: str | None = None, ordered: bool = False) -> Markup | None:
    """A list, or nothing when there is nothing to list."""
    rows = [item if _is_row(item) else element("li", item) for item in items]
    return element("ol" if ordered else "ul", *rows, class_=class_) if rows else None


def definitions(pairs: Iterable[tuple[object, object]], class_: str = "sd-voices") -> Markup | None:
    """Terms with what is said of each, those with nothing left out; nothing when all are."""
    rows = [element("div", element("dt", term), element("dd", said)) for term, said in pairs if said]
    return element("dl", *rows, class_=class_) if rows else None


def _is_row(item: object) -> bool:
    return isinstance(item, Markup) and item.startswith("<li")


def row_anchor(label: str) -> str:
    """Where a source's row stands on the source's page: `layer-6`, `layer-x`."""
    return "layer-" + (re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "unnamed")


def table(caption: str, columns: Sequence[object], rows: Iterable[Markup], class_: str = "") -> Markup:
    """A table in a wrapper that scrolls and takes the keyboard's focus; `rows` are `tr` elements."""
    head = element("tr", *(_head(column) for column in columns))
    inner = element(
        "table",
        element("caption", element("span", caption, class_="sd-caption")),
        element("thead", head),
        element("tbody", *rows),
        class_=f"sd-table {class_}".strip(),
    )
    return element("div", inner, class_="sd-scroll", tabindex="0", role="group", aria_label=caption)


def _head(column: object) -> Markup:
    return column if isinstance(column, Markup) and column.startswith("<th") else element("th", column, scope="col")


def number_head(name: str) -> Markup:
    """The head of a column of numbers."""
    return element("th", name, scope="col", class_="sd-number")


def without_empty_columns(
    columns: Sequence[object], rows: Sequence[Sequence[object]]
) -> tuple[list[object], list[Markup]]:
    """Columns and rows for `table`, without the columns that have nothing in any row."""
    kept = [at for at in range(len(columns)) if any(cells[at] for cells in rows)]
    return [columns[at] for at in kept], [row(*(cells[at] for at in kept)) for cells in rows]


def row(first: object, *cells: object, id: str | None = None) -> Markup:
    """A table row whose first cell is its heading; a cell that is a `td` already stays as it is."""
    made = (cell if isinstance(cell, Markup) and cell.startswith("<td") else element("td", cell) for cell in cells)
    return element("tr", element("th", first, scope="row"), *made, id=id)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 vote`, `3 votes`; small numbers as words only where a sentence begins, which is the caller's affair."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def enumeration(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
