"""The site that `mkdocs serve` shows, kept for the next server of the project, which shows it at once.

Each complete build goes to a new folder below `.stackdoc/served/`, and the link `current` then leads to it.
`state.json` says what it was made from: the sizes and times of all files, the settings and our code. If all of that is
the same when a server starts, it shows the site and builds in the background, to be ready for the first edit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer

from stackdoc.adapters.mkdocs.described import Undescribable, described
from stackdoc.adapters.mkdocs.outputs import LEFT_OUT, settings
from stackdoc.adapters.rendered import code_digest
from stackdoc.project import EDITIONS, LEDGER, MADE_ENVIRONMENTS, SERVED, Layout, make_state_folder
from stackdoc.render.cache import digest

SITE = re.compile(r"site-\d{19}")  # after the time at which it was begun, in nanoseconds
COMPARED = LEFT_OUT - {"plugins", "hooks", "theme", "watch", "site_dir"}


class ServedSite:
    """The folders of a server. `site` is the complete site that it shows, None if it shows that of MkDocs."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.folder = layout, layout / SERVED
        self.lock, self.current = FileLock(self.folder / "lock", thread_local=False), self.folder / "current"
        self.site: Path | None = None
        self.next: Path | None = None
        self.settings = self.files = ""
        self.is_first = True

    def begin(self, config: MkDocsConfig) -> bool:
        """Direct the build to a new folder; return whether the last site is current, so there is nothing to build."""
        self.next, first, self.is_first = None, self.is_first, False
        try:
            self.settings = _settings(config)
            self.look(config)
        except Undescribable:
            return False
        if not self._is_ours():
            return False
        if first and (site := self._last()):
            self.site = site
            self._link(site)
            return True
        self.next = self.folder / f"site-{time.time_ns()}"
        config.site_dir = str(self.next)
        return False

    def end(self, config: MkDocsConfig) -> None:
        """Show the site that is complete now. If records were added meanwhile, the next server builds again."""
        if self.next is None:
            return
        self.site, self.next = self.next, None
        self._link(self.site)
        self.keep(config)
        for other in self.folder.glob("site-*"):
            if other != self.site and SITE.fullmatch(other.name):
                shutil.rmtree(other, ignore_errors=True)

    def look(self, config: MkDocsConfig) -> None:
        """Take note of the files as they are now, before they are read."""
        self.files = digest(*_files(config, self.layout))

    def keep(self, config: MkDocsConfig) -> None:
        """Write down what the site was made from, unless a file has changed since."""
        before = self.files
        self.look(config)
        with suppress(OSError):
            kept = {"state": self.state if self.files == before else "", "site": self.site and self.site.name}
            written = self.folder / "state.json.new"
            written.write_text(json.dumps(kept), "utf-8")
            written.replace(self.folder / "state.json")

    @property
    def state(self) -> str:
        """A digest of all that a build reads."""
        return digest(self.settings, self.files)

    def attach(self, server: LiveReloadServer) -> None:
        """Have the server show the site, and its page for what is not found."""
        if self.site is None:
            return
        before, server.root = server.error_handler, str(self.current)

        def error_page(code: int) -> bytes | None:
            page = self.current / f"{code}.html"
            return page.read_bytes() if page.is_file() else before(code)

        server.error_handler = error_page

    def _link(self, site: Path) -> None:
        """Let `current` lead to the site. The server decides on a path before a build and opens it afterwards."""
        link = self.folder / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(site.name, target_is_directory=True)
        link.replace(self.current)

    def _is_ours(self) -> bool:
        """Whether no other server keeps its site here, and directories can be linked."""
        try:
            make_state_folder(self.layout.root)
            self.folder.mkdir(exist_ok=True)
            self.lock.acquire(timeout=0)
            self._link(self.site or self.folder / "site-0")
        except (OSError, Timeout):
            return False
        return True

    def _last(self) -> Path | None:
        """Return the last site if it was made from what is there now."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads((self.folder / "state.json").read_bytes())
            site = self.folder / Path(kept["site"]).name
            if kept["state"] == self.state and (site / "index.html").is_file():
                return site
        return None


def _settings(config: MkDocsConfig) -> str:
    """Return a digest of all that a build depends on besides files. Raises Undescribable for settings not known."""
    compared = {key: config[key] for key in sorted(COMPARED)}
    variables = {name: value for name, value in os.environ.items() if name.startswith("STACKDOC_")}
    return digest(code_digest(), settings(config), described([compared, variables]))


def _files(config: MkDocsConfig, layout: Layout) -> Iterator[str]:
    """Yield path, time and size of each file that a build reads, and the names of the environments that are made."""
    places = [config.docs_dir, layout / layout.examples, layout / layout.own, layout / EDITIONS]
    for place in dict.fromkeys(map(str, places)):
        for folder, _, names in sorted(os.walk(place, followlinks=True)):
            if Path(folder).name != "__pycache__":
                yield from (_stated(Path(folder, name)) for name in sorted(names))
    yield from map(_stated, [Path(config.config_file_path), layout / LEDGER])
    with suppress(OSError):
        yield from sorted(path.name for path in (layout / MADE_ENVIRONMENTS).iterdir())


def _stated(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return f"{path} is missing"
    return f"{path} {status.st_mtime_ns} {status.st_size}"
