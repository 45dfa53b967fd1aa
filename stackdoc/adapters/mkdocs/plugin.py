"""The MkDocs plugin: checks, has measured, and puts in place what the core renders."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from html import escape, unescape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from stackdoc.adapters import finish
from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.adapters.material import Material
from stackdoc.adapters.mkdocs import publish, search
from stackdoc.adapters.mkdocs.identifier import Identifier
from stackdoc.adapters.mkdocs.navigation import expand
from stackdoc.adapters.mkdocs.notebooks import add_notebooks
from stackdoc.adapters.prechecking import check_pages, refuse_links_outside
from stackdoc.adapters.registered import load_site
from stackdoc.adapters.rendered import Rendered, site_cache
from stackdoc.adapters.run_report import LogProgress, failure, tail
from stackdoc.errors import StackdocError
from stackdoc.plan.project import Project, read_project
from stackdoc.project import EXAMPLES, Layout
from stackdoc.render.domain import domain
from stackdoc.render.values import machine_switch
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.progress import Progress
from stackdoc.run.result import RunSummary
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site

log = logging.getLogger("mkdocs.plugins.stackdoc")
logging.getLogger("stackdoc").parent = log  # what the core warns of is a warning of the build
MODES = ("auto", "never", "always")
WRITTEN_WITH = ("attr_list", "md_in_html")  # what generated pages need, whatever the project's own are written with


class Options(Config):
    """`measure`: what this machine lacks (auto), nothing (never), everything (always).

    `default_machine`: whose figures a page shows first; by default this one's where it has records, else those of the
    machine on which most examples have a full record of their present source. `licence` is that of the records and
    `text_licence` that of the pages, for citations, which name none by default.
    """

    measure = option.Choice(MODES, default="auto")
    profile = option.Choice(("quick", "full"), default="quick")
    default_machine = option.Type(str, default="")
    licence = Identifier(str, default="")
    text_licence = Identifier(str, default="")


@contextmanager
def aborting() -> Iterator[None]:
    """Ends the build with one line a problem and without a traceback."""
    try:
        yield
    except StackdocError as error:
        for problem in error.problems:
            log.error("%s", problem)
        count = len(error.problems)
        raise Abort(f"{count} problem{'s' if count > 1 else ''}; nothing was built") from None


class StackdocPlugin(BasePlugin[Options]):
    """Keeps between the events of one build: the site, what was measured, and the Markdown extension."""

    def __init__(self) -> None:
        self.serving = False
        self.mode = ""  # this and the next are set by `stackdoc build` before everything else
        self.progress: Progress = LogProgress(log)
        self.layout = Layout(Path())
        self.project: Project
        self.site: Site
        self.summary: RunSummary | None = None
        self.extension = StackdocExtension()
        self.lent: list[str] = []
        self.rendered = Rendered()
        self.failed: dict[str, str] = {}
        self.material: Material
        self.target: finish.Target
        self.idle = False  # nothing of the project is ours to show
        self.ours: set[str] = set()  # the pages that we generated, by their paths
        self.kept_from_search: list[str] = []  # parts of the page at hand

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving = command == "serve"

    def on_serve(self, server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        publish.overlook(server.observer, self.layout / self.layout.records)
        server.unwatch(config.docs_dir)
        server.watch(config.docs_dir)
        return server

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        root = Path(config.config_file_path).resolve().parent
        self.layout = Layout(root, Path(os.path.relpath(config.docs_dir, root)).as_posix())
        with aborting():
            refuse_links_outside(self.layout.root, Path(config.docs_dir), config)
            self.project = read_project(self.layout)
            self.site = self.loaded(config)
            self.rendered = Rendered() if self.site.is_empty else Rendered(site_cache(self.site))
            used = check_pages(self.site, Path(config.docs_dir), self.rendered, config)
            self.idle = self.site.is_empty and not used
            self.summary = self.measured(self.site)
            if self.summary:
                self.take_over(self.summary, config)
        self.extend_markdown(config)
        if (self.layout / EXAMPLES).is_dir():
            config.watch.append(str(self.layout / EXAMPLES))
        if not self.idle:
            publish.add_assets(config)
            add_notebooks(config, self.layout.root, self.site.examples)
        return config

    def loaded(self, config: MkDocsConfig) -> Site:
        site = load_site(self.project)
        machine = first_machine(site, self.config.default_machine)
        return replace(
            site,
            name=config.site_name,
            default_machine=machine,
            address=config.site_url or "",
            author=config.site_author or config.site_name,
            licence=self.config.licence,
            text_licence=self.config.text_licence,
        )

    def measured(self, site: Site) -> RunSummary | None:
        """Brings the records up to date as `measure` and STACKDOC_MEASURE say; None when nothing may run."""
        profile: Literal["quick", "full"] = "full" if self.config.profile == "full" else "quick"
        mode = self.mode or os.environ.get("STACKDOC_MEASURE") or self.config.measure
        if mode not in MODES:
            raise Abort(f"STACKDOC_MEASURE: {mode!r} is unknown; known: {', '.join(MODES)}")
        due = [id for id, example in site.examples.items() if self.failed.get(id) != example.digest]
        if mode == "never" or not due:
            return None
        patterns = due if self.failed else []
        again = mode == "always"
        summary = bring_up_to_date(
            self.project, profile=profile, patterns=patterns, again=again, progress=self.progress
        )
        if self.serving:
            self.failed |= {result.example: site.examples[result.example].digest for result in summary.failures}
        for result in summary.failures:
            printed = tail(result) if isinstance(self.progress, LogProgress) else []
            log.warning("%s", "\n".join([failure(result, self.layout), *printed]))
        return summary

    def take_over(self, summary: RunSummary, config: MkDocsConfig) -> None:
        """What was measured, and why the rest was not."""
        if summary.results or summary.outcomes:
            if summary.results:
                self.project = read_project(self.layout, self.project.records)
                self.site = self.loaded(config)
            self.site = replace(self.site, outcomes=summary.outcomes)
            self.rendered = Rendered(site_cache(self.site))

    def extend_markdown(self, config: MkDocsConfig) -> None:
        self.extension = StackdocExtension()
        self.extension.site = self.site
        self.extension.problems = []
        self.extension.rendered = self.rendered
        extensions: list[Any] = config.markdown_extensions
        extensions[:] = [*(name for name in extensions if name != "stackdoc"), self.extension]

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        self.material = Material(config)
        self.lent = [name for name in WRITTEN_WITH if name not in config.markdown_extensions]
        if self.idle:
            return files
        with aborting():
            target = Path(config.site_dir)  # cleared by now
            self.rendered.write = self.write_below(target)
            self.ours = {file.src_uri for file in publish.add_pages(self.site, self.rendered, files, config)}
        self.material.repair_files(files, config)
        self.target = finish.Target(self.write_below(target), publish.addresses(files, config))
        if config.nav:
            config.nav = expand(config.nav, [file.src_uri for file in files], domain(self.site).ranks(self.site))
        return files

    @staticmethod
    def write_below(folder: Path) -> Callable[[str, str], None]:
        return lambda path, content: publish.write(folder / path, content)

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        if self.idle:
            return markdown
        source = Path(page.file.abs_src_path) if page.file.abs_src_path else None
        self.extension.file = os.path.relpath(source, self.layout.root) if source else page.file.src_uri
        before = page.file.content_string.count("\n") if source else markdown.count("\n")
        if page.file.generated_by:  # MkDocs writes both into the page as they are, and ours come from data
            page.meta.update({key: escape(str(page.meta[key])) for key in ("title", "description") if key in page.meta})
        ours = page.file.src_uri in self.ours
        theirs = [one for one in config.markdown_extensions if one not in self.lent]
        config.markdown_extensions[:] = [*theirs, *(self.lent if ours else ())]
        self.extension.used, self.extension.fitted = False, partial(finish.fitted, url=page.url, target=self.target)
        if words := publish.description_of(self.site, page.file.src_uri):  # MkDocs writes it as it is
            page.meta.setdefault("description", escape(words))
        self.extension.line_offset = max(0, before - markdown.count("\n"))
        if self.site.newest:  # the files, not the day of the build, say how new a page is
            page.update_date = self.site.newest
        tail = domain(self.site).tail(self.site, page.file.src_uri, markdown)
        return f"{markdown}\n\n{finish.fitted(tail, page.url, self.target)}" if tail else markdown

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        if self.idle:
            return html
        source = page.file.src_uri
        if (id := finish.example_of(self.site, source)) is not None:
            example = self.site.examples[id]
            page.title = page.meta["title"] = escape(example.title)  # Material takes the escapes out of a mere title
            if page.edit_url:  # of a notebook that is made from the script
                page.edit_url = urljoin(config.edit_uri or "", f"../{example.path}")
        article = finish.Article(
            source,
            page.url,
            page.file.dest_uri,
            unescape(str(page.title or "")),
            reviewed=str(page.meta.get("reviewed", "")),
            generated=source in self.ours,
            shows=self.extension.used,
            styled=self.material.applies,
        )
        html = finish.finished(html, article, self.site, self.rendered, self.target)
        if page.present_anchor_ids is not None:
            page.present_anchor_ids |= finish.anchors(html)
        return html

    @event_priority(100)
    def before_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Any) -> None:
        """The handbook's code is left out; that of a project which merges no stack is searched as it was without us."""
        self.kept_from_search = []
        if self.idle:
            return
        with_code, is_listing = self.site.data is None, search.is_listing(page.file)
        page.content, self.kept_from_search = search.shortened(
            page.content or "", with_code=with_code, is_listing=is_listing
        )

    @event_priority(-100)
    def after_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Any) -> None:
        page.content = search.restored(page.content or "", self.kept_from_search)

    on_page_context = CombinedEvent(before_search, after_search)

    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> Any:
        if self.extension.problems:
            with aborting():
                raise StackdocError(self.extension.problems)
        env.globals["stackdoc_switch"] = machine_switch.switch(self.site)
        return env

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        output = output if self.idle else publish.with_head(self.site, output, page.file)
        return self.material.repaired(output)

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        return self.material.repaired(output_content) if template_name.endswith(".html") else output_content

    def on_post_build(self, config: MkDocsConfig) -> None:
        if self.idle:
            return
        with aborting():
            publish.write_downloads(self.site, self.rendered, Path(config.site_dir))
            publish.write_records(self.site, self.rendered, Path(config.site_dir), self.target.addresses)
            publish.write_exports(self.site, Path(config.site_dir), config.site_url or "")
        self.material.report()
        publish.tidy(self.layout.root)
