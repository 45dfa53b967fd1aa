"""Text of an example's cells as the Markdown of a notebook: formulas set, links of the project's pages resolved."""

from __future__ import annotations

import html
import posixpath
import re

from markupsafe import Markup

from stackdoc.errors import StackdocError
from stackdoc.model.example import Example
from stackdoc.render.html.formulas import formula
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site

CODE = re.compile(r"(^```.*?^```|^~~~.*?^~~~|``[^`]+``|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"(?<![\\$\w])\$(?=[^\s$])([^$\n]+?)(?<=[^\s\\])\$(?![\w$])")
LINK = re.compile(r"(?<=\]\()(?![a-z][a-z0-9+.-]*:|[#/])([^)\s#]+)(?=[#)\s])", re.IGNORECASE)
MARKED = re.compile(r"[*_`\\~\[\]]")


def notebook_text(source: str, example: Example, site: Site) -> str:
    """Return the Markdown of a cell of the example.

    A formula that can't be set, and a link that is no page's, stay as they are.
    """
    parts = CODE.split(source)
    return "".join(part if at % 2 else _text(part, example, site) for at, part in enumerate(parts))


def _text(part: str, example: Example, site: Site) -> str:
    linked = LINK.sub(lambda found: _address(found[1], example, site), part)
    blocks = BLOCK.sub(lambda found: _set(found, block=True), linked)
    return INLINE.sub(_set, blocks)


def _set(found: re.Match[str], block: bool = False) -> str:
    try:
        drawn = formula(found[1], Location("", 0), block=block)
    except StackdocError:
        return found[0]
    parts = re.split(r"(<[^>]*>)", drawn)
    plain = "".join(part if part.startswith("<") else MARKED.sub(_reference, part) for part in parts)
    return f"\n\n{plain}\n\n" if block else plain


def _reference(mark: re.Match[str]) -> str:
    """A character that Markdown would take for its own."""
    return f"&#{ord(mark[0])};"


def _address(target: str, example: Example, site: Site) -> str:
    """The address of a page that a link names as a file relative to the script, or relative to the example's page."""
    paths = {other.path: id for id, other in site.examples.items()}
    file = posixpath.normpath(posixpath.join(posixpath.dirname(example.path), html.unescape(target)))
    if file in paths:
        return f"/examples/{paths[file]}/"
    page = f"{site.layout.prefix}examples/{example.id}"
    inside = file.removeprefix(f"{site.layout.docs}/")
    path = inside if inside != file else posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
    stem, suffix = posixpath.splitext(path)
    if suffix not in (".md", ".ipynb") or path.startswith(".."):
        return target
    up = "../" * site.layout.prefix.count("/")  # our addresses begin at the prefix, those of other pages do not
    stem = re.sub(r"(^|/)(index|README)$", r"\1", stem).rstrip("/")
    return str(Markup.escape(f"/{up}{stem}/" if stem else f"/{up}"))
