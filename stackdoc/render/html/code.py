"""Source code as HTML, highlighted at build time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup
from pygments import highlight
from pygments.filter import simplefilter
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String, Text, _TokenType

from stackdoc.model.example import Cell, Example
from stackdoc.render.html.element import clean, element

COLOURED = (Comment, Keyword, Name.Function, Name.Class, Name.Decorator, Number, String)


def listing(example: Example, cell: Cell | None = None) -> Markup:
    """Return the source of the example, or of one cell, captioned with its path and first line."""
    source = example.source if cell is None else cell.source
    caption = example.path if cell is None else f"{example.path}, line {cell.line}"
    link = element("a", caption, href=f"/examples/{example.id}/")
    return element(
        "figure", python(source), element("figcaption", link), class_="sd-code-listing", data_example=example.id
    )


@lru_cache(2048)
def python(source: str) -> Markup:
    """Return highlighted Python, in the CSS classes of Material. Cached, as a script appears on several pages."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    lexer = PythonLexer()
    lexer.add_filter(coloured_only())
    return Markup(highlight(clean(source.replace("\r\n", "\n")), lexer, formatter))


@simplefilter  # type: ignore[untyped-decorator]
def coloured_only(
    _: object, __: object, tokens: Iterator[tuple[_TokenType, str]], ___: object
) -> Iterator[tuple[_TokenType, str]]:
    """Merge all tokens without a colour of their own: an element for every name and comma would double a page."""
    for kind, words in tokens:
        yield next((coloured for coloured in COLOURED if kind in coloured), Text), words
