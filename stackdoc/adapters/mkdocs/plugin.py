"""The MkDocs plugin: it checks the project, measures what is due, and publishes what the core renders."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from html import escape, unescape
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from stackdoc.adapters import contents, editions, finish
from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.adapters.material import Material, has_our_theme
from stackdoc.adapters.mkdocs import publish, search
from stackdoc.adapters.mkdocs.navigation import expand
from stackdoc.adapters.mkdocs.notebooks import NotebookFile, Notebooks
from stackdoc.adapters.mkdocs.options import MODES, PluginOptions
from stackdoc.adapters.prechecking import check_pages, refuse_links_outside
from stackdoc.adapters.registered import load_site
from stackdoc.adapters.rendered import Rendered, site_cache
from stackdoc.adapters.run_report import LogProgress, failure, tail
from stackdoc.errors import StackdocError
from stackdoc.examples.header import is_declared
from stackdoc.model.edition import Edition
from stackdoc.plan.project import Project, read_project
from stackdoc.project import EXAMPLES, Layout
from stackdoc.reading.configuration import folder_below
from stackdoc.render.domain import domain
from stackdoc.render.values import machine_switch
from stackdoc.run.progress import Progress
from stackdoc.run.result import RunSummary
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site

log = logging.getLogger("mkdocs.plugins.stackdoc")
logging.getLogger("stackdoc").parent = log  # what the core warns of is a warning of the build
WRITTEN_WITH = ("attr_list", "md_in_html")  # the extensions that generated pages need


@contextmanager
def aborting() -> Iterator[None]:
    """End the build with one line for each problem and without a traceback."""
    try:
        yield
    except StackdocError as error:
        for problem in error.problems:
            log.error("%s", problem)
        count = len(error.problems)
        raise Abort(f"{count} problem{'s' if count > 1 else ''}; nothing was built") from None


class StackdocPlugin(BasePlugin[PluginOptions]):
    """Keeps the site, the measurements and the Markdown extension between the events of a build."""

    def __init__(self) -> None:
        self.serving = False
        self.mode = ""  # this and the next three are set by `stackdoc build`
        self.minutes: float | None = None
        self.progress: Progress | None = None
        self.edition: Edition | None = None
        self.layout = Layout(Path())
        self.project: Project
        self.site: Site
        self.summary: RunSummary | None = None
        self.extension = StackdocExtension()
        self.lent: list[str] = []
        self.rendered = Rendered()
        self.failed: dict[str, str] = {}
        self.material: Material
        self.target: finish.Destination
        self.notebooks: Notebooks
        self.idle = False  # the project has nothing of ours to show
        self.whole = False  # all pages of the project are ours
        self.ours: set[str] = set()  # the source paths of the pages that we generated
        self.showing: set[str] = set()  # the source paths of the pages that show something of ours
        self.kept_from_search: list[str] = []  # the parts of the current page

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        self.serving = command == "serve"

    def on_serve(self, server: LiveReloadServer, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        publish.overlook(server.observer, self.layout)
        server.unwatch(config.docs_dir)
        server.watch(config.docs_dir)
        return server

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        root = Path(config.config_file_path).resolve().parent
        examples = folder_below(root, self.config.examples) or EXAMPLES
        self.layout = Layout(root, configured_docs(config, root), self.config.prefix, examples)
        with aborting():
            self.project = read_project(self.layout)
            self.site = self.loaded(config)
            known = self.has_ours()
            self.rendered = Rendered(site_cache(self.site)) if known else Rendered()
            used = check_pages(self.site, Path(config.docs_dir), self.rendered, config, self.roles)
            self.idle = not known and not used
            if self.idle and self.site.examples:
                log.info("%s/: no page shows one of its scripts, so none is run", examples)
            if not self.idle:
                self.whole = has_our_theme(config) or (self.site.data is not None and not self.layout.prefix)
                refuse_links_outside(root, Path(config.docs_dir), config)
            self.summary = None if self.idle else self.measured(self.site)
            if self.summary:
                self.take_over(self.summary, config)
        self.extend_markdown(config)
        if (self.layout / self.layout.examples).is_dir():
            config.watch.append(str(self.layout / self.layout.examples))
        if self.whole:
            publish.add_assets(config, self.layout.prefix)
        return config

    def has_ours(self) -> bool:
        """Whether the project has anything of ours. Its own scripts below `examples/` alone are not."""
        scripts = self.site.examples.values()
        if scripts and (self.config.examples or any(is_declared(example.source) for example in scripts)):
            return True
        return not replace(self.site, examples={}).is_empty

    @property
    def roles(self) -> frozenset[str] | None:
        """The roles that mkdocs.yml says are ours, None if it does not say."""
        return None if self.config.roles is None else frozenset(self.config.roles)

    def loaded(self, config: MkDocsConfig) -> Site:
        site = load_site(self.project)
        machine = first_machine(site, self.config.default_machine)
        return replace(
            site,
            name=config.site_name,
            default_machine=machine,
            address=self.layout.published(config.site_url or ""),
            author=self.config.author or config.site_author or config.site_name,
            licence=self.config.license,
            text_licence=self.config.text_license,
            gallery=self.config.gallery,
            online=self.config.launch,
            edition=self.edition,
        )

    def measured(self, site: Site) -> RunSummary | None:
        """Bring the records up to date as `measure` and STACKDOC_MEASURE say; None if nothing may run."""
        profile: Literal["quick", "full"] = "full" if self.config.profile == "full" else "quick"
        mode = self.mode or os.environ.get("STACKDOC_MEASURE") or self.config.measure
        if mode not in MODES:
            raise Abort(f"STACKDOC_MEASURE: {mode!r} is unknown; known: {', '.join(MODES)}")
        due = [id for id, example in site.examples.items() if self.failed.get(id) != example.digest]
        if mode == "never" or not due:
            return None
        from stackdoc.run.measuring import bring_up_to_date  # a build that measures nothing does not wait for it

        patterns = due if self.failed else []
        again = mode == "always"
        with nullcontext(self.progress) if self.progress else LogProgress(log) as progress:
            summary = bring_up_to_date(
                self.project,
                profile=profile,
                patterns=patterns,
                again=again,
                progress=progress,
                minutes=self.minutes,
                priorities=site.subject.priorities(site),
            )
        if self.serving:
            self.failed |= {result.example: site.examples[result.example].digest for result in summary.failures}
        for decision in summary.decisions:
            example = site.examples[decision.example]
            unrunnable = example.fault or example.requires_python or not is_declared(example.source)
            if decision.action == "skip" and unrunnable:
                log.info("%s %s", example.path, decision.reason)
        for result in summary.failures:
            printed = [] if self.progress else tail(result)
            log.warning("%s", "\n".join([failure(result, self.layout), *printed]))
        return summary

    def take_over(self, summary: RunSummary, config: MkDocsConfig) -> None:
        """Take over what was measured, and the reasons why the rest was not."""
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
        self.extension.roles = self.roles
        self.extension.whole = self.whole
        extensions: list[Any] = config.markdown_extensions
        others = [one for one in extensions if one != "stackdoc" and not isinstance(one, StackdocExtension)]
        extensions[:] = [*others, self.extension]

    @event_priority(50)  # so that plugins which list or redirect pages find ours, whichever comes first in mkdocs.yml
    def early_files(self, files: Files, config: MkDocsConfig) -> Files:
        return files if makes_files_anew(config) else self.with_ours(files, config)

    @event_priority(-200)
    def late_files(self, files: Files, config: MkDocsConfig) -> Files:
        return self.with_ours(files, config) if makes_files_anew(config) else files

    on_files = CombinedEvent(early_files, late_files)

    def with_ours(self, files: Files, config: MkDocsConfig) -> Files:
        """Add to the files what is generated."""
        self.material = Material(config)
        self.lent = [name for name in WRITTEN_WITH if name not in config.markdown_extensions]
        if self.idle:
            return files
        prefix, self.notebooks = self.layout.prefix, Notebooks(self.layout.root)
        with aborting():
            target = Path(config.site_dir)  # cleared by now
            self.rendered.write = self.write_below(target / prefix)
            added = publish.add_pages(self.site, self.rendered, files, config, self.config.in_nav)
            self.ours = {file.src_uri for file in added}
        self.showing = set(self.ours)
        self.material.repair_files(files, config)
        addresses = publish.addresses(files, config, prefix)
        self.target = finish.Destination(self.write_below(target), addresses, config.site_url or "")
        if config.nav:
            paths = [file.src_uri for file in files]
            config.nav = expand(config.nav, paths, domain(self.site).ranks(self.site), prefix)
        return files

    @staticmethod
    def write_below(folder: Path) -> Callable[[str, str], None]:
        return lambda path, content: contents.write(folder / path, content)

    def on_pre_page(self, page: Page, config: MkDocsConfig, files: Files) -> Page:
        if isinstance(page.file, NotebookFile):
            page.render = self.notebooks.renderer(page, page.file.notebook)  # type: ignore[method-assign]
        return page

    def source_of(self, file: File) -> str:
        """Return the path of a page's source in the directory that is ours; empty for a page outside of it."""
        return publish.own_path(file.src_uri, self.layout.prefix)

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        if self.idle:
            return markdown
        source, ours = self.source_of(page.file), page.file.src_uri in self.ours
        written = None if ours or not page.file.abs_src_path else Path(page.file.abs_src_path)
        self.extension.file = os.path.relpath(written, self.layout.root) if written else page.file.src_uri
        before = page.file.content_string.count("\n") if written else markdown.count("\n")
        self.extension.line_offset = max(0, before - markdown.count("\n"))
        self.extension.used, self.extension.fitted = False, partial(finish.fitted, url=page.url, target=self.target)
        if ours:
            config.markdown_extensions += self.lent
            # MkDocs writes both into the page without escaping them, and ours come from data.
            page.meta.update({key: escape(str(page.meta[key])) for key in ("title", "description") if key in page.meta})
        if words := contents.description_of(self.site, source):
            page.meta.setdefault("description", escape(words))
        tail = domain(self.site).tail(self.site, source, markdown)
        return f"{markdown}\n\n{finish.fitted(tail, page.url, self.target)}" if tail else markdown

    def on_page_content(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        if self.idle:
            return html
        source, ours = self.source_of(page.file), page.file.src_uri in self.ours
        if ours and self.lent:
            del config.markdown_extensions[-len(self.lent) :]
        if self.extension.used:
            self.showing.add(page.file.src_uri)
        if not self.is_dressed(page):
            return html
        if self.site.newest:  # the files, not the day of the build, say how new a page is
            page.update_date = self.site.newest
        if (id := finish.example_of(self.site, source)) is not None:
            example = self.site.examples[id]
            page.title = page.meta["title"] = escape(example.title)  # Material takes the escapes out of a mere title
            page.edit_url = publish.edit_address(config, self.layout / example.path)
        article = finish.Article(
            source,
            page.url,
            page.file.dest_uri,
            unescape(str(page.title or "")),
            reviewed=str(page.meta.get("reviewed", "")),
            generated=ours,
            shows=self.extension.used,
            styled=self.material.applies,
        )
        html = finish.finished(html, article, self.site, self.rendered, self.target)
        if page.present_anchor_ids is not None:
            page.present_anchor_ids |= finish.anchors(html)
        return html

    def is_dressed(self, page: Page) -> bool:
        """Whether the page gets our style sheet, script and Markdown twin; the others stay as they were without us."""
        return not self.idle and (self.whole or page.file.src_uri in self.showing)

    @event_priority(100)
    def before_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Any) -> None:
        """Shorten the page for the search; code stays in it in a project that merges no stack."""
        self.kept_from_search = []
        if self.is_dressed(page):
            with_code, is_listing = self.site.data is None, search.is_listing(page.file, self.layout.prefix)
            page.content, self.kept_from_search = search.shortened(
                page.content or "", with_code=with_code, is_listing=is_listing
            )

    @event_priority(-100)
    def after_search(self, context: Any, page: Page, config: MkDocsConfig, nav: Any) -> None:
        page.content = search.restored(page.content or "", self.kept_from_search)
        if self.is_dressed(page) and not self.whole:
            publish.add_to_page(context, page, config, self.layout.prefix)

    on_page_context = CombinedEvent(before_search, after_search)

    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> Any:
        if self.extension.problems:
            with aborting():
                raise StackdocError(self.extension.problems)
        env.globals["stackdoc_prefix"] = self.layout.prefix
        env.globals["stackdoc_switch"] = machine_switch.switch(self.site)
        return env

    def on_post_page(self, output: str, page: Page, config: MkDocsConfig) -> str:
        if self.is_dressed(page):
            output = publish.with_head(self.site, output, page.file)
            if not self.whole:
                publish.remove_assets(config, self.layout.prefix)
        return self.material.repaired(output)

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        return self.material.repaired(output_content) if template_name.endswith(".html") else output_content

    def on_post_build(self, config: MkDocsConfig) -> None:
        if self.idle:
            return
        with aborting():
            destination = Path(config.site_dir)
            contents.write_downloads(self.site, self.rendered, destination)
            contents.write_records(self.site, self.rendered, destination, self.target.addresses)
            contents.write_exports(self.site, destination)
            if not self.serving and self.edition is None:
                editions.carry(self.site, destination, self.target.addresses)
        self.material.report()
        contents.tidy(self.layout.root)


def configured_docs(config: MkDocsConfig, root: Path) -> str:
    """Return `docs_dir` as it is configured; a plugin such as monorepo puts a temporary directory in its place."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # MkDocs itself does not use them
        written = config.user_configs
    given = [settings["docs_dir"] for settings in written if settings.get("docs_dir")]
    return Path(os.path.relpath(root / given[-1] if given else root / "docs", root)).as_posix()


def makes_files_anew(config: MkDocsConfig) -> bool:
    """Whether the project's plugin i18n, which fails for pages outside of `docs_dir`, takes the files last."""
    return "i18n" in config.plugins
