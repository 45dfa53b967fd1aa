"""Serving while somebody writes: after an edit of a page's text, that page alone is made again."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.pages import Page

from stackdoc.adapters.mkdocs.outputs import shown_elsewhere
from stackdoc.project import STATE, Layout

if TYPE_CHECKING:
    from stackdoc.adapters.mkdocs.build import Build
    from stackdoc.adapters.mkdocs.plugin import StackdocPlugin

log = logging.getLogger("mkdocs.plugins.stackdoc")
State = Mapping[Path, tuple[int, int]]  # when each file was changed, in ns, and its size in bytes


def prepare(server: LiveReloadServer, layout: Layout, config: MkDocsConfig, plugin: StackdocPlugin) -> None:
    """Make the server ignore what a build writes itself, and build only what an edit changes."""
    overlook(server.observer, layout)
    server.unwatch(config.docs_dir)
    server.watch(config.docs_dir)
    if plugin.dirty or not plugin.serving:  # the user has chosen how to build
        return
    if plugin.served:
        plugin.served.attach(server)
    rebuilding = server.builder = Rebuilding(server.builder, plugin, layout, config)
    if plugin.is_empty:
        log.info("Showing the site of the last server, which is current")
        rebuilding.later(rebuilding.build_all)


def overlook(observer: Any, layout: Layout) -> None:
    """Make the server's observer ignore what a build writes itself: it calls for no other build."""
    schedule = observer.schedule

    def scheduled(handler: Any, *given: Any, **more: Any) -> Any:
        noticed = handler.on_any_event

        def noticed_of_others(event: Any) -> None:
            if not is_written(Path(os.fsdecode(event.src_path)), layout):
                noticed(event)

        handler.on_any_event = noticed_of_others
        return schedule(handler, *given, **more)

    observer.schedule = scheduled


def is_written(path: Path, layout: Layout) -> bool:
    """Whether the file is one that builds and runs write."""
    written = (layout / layout.records, layout / STATE)
    return "__pycache__" in path.parts or any(path.is_relative_to(folder) for folder in written)


class Rebuilding:
    """What the server calls after a change: it builds the edited pages alone if nothing else can have changed.

    `build_all` is what MkDocs would do.
    """

    def __init__(
        self, build_all: Callable[[], None], plugin: StackdocPlugin, layout: Layout, config: MkDocsConfig
    ) -> None:
        self.build_all, self.plugin, self.layout, self.config = build_all, plugin, layout, config
        self.watched = [config.docs_dir, config.config_file_path, *config.watch]
        # What was changed after the first build began counts as not built.
        self.before: State = {
            path: seen if seen[0] < plugin.begun_at else (0, 0) for path, seen in self.state().items()
        }
        self.background: threading.Thread | None = None

    def __call__(self) -> None:
        if self.background:
            self.background.join()
        if self.plugin.served:
            self.plugin.served.look(self.config)
        before, self.before = self.before, self.state()
        edited = edited_pages(before, self.before, self.plugin.build)
        try:
            if not edited or not self.rebuild(edited):
                self.build_all()
        except BaseException:
            self.before = {}  # the next build is of everything
            raise

    def later(self, task: Callable[[], None]) -> None:
        """Run the task beside the server; the next build waits for it."""

        def run() -> None:
            try:
                task()
            except BaseException as error:  # a failed build, or one that MkDocs ends
                log.error("%s", error)
                self.before = {}

        self.background = threading.Thread(target=run, daemon=True)
        self.background.start()

    def rebuild(self, edited: list[Page]) -> bool:
        """Build these pages alone; False if others depend on what has changed in them."""
        start, build = time.monotonic(), self.plugin.build
        if build is None or not build.takes_texts([Path(page.file.abs_src_path or "") for page in edited]):
            return False
        config, files, nav, env = build.config, build.files, build.nav, build.env
        shown = [(shown_elsewhere(page, config), build.pages.is_dressed(page)) for page in edited]
        for page in edited:
            build.pages.forget(page)
            _populate_page(page, config, files)
            build.pages.ask_output(page)
        build.refuse_problems()
        if [(shown_elsewhere(page, config), build.pages.is_dressed(page)) for page in edited] != shown:
            return False
        pages = files.documentation_pages()
        for page in edited:
            _build_page(page, config, pages, nav, env)
        for page in (file.page for file in pages if file.page):
            page.validate_anchor_links(files=files, log_level=config.validation.links.anchors)
        log.info("Documentation built in %.2f seconds: %s", time.monotonic() - start, ", ".join(map(_path, edited)))
        self.later(partial(self.complete, build))
        return True

    def complete(self, build: Build) -> None:
        """Write what the reader of the edited page need not wait for."""
        build.pages.write_search()
        if self.plugin.served:
            self.plugin.served.keep(build.config)

    def state(self) -> State:
        """Return the state of the files that are watched."""
        return {path: (status.st_mtime_ns, status.st_size) for path, status in self.files()}

    def files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for place in self.watched:
            folders = os.walk(place, followlinks=True) if Path(place).is_dir() else [("", [], [str(place)])]
            for folder, _, names in folders:
                for name in names:
                    path = Path(folder, name)
                    if not is_written(path, self.layout) and path.exists():
                        yield path, path.stat()


def edited_pages(before: State, after: State, build: Build | None) -> list[Page]:
    """Return the pages whose texts are all that has changed; an empty list if there is more, or the build failed."""
    if build is None or not build.is_repeatable or before.keys() != after.keys():
        return []
    pages = {str(file.abs_src_path): file.page for file in build.files.documentation_pages()}
    edited = [pages.get(str(path)) for path in after if after[path] != before[path]]
    return [page for page in edited if page is not None] if None not in edited else []


def _path(page: Page) -> str:
    return str(page.file.src_uri)
