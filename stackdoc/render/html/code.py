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
    """The example as it stands in its file, or one cell of it, with the path and the first line."""
    source = example.source if cell is None else cell.source
    where = example.path if cell is None else f"{example.path}, line {cell.line}"
    link = element("a", where, href=f"/examples/{example.id}/")
    return element(
        "figure", python(source), element("figcaption", link), class_="sd-code-listing", data_example=example.id
    )


@lru_cache(2048)
def python(source: str) -> Markup:
    """Highlighted Python in the classes that Material's style sheet knows. A script stands on several pages."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    lexer = PythonLexer()
    lexer.add_filter(sparing())
    return Markup(highlight(clean(source.replace("\r\n", "\n")), lexer, formatter))


@simplefilter  # type: ignore[untyped-decorator]
def sparing(
    _: object, __: object, tokens: Iterator[tuple[_TokenType, str]], ___: object
) -> Iterator[tuple[_TokenType, str]]:
    """Marks what has a colour and nothing else: every name and comma in an element of its own is half a page's."""
    for kind, words in tokens:
        shown = next((one for one in COLOURED if kind in one), Text)
        yield shown, words
