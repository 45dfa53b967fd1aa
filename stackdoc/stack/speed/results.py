"""Read the file of a benchmark for a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from stackdoc.project import Layout
from stackdoc.render.html.element import element


def shown(layout: Layout, file: str, schema: str, command: str, draw: Callable[[Mapping[str, Any]], Markup]) -> Markup:
    """Render the document with `draw`; without the file, show the command that writes it.

    Raises ValueError for a file that can't be read or is not of the form `schema`.
    """
    try:
        text = (layout / f"{layout.data}/{file}").read_text(encoding="utf-8")
    except FileNotFoundError:
        return element("p", "Not run yet. Run ", element("code", command), ".", class_="sd-missing")
    except (OSError, UnicodeDecodeError):
        raise ValueError("can't be read") from None
    try:
        document = json.loads(text)
        if document["schema"] != schema:
            raise ValueError("another schema")
        return draw(document)
    except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError, StopIteration, RecursionError):
        raise ValueError(f"is not of the form {schema}") from None
