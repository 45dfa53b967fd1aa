"""The list of published addresses and anchors, which must never break, and its comparison with a built site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from stackdoc.files import write_atomically
from stackdoc.model.edition import Edition
from stackdoc.project import EDITIONS_AT, Layout
from stackdoc.site.redirects import Redirect

# Not listed: records and editions never disappear, and comparisons depend on the machines.
UNLISTED = ("r", "v", "editions", "assets", "compare", "changelog", "search", "404.html")
NOTEBOOK_IDS = re.compile(r"__|cell-(id=|\d)")  # made from position and content, so every edit changes them
HEADER = (
    "# Published addresses and anchors, one a line. None is removed: a page that moves gets a redirect. Titles have\n"
    "# no anchor here: the address of their page leads to them.\n"
)


class _Ids(HTMLParser):
    """The ids inside a page's article, or all ids if there is none, except that of the title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside = "<article" not in text
        self.moved = False
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or tag == "article"
        attributes = dict(attrs)
        self.moved = self.moved or (tag == "meta" and attributes.get("http-equiv") == "refresh")
        id = attributes.get("id") or ""
        is_stable = not NOTEBOOK_IDS.match(id) and not any(letter.isspace() for letter in id)
        if self.inside and id and tag != "h1" and is_stable:
            self.ids.append(id)

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.inside = False


def published(built: Path) -> tuple[set[str], set[str]]:
    """Return the addresses of a built site, and those of its redirects.

    Both pages (`/layers/kernels/`) and anchors (`/layers/kernels/#decide-sizes`) are addresses.
    """
    addresses: set[str] = set()
    moved: set[str] = set()
    for page in sorted(built.rglob("*.html")):
        parts = page.relative_to(built).parts
        if parts[0] in UNLISTED:
            continue
        address = "/" + "/".join(parts).removesuffix("index.html")
        ids = _Ids(page.read_text("utf-8"))
        addresses |= {address, *(f"{address}#{id}" for id in ids.ids)}
        if ids.moved:
            moved.add(address)
    return addresses, moved


def list_of(layout: Layout) -> str:
    """Return the file that lists all published addresses."""
    return f"{layout.data}/anchors.txt"


def listed(layout: Layout) -> list[str]:
    """Return the listed addresses in their order; none if there is no list."""
    file = layout / list_of(layout)
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("# ")]


def broken(wanted: list[str], built: Path) -> list[str]:
    """Return the listed addresses that the site lacks; anchors of a moved page follow its redirect."""
    addresses, moved = published(built)
    return [address for address in wanted if address not in addresses and address.partition("#")[0] not in moved]


def astray(redirects: Iterable[Redirect], built: Path) -> list[Redirect]:
    """Return the redirects to pages that the site lacks."""
    return [
        redirect
        for redirect in redirects
        if not (built / redirect.new.partition("#")[0].strip("/") / "index.html").is_file()
    ]


def missing(editions: Iterable[Edition], built: Path) -> list[Edition]:
    """Return the editions that the site lacks."""
    return [edition for edition in editions if not (built / EDITIONS_AT / edition.name / "index.html").is_file()]


def add(layout: Layout, built: Path) -> int:
    """Add the addresses of the site to the list, remove none, and return how many were added."""
    known = set(listed(layout))
    addresses, _ = published(built)
    if new := addresses - known:
        content = HEADER + "".join(f"{address}\n" for address in sorted(known | addresses))
        write_atomically(layout / list_of(layout), content.encode())
    return len(new)
