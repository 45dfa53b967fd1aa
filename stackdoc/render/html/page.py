"""Results of rendering: pages and files, as values. Nothing here writes to disk."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

PageKind = Literal["markdown", "notebook", "html", "file"]


@dataclass(frozen=True)
class Page:
    """A generated page. `path` is relative to the site's sources (`machines/index.md`), `text` is its whole content.

    A `markdown` page may contain HTML blocks, a `notebook` page is nbformat 4 JSON, an `html` page is a
    complete document at its final path, a `file` is served as it is. Addresses in `text` start with
    `/`, the root of the site; the adapter makes them relative to the page.
    """

    path: str
    title: str
    text: str
    kind: PageKind = "markdown"


@dataclass(frozen=True)
class Asset:
    """A file to publish at `path` (relative to the site's root)."""

    path: str
    content: bytes


@dataclass
class Assets:
    """Collects the files that fragments refer to; equal content has one path, so adding it again changes nothing.

    `figures` caches figures with their files, since several pages show the same one. `cacheable` is False once a
    fragment depends on a file outside the site, so that it must not be cached for the next build. `convert` draws
    figures in place of `stackdoc.render.figures.vega.svg`.
    """

    by_path: dict[str, Asset] = field(default_factory=dict)
    figures: dict[Hashable, tuple[Markup, dict[str, Asset]]] = field(default_factory=dict)
    cacheable: bool = True
    convert: Callable[[str], str] | None = None

    def add(self, path: str, content: bytes) -> str:
        """Add the file and return its address from the root of the site."""
        self.by_path[path] = Asset(path, content)
        return f"/{path}"
