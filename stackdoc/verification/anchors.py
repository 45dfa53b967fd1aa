"""Published addresses with their anchors, which must never break: the list of them, held against a built site."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from stackdoc.files import write_atomically
from stackdoc.project import Layout

LEFT_OUT = (
    "r",
    "assets",
    "compare",
    "changelog",
    "search",
    "404.html",
)  # records never go; comparisons come with machines
OF_NOTEBOOKS = re.compile(r"__|cell-(id=|\d)")  # cells by place and content, which an edit of the script moves
HEADER = (
    "# Published addresses and anchors, one a line. None is removed: a page that moves gets a redirect. Titles have\n"
    "# no anchor here: the address of their page leads to them.\n"
)


class _Ids(HTMLParser):
    """The ids of a page's own text: those inside its article, or all where it has none, but for that of its title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside = "<article" not in text
        self.moved = False
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or tag == "article"
        given = dict(attrs)
        self.moved = self.moved or (tag == "meta" and given.get("http-equiv") == "refresh")
        id = given.get("id") or ""
        if (
            self.inside
            and id
            and tag != "h1"
            and not OF_NOTEBOOKS.match(id)
            and not any(letter.isspace() for letter in id)
        ):
            self.ids.append(id)

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.inside = False


def published(built: Path) -> tuple[set[str], set[str]]:
    """The addresses `/layers/kernels/` and `/layers/kernels/#decide-sizes` of a site, and pages that only redirect."""
    found: set[str] = set()
    moved: set[str] = set()
    for page in sorted(built.rglob("*.html")):
        parts = page.relative_to(built).parts
        if parts[0] in LEFT_OUT:
            continue
        address = "/" + "/".join(parts).removesuffix("index.html")
        ids = _Ids(page.read_text("utf-8"))
        found |= {address, *(f"{address}#{id}" for id in ids.ids)}
        if ids.moved:
            moved.add(address)
    return found, moved


def list_of(layout: Layout) -> str:
    """The file of all published addresses."""
    return f"{layout.data}/anchors.txt"


def listed(layout: Layout) -> list[str]:
    """The addresses of the list, in its order; none where there is no list."""
    file = layout / list_of(layout)
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("# ")]


def broken(wanted: list[str], built: Path) -> list[str]:
    """The listed addresses that lead nowhere; those of a page that moved follow its redirect."""
    found, moved = published(built)
    return [address for address in wanted if address not in found and address.partition("#")[0] not in moved]


def add(layout: Layout, built: Path) -> int:
    """Adds to the list what the site has and it has not; gives how many. What is on it stays."""
    known = set(listed(layout))
    found, _ = published(built)
    if new := found - known:
        content = HEADER + "".join(f"{address}\n" for address in sorted(known | found))
        write_atomically(layout / list_of(layout), content.encode())
    return len(new)
