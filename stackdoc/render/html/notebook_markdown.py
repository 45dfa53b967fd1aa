"""A notebook as Markdown: its text as it is, code in fences, outputs as HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from stackdoc.render.html.element import element
from stackdoc.render.html.markdown_twin import longest_run

BLANK = re.compile(r"\n(?=[ \t]*\n)")


def notebook_markdown(notebook: str, head: str = "") -> str:
    """Return the page of a notebook that `stackdoc.render.pages.example.notebook` has made.

    Blank lines within an output would end it for Markdown, so they are written as character references. `head` marks
    a place that is left alone.
    """
    parts = [part for cell in json.loads(notebook)["cells"] for part in _cell(cell)]
    return "\n\n".join(part if part == head else part.strip("\n") for part in parts) + "\n"


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    source = str(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    fence = "`" * max(3, longest_run(source) + 1)
    yield f"{fence}python\n{source}\n{fence}"
    for output in cell["outputs"]:
        html = str(element("pre", output["text"])) if "text" in output else output["data"]["text/html"]
        yield str(element("div", Markup(BLANK.sub("&#10;", html)), class_="sd-outputs"))
