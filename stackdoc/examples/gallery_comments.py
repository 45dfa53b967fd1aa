"""Comments by which scripts of Sphinx-Gallery and mkdocs-gallery set their tags and the figure of their thumbnail."""

from __future__ import annotations

import ast
import re

SETTING = re.compile(
    r"(?m)^[ \t]*#[ \t]*(?:sphinx|mkdocs)_gallery_(?P<name>\w+)(?:[ \t]*=[ \t]*(?P<value>.*?))?[ \t]*$"
)


def tags(source: str) -> tuple[str, ...]:
    """Return the tags of `# sphinx_gallery_tags = ["a", "b"]`."""
    value = _setting(source, "tags")
    texts = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(" ".join(text.split()) for text in texts if isinstance(text, str) and text.strip())


def thumbnail(source: str) -> int:
    """Return the number of `# sphinx_gallery_thumbnail_number = 2`, 1 without one."""
    value = _setting(source, "thumbnail_number")
    return value if isinstance(value, int) and value else 1


def _setting(source: str, name: str) -> object:
    """Return the value of the last comment of that name; None without one, or if it is not a Python literal."""
    values = [match["value"] for match in SETTING.finditer(source) if match["name"] == name and match["value"]]
    try:
        return ast.literal_eval(values[-1]) if values else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
