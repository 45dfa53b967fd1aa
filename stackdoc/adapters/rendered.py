"""Cache of rendered fences, records and generated pages, for later builds of the same site."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Set
from contextlib import suppress
from dataclasses import fields
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

import stackdoc
from stackdoc.project import RENDERED
from stackdoc.render.cache import NAME, TextCache, digest, files_digest
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site

SITES = 4  # cached at a time: before and after measuring, each as served and as read from a disk
BINARY = "surrogateescape"  # how bytes of pictures are kept in texts


class Rendered:
    """Makes each text once, and not at all if an earlier build of the same site has cached it.

    The files that belong to a text go to `write(path, content)` at once, so that they are not held in memory. Without
    `cache` nothing is cached on disk.
    """

    def __init__(self, cache: TextCache | None = None) -> None:
        self.cache = cache
        self.write: Callable[[str, str], None] | None = None
        self.figures = Assets().figures
        self.memory: dict[str, str] = {}
        self.lasting = True  # whether all texts so far depend on the site alone

    def once(self, request: str, make: Callable[[Assets], str], cacheable: bool = True) -> str:
        """Return the same as `text`, for requests that recur in a build; what is not on disk stays in memory."""
        if cacheable and self.cache:
            return self.text(request, make)
        if request not in self.memory:
            self.memory[request] = self.text(request, make) if cacheable else make(Assets(figures=self.figures))
        return self.memory[request]

    def text(self, request: str, make: Callable[[Assets], str]) -> str:
        cached = self.cache.get(request) if self.cache else None
        if cached is None:
            assets = Assets(figures=self.figures)
            text = make(assets)
            files = {path: asset.content.decode("utf-8", BINARY) for path, asset in assets.by_path.items()}
            self.lasting &= assets.cacheable
            if self.cache and assets.cacheable:
                self.cache.put(request, json.dumps([text, files]))
        else:
            text, files = json.loads(cached)
        if self.write:
            for path, content in files.items():
                self.write(path, content)
        return text


def site_cache(site: Site) -> TextCache:
    """Return the cache of exactly this site, rendered by this code; remove the oldest of the others."""
    key = site_digest(site)
    folder = site.root / RENDERED / key
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        ours = (path for path in folder.parent.iterdir() if NAME.fullmatch(path.name))
        folders = sorted(ours, key=lambda path: path.stat().st_mtime)
        for unused in folders[:-SITES]:
            shutil.rmtree(unused, ignore_errors=True)
    return TextCache(site.root, RENDERED / key, key)


def site_digest(site: Site) -> str:
    """Return a digest of all that the rendered texts of the site depend on."""
    return digest(code_digest(), _content(site))


@cache
def code_digest() -> str:
    """Return a digest of our code, templates and styles, and of the versions of Python and all libraries."""
    package = Path(stackdoc.__file__).parent
    files = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    names = {Requirement(requirement).name for requirement in requires("stackdoc") or ()} - {"torch"}
    return digest(sys.version, files_digest(*files), *(_version(name) for name in sorted(names)))


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except ModuleNotFoundError:  # it belongs to an extra that is not installed
        return name


def _content(site: Site) -> str:
    """Return the content of the site as it was read, since files may have changed; records by their ids."""
    names = [field.name for field in fields(site) if field.name not in ("layout", "records", "subject")]
    values = {name: getattr(site, name) for name in names}
    values = {name: sorted(value) if isinstance(value, Set) else value for name, value in values.items()}
    return repr((list(site.records), values))
