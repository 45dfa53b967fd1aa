"""What the fences, records and generated pages of a site gave, kept for the next build of the same site."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Set
from contextlib import suppress
from dataclasses import fields
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

import stackdoc
from stackdoc.project import RENDERED
from stackdoc.render.cache import TextCache, digest, files_digest
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site

SITES = 4  # so many are kept: before and after measuring, to be served and to be read from a disk


class Rendered:
    """Each thing is made once, and not at all when an earlier build of the same site made it.

    The files that belong to what is asked for go to `write(path, content)` as soon as there is one, so that none of
    them is held. Without `kept` nothing outlives the build.
    """

    def __init__(self, kept: TextCache | None = None) -> None:
        self.kept = kept
        self.write: Callable[[str, str], None] | None = None
        self.figures = Assets().figures
        self.told: dict[str, str] = {}

    def once(self, asked: str, make: Callable[[Assets], str], lasting: bool = True) -> str:
        """The same as `text`, for what pages ask again; in memory only what is not on disk."""
        if lasting and self.kept:
            return self.text(asked, make)
        if asked not in self.told:
            self.told[asked] = self.text(asked, make) if lasting else make(Assets(figures=self.figures))
        return self.told[asked]

    def text(self, asked: str, make: Callable[[Assets], str]) -> str:
        found = self.kept.found(asked) if self.kept else None
        if found is None:
            own = Assets(figures=self.figures)
            text = make(own)
            files = {path: asset.content.decode() for path, asset in own.by_path.items()}
            if self.kept and own.lasting:
                self.kept.keep(asked, json.dumps([text, files]))
        else:
            text, files = json.loads(found)
        if self.write:
            for path, content in files.items():
                self.write(path, content)
        return text


def site_cache(site: Site) -> TextCache:
    """The folder of this very site, rendered by this code; the oldest of the others go."""
    key = digest(_code(), _said(site))
    place = site.root / RENDERED / key
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        place.touch()
        others = sorted(place.parent.iterdir(), key=lambda one: one.stat().st_mtime)
        for old in others[:-SITES]:
            shutil.rmtree(old, ignore_errors=True)
    return TextCache(place, key)


def _code() -> str:
    """Our own code, templates and styles, and the versions of Python and of the libraries that render."""
    package = Path(stackdoc.__file__).parent
    own = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    names = {Requirement(one).name for one in requires("stackdoc") or ()} - {"torch"}
    return digest(sys.version, files_digest(*own), *(_version(name) for name in sorted(names)))


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except ModuleNotFoundError:  # of an extra that is not installed
        return name


def _said(site: Site) -> str:
    """All that the site holds, as it was read: files may have changed since. A record's id stands for the record."""
    held = {
        one.name: getattr(site, one.name) for one in fields(site) if one.name not in ("layout", "records", "subject")
    }
    held = {name: sorted(value) if isinstance(value, Set) else value for name, value in held.items()}
    return repr((list(site.records), held))
