"""What rendering gives: pages and files, as values. Nothing here writes to disk."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

PageKind = Literal["markdown", "notebook", "html", "file"]


@dataclass(frozen=True)
class Page:
    """`path` is relative to the site's source (`machines/index.md`); `text` is the whole content.

    A `markdown` page may hold HTML blocks, a `notebook` page is nbformat 4 JSON, an `html` page is a
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
    """Collects the files that fragments refer to. Equal content has one path, so adding twice is adding once.

    Figures are kept with their files by path: several pages show the same one, and it is drawn once. A fragment is
    not `lasting` when it shows a file that is not part of the site.
    """

    by_path: dict[str, Asset] = field(default_factory=dict)
    figures: dict[Hashable, tuple[Markup, dict[str, Asset]]] = field(default_factory=dict)
    lasting: bool = True

    def add(self, path: str, content: bytes) -> str:
        """Registers the file and gives its address from the root of the site."""
        self.by_path[path] = Asset(path, content)
        return f"/{path}"
