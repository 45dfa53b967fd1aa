"""Addresses: rendered fragments start theirs with `/`, the root of the site; a page needs them relative."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_ROOTED = re.compile(r"""(?<=\s)(?P<name>href|src|data-src|xlink:href)=(?P<quote>["'])/(?!/)(?P<path>[^"'#?]*)""")


def relative(html: str, url: str, files: Mapping[str, str] | None = None) -> str:
    """`html` with every address that starts with `/` made relative to the page at `url` (`layers/kernels/`).

    Where pages are to be read without a server, `files` gives each directory's file (`layers/kernels.html`); one
    that is not among them has an `index.html`.
    """
    start = posixpath.dirname("/" + url)

    def replace(found: re.Match[str]) -> str:
        path = found["path"]
        if files is not None and (path.endswith("/") or not path):
            path = files.get(path, f"{path}index.html")
        target = posixpath.relpath("/" + path, start)
        slash = "/" if path.endswith("/") or not path else ""
        return f"{found['name']}={found['quote']}{target}{slash}"

    return _ROOTED.sub(replace, html)
