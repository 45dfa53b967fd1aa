"""The MkDocs plugin: it hands each event to the build, which is imported only where a project has something of ours."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from stackdoc.adapters.material import has_our_theme
from stackdoc.adapters.mkdocs.options import PluginOptions, layout_of
from stackdoc.adapters.presence import ANYWHERE, has_nothing
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.adapters.mkdocs.build import Build
    from stackdoc.adapters.mkdocs.served import ServedSite
    from stackdoc.model.edition import Edition
    from stackdoc.run.progress import Progress
    from stackdoc.run.result import RunSummary

log = logging.getLogger("mkdocs.plugins.stackdoc")
logging.getLogger("stackdoc").parent = log  # what the core warns of is a warning of the build


class StackdocPlugin(BasePlugin[PluginOptions]):
    """Hands the events of a build to `Build`, and keeps what outlives a build while serving."""

    def __init__(self) -> None:
        self.serving = self.dirty = False
        self.mode = ""  # this and the next three are set by `stackdoc build`
        self.edition: Edition | None = None
        self.minutes: float | None = None
        self.written = 0  # pages, so far
        self.stoppable = False  # this too: whether Ctrl-C ends the measuring only
        self.progress: Progress | None = None
        self.summary: RunSummary | None = None
        self.failed: dict[str, str] = {}  # the digests of the examples that failed while serving
        self.build: Build | None = None  # None: the project has nothing of ours
        self.served: ServedSite | None = None  # the folders of the server
        self.is_empty = False  # nothing is built, since the server shows the site of the last one
        self.begun_at = 0  # when the last build began, in ns since 1970

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving, self.dirty = command == "serve", dirty

    def on_serve(self, server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        from stackdoc.adapters.mkdocs.serving import prepare

        prepare(server, layout_of(config, self.config), config, self)
        return server

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        layout = layout_of(config, self.config)
        apart = not has_our_theme(config) and "stackdoc" not in config.markdown_extensions
        self.summary = None
        self.build, self.begun_at = None, time.time_ns()  # whatever happens to the next one
        if not (apart and has_nothing(layout, Path(config.docs_dir))) and not self.is_served_already(config, layout):
            self.build = self.begun(config)
        if (layout / layout.examples).is_dir():
            config.watch.append(str(layout / layout.examples))
        return config

    def is_served_already(self, config: MkDocsConfig, layout: Layout) -> bool:
        """Whether the server can show the site of the last one, which is current; then this build is empty."""
        self.is_empty = False
        if self.serving and not self.dirty:
            from stackdoc.adapters.mkdocs.served import ServedSite

            self.served = self.served or ServedSite(layout)
            self.is_empty = self.served.begin(config)
        if self.is_empty:
            config.nav = None
            config.theme.static_templates.clear()
            config.extra_templates = []
        return self.is_empty

    def begun(self, config: MkDocsConfig) -> Build:
        from stackdoc.adapters.mkdocs.build import Build

        return Build(self, config)

    @event_priority(50)  # so that plugins which list or redirect pages find ours, whichever comes first in mkdocs.yml
    def early_files(self, files: Files, config: MkDocsConfig) -> Files:
        return self.build.with_ours(files) if self.build and not makes_files_anew(config) else files

    @event_priority(-200)
    def late_files(self, files: Files, config: MkDocsConfig) -> Files:
        if self.is_empty:
            return Files([])
        return self.build.with_ours(files) if self.build and makes_files_anew(config) else files

    on_files = CombinedEvent(early_files, late_files)

    @event_priority(-200)  # after all that change it
    def on_nav(self, nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
        if self.build:
            self.build.nav = nav
        return nav

    def on_pre_page(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        if self.build:
            self.build.pages.before(page)
        return page

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        if self.build is None and ANYWHERE.search(markdown):  # another plugin has made it
            self.build = self.begun(config)
        return self.build.pages.markdown(markdown, page) if self.build else markdown

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        return self.build.pages.content(html, page) if self.build else html

    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> Any:
        if self.build:
            self.build.prepare_templates(env, files)
        return env

    @event_priority(100)
    def before_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        if self.build:
            self.build.pages.before_search(page)

    @event_priority(-100)
    def after_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
        if self.build:
            self.build.pages.after_search(page, context)

    on_page_context = CombinedEvent(before_search, after_search)

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        self.written += 1
        return self.build.pages.output(output, page) if self.build else output

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        is_page = self.build and template_name.endswith(".html")
        return self.build.material.repaired(output_content) if self.build and is_page else output_content

    def finish(self, config: MkDocsConfig) -> None:
        if self.build:
            self.build.finish()

    @event_priority(100)  # before the search writes its index
    def add_records(self, config: MkDocsConfig) -> None:
        if self.build:
            self.build.pages.add_records()

    @event_priority(-200)  # after what other plugins write
    def show(self, config: MkDocsConfig) -> None:
        if self.served:
            self.served.end(config)

    on_post_build = CombinedEvent(add_records, finish, show)


def makes_files_anew(config: MkDocsConfig) -> bool:
    """Whether the project's plugin i18n, which fails for pages outside of `docs_dir`, takes the files last."""
    return "i18n" in config.plugins
