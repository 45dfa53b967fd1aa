"""Addresses: rendered fragments start theirs with `/`, the root of the generated pages; a page needs them relative."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ROOTED = re.compile(r"""(?<=\s)(?P<name>href|src|data-src|xlink:href)=(?P<quote>["'])/(?!/)(?P<path>[^"'#?]*)""")


@dataclass(frozen=True)
class Addresses:
    """Where the pages of a site are.

    `prefix` is the folder of the generated ones, `""` or with a slash at its end. `files` gives each directory's file
    (`layers/kernels.html`) where pages are read without a server; one that is not among them has an `index.html`.
    """

    prefix: str = ""
    files: Mapping[str, str] | None = None

    def relative(self, html: str, url: str) -> str:
        """Return `html` with every address that starts with `/` made relative to the page at `url` (`guide/start/`).

        `/` alone is the home page of the site.
        """
        start = posixpath.dirname("/" + url)

        def replace(match: re.Match[str]) -> str:
            path = f"{self.prefix}{match['path']}" if match["path"] else ""
            if "../" in path:  # to a page that is not generated
                path = posixpath.normpath(path).removeprefix(".") + "/" * path.endswith("/")
                path = path.lstrip("/")
            if self.files is not None and (path.endswith("/") or not path):
                path = self.files.get(path, f"{path}index.html")
            target = posixpath.relpath("/" + path, start)
            slash = "/" if path.endswith("/") or not path else ""
            return f"{match['name']}={match['quote']}{target}{slash}"

        return _ROOTED.sub(replace, html)


AT_ROOT = Addresses()
