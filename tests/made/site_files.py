"""The files of a built site."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Addresses(HTMLParser):
    """What a page links to and loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"link": "href", "a": "href", "script": "src", "img": "src"}
        self.found += [value for name, value in attrs if name == names.get(tag) and value]


def broken(site: Path, served: bool) -> Iterator[str]:
    """Links of each page into nothing; a server finds the index of a directory, a disk does not."""
    for page in sorted(site.rglob("*.html")):
        if page.name == "404.html":  # served at any address, so its own are absolute
            continue
        parser = Addresses()
        parser.feed(page.read_text("utf-8"))
        where = page.parent.relative_to(site).as_posix()
        for address in sorted(set(parser.found)):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            target = site / posixpath.normpath(posixpath.join(where, unquote(parts.path)))
            file = target / "index.html" if served and target.is_dir() else target
            if parts.path.startswith("/") or not file.is_file():
                yield f"{page.relative_to(site)}: {address}"


def contents(site: Path) -> dict[str, bytes]:
    """Every file of the site; its search index must be JSON."""
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert json.loads(files["search/search_index.json"])
    return files
