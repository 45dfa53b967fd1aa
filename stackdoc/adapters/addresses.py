"""Addresses: rendered fragments start theirs with `/`, the root of the site; a page needs them relative."""

from __future__ import annotations

import posixpath
import re

_ROOTED = re.compile(r"""(?<=\s)(?P<name>href|src|data-src|xlink:href)=(?P<quote>["'])/(?!/)(?P<path>[^"'#?]*)""")


def relative(html: str, url: str) -> str:
    """`html` with every address that starts with `/` made relative to the page at `url` (`layers/kernels/`)."""
    start = posixpath.dirname("/" + url)

    def replace(found: re.Match[str]) -> str:
        target = posixpath.relpath("/" + found["path"], start)
        slash = "/" if found["path"].endswith("/") or not found["path"] else ""
        return f"{found['name']}={found['quote']}{target}{slash}"

    return _ROOTED.sub(replace, html)
