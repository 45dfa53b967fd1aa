"""Source code as HTML, highlighted at build time."""

from __future__ import annotations

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from stackdoc.example import Cell, Example
from stackdoc.render.html import clean, element


def listing(example: Example, cell: Cell | None = None) -> Markup:
    """The example as it stands in its file, or one cell of it, with the path and the first line."""
    source = example.source if cell is None else cell.source
    where = example.path if cell is None else f"{example.path}, line {cell.line}"
    link = element("a", where, href=f"/examples/{example.id}/")
    return element(
        "figure", python(source), element("figcaption", link), class_="sd-code-listing", data_example=example.id
    )


def python(source: str) -> Markup:
    """Highlighted Python in the classes that Material's style sheet knows."""
    formatter = HtmlFormatter(cssclass="highlight", wrapcode=True)
    return Markup(highlight(clean(source.replace("\r\n", "\n")), PythonLexer(), formatter))
