"""The pages of a build on their way through MkDocs: as Markdown, as an article, in the theme's template."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable
from functools import partial
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from stackdoc.adapters import contents, finish
from stackdoc.adapters.mkdocs import own_search, publish, search
from stackdoc.adapters.mkdocs.conversions import Conversions
from stackdoc.adapters.mkdocs.notebooks import NotebookFile, Notebooks
from stackdoc.adapters.mkdocs.outputs import Outputs, entries, search_plugins
from stackdoc.render import preview
from stackdoc.render.cache import digest
from stackdoc.render.domain import domain
from stackdoc.site.site import Site

if TYPE_CHECKING:
    from stackdoc.adapters.mkdocs.build import Build

log = logging.getLogger("mkdocs.plugins.stackdoc")
WRITTEN_WITH = ("attr_list", "md_in_html")  # the extensions that generated pages need


class Pages:
    """What the build does to each page.

    `ours` are the source paths of the generated pages, `showing` those of all pages that show something of ours.
    `conversions` and `outputs` are None where nothing is cached.
    """

    target: finish.Destination
    notebooks: Notebooks

    def __init__(self, build: Build) -> None:
        self.config, self.idle, self.whole = build.config, build.idle, build.whole
        self.site, self.layout, self.rendered = build.site, build.layout, build.rendered
        self.extension, self.material = build.extension, build.material
        self.searches = not build.idle and own_search.applies(build.config, build.options.search, build.whole)
        self.ours: set[str] = set()
        self.showing: set[str] = set()
        self.lent: list[str] = []
        self.conversions: Conversions | None = None
        self.outputs: Outputs | None = None
        # Of the current page: what the search does not read, the number of entries before its own, what is known of it,
        # and its template, filled here if it was known and no longer is.
        self.kept_from_search: list[str] = []
        self.entries_before = 0
        self.known: dict[str, Any] | None = None
        self.filled: str | None = None
        self.entries_of: dict[str, list[Any]] = {}  # of each page, in the search
        self.pictures: dict[str, str] = {}  # of each page, for links to it on other sites

    def prepare(self, generated: Iterable[File], target: finish.Destination) -> None:
        """Take the generated pages and the place of the site, before the first page."""
        self.ours = {file.src_uri for file in generated}
        self.showing = set(self.ours)
        self.target, self.notebooks = target, Notebooks(self.layout.root)
        self.lent = [name for name in WRITTEN_WITH if name not in self.config.markdown_extensions]
        if cache := self.rendered.cache:
            self.conversions = Conversions(self.site, cache.made_by, self.extension, target.addresses, self.config)
            self.outputs = Outputs(self.layout.root)

    def source_of(self, file: File) -> str:
        """Return the path of a page's source in the directory that is ours; empty for a page outside of it."""
        return publish.own_path(file.src_uri, self.layout.prefix)

    def is_dressed(self, page: Page) -> bool:
        """Whether the page gets our style sheet, script and Markdown twin; the others stay as they were without us."""
        return not self.idle and (self.whole or page.file.src_uri in self.showing)

    def before(self, page: Page) -> None:
        """Have a notebook rendered by its own converter, and a page only if it was not converted before."""
        if isinstance(page.file, NotebookFile):
            page.render = self.notebooks.renderer(page, page.file.notebook)  # type: ignore[method-assign]
        elif self.conversions and "render" not in vars(page):  # unless another plugin renders it
            page.render = partial(self.conversions.render, page)  # type: ignore[method-assign]

    def markdown(self, markdown: str, page: Page) -> str:
        """Return the page's Markdown with what the domain adds at its end, and tell the extension about the page."""
        if self.idle:
            return markdown
        source, ours = self.source_of(page.file), page.file.src_uri in self.ours
        written = None if ours or not page.file.abs_src_path else Path(page.file.abs_src_path)
        self.extension.file = os.path.relpath(written, self.layout.root) if written else page.file.src_uri
        before = page.file.content_string.count("\n") if written else markdown.count("\n")
        self.extension.line_offset = max(0, before - markdown.count("\n"))
        self.extension.used, self.extension.answers = False, []
        self.extension.fitted = partial(finish.fitted, url=page.url, target=self.target)
        if ours:
            self.config.markdown_extensions += self.lent
            # MkDocs writes both into the page without escaping them, and ours come from data.
            page.meta.update({key: escape(str(page.meta[key])) for key in ("title", "description") if key in page.meta})
        if words := contents.description_of(self.site, source):
            page.meta.setdefault("description", escape(words))
        tail = domain(self.site).tail(self.site, source, markdown)
        return f"{markdown}\n\n{finish.fitted(tail, page.url, self.target)}" if tail else markdown

    def content(self, html: str, page: Page) -> str:
        """Return the page's article with its frame, its title and its anchors."""
        if self.idle:
            return html
        source, ours = self.source_of(page.file), page.file.src_uri in self.ours
        if ours and self.lent:
            del self.config.markdown_extensions[-len(self.lent) :]
        if self.extension.used:
            self.showing.add(page.file.src_uri)
        if not self.is_dressed(page):
            return html
        if self.site.newest:  # the files, not the day of the build, say how new a page is
            page.update_date = self.site.newest
        if (id := finish.example_of(self.site, source)) is not None:
            example = self.site.examples[id]
            page.title = page.meta["title"] = escape(example.title)  # Material takes the escapes out of a mere title
            page.edit_url = publish.edit_address(self.config, self.layout / example.path)
        html = finish.finished_once(html, self.article(page, source, ours), self.site, self.rendered, self.target)
        if page.present_anchor_ids is not None:
            page.present_anchor_ids |= finish.anchors(html)
        listed = self.whole and (ours or page.file.inclusion.is_in_nav())
        if self.target.home and listed and not isinstance(page.file, NotebookFile):
            self.pictures[page.file.src_uri] = self.picture(html, page)
        return html

    def picture(self, html: str, page: Page) -> str:
        """Return the complete address of the page's picture, made from its first figure."""
        title, words = (unescape(str(text or "")) for text in (page.title, publish.summary(page, self.config)))
        request = f"preview\n{digest(title, words, self.site.name, preview.drawn_from(html))}"
        path = self.rendered.text(request, partial(preview.picture, title, words, self.site.name, html))
        return f"{self.site.address.rstrip('/')}{path}" if path else ""

    def article(self, page: Page, source: str, ours: bool) -> finish.Article:
        return finish.Article(
            source,
            page.url,
            page.file.dest_uri,
            unescape(str(page.title or "")),
            reviewed=str(page.meta.get("reviewed", "")),
            generated=ours,
            shows=self.extension.used,
            styled=self.material.applies,
        )

    def find_known(self, env: Any, files: Files, nav: Navigation) -> None:
        """Find the pages whose output an earlier build has made, once all articles are there."""
        if self.outputs:
            self.outputs.prepare(env, self.config, files, nav, self.tags)

    def tags(self, page: Page) -> str:
        """Return what is added to the head of the page."""
        if not self.is_dressed(page):
            return ""
        return publish.tags(self.site, page, self.config, self.whole, self.pictures.get(page.file.src_uri, ""))

    def before_search(self, page: Page) -> None:
        """Shorten the page for the search; code stays in it in a project that merges no stack.

        It reads nothing of a page whose entries are known, or of which our own search makes them.
        """
        self.kept_from_search, self.entries_before = [], len(entries(self.config))
        self.known = self.outputs.known(page) if self.outputs else None
        if self.known or self.searches:
            self.kept_from_search = [page.content or ""]
            page.content = ""
        elif self.is_dressed(page):
            with_code, is_listing = self.site.data is None, search.is_listing(page.file, self.layout.prefix)
            page.content, self.kept_from_search = search.shortened(
                page.content or "", with_code=with_code, is_listing=is_listing
            )

    def after_search(self, page: Page, context: Any) -> None:
        if self.known:
            entries(self.config)[self.entries_before :] = self.known["entries"]
            page.content = self.kept_from_search[0]
        elif self.searches:
            page.content, listings = self.kept_from_search[0], domain(self.site).search_hints(self.site).listings
            found = own_search.entries(page.content, page, self.source_of(page.file), listings)
            entries(self.config)[self.entries_before :] = found
        else:
            page.content = search.restored(page.content or "", self.kept_from_search)
        self.entries_of[page.file.src_uri] = entries(self.config)[self.entries_before :]
        if self.is_dressed(page) and not self.whole:
            publish.add_to_page(context, page, self.config, self.layout.prefix)
        self.filled = self.outputs.filled(page, context) if self.outputs and not self.known else None

    def output(self, output: str, page: Page) -> str:
        """Return the whole page with our tags in its head and without the faults of the theme."""
        if self.is_dressed(page) and not self.whole:
            publish.remove_assets(self.config, self.layout.prefix)
        if self.known:
            self.material.count(self.known["repairs"])
            return str(self.known["output"])
        before = Counter(self.material.found)
        output = self.material.repaired(publish.with_head(self.filled or output, self.tags(page)))
        if self.outputs:
            repairs = [repair.reason for repair in self.material.found - before]
            self.outputs.store(page, output=output, entries=self.entries_of[page.file.src_uri], repairs=repairs)
        return output

    def take(self, site: Site) -> None:
        """Take a site with other texts of pages and the same data."""
        self.site = site
        if self.conversions:
            self.conversions.site = site

    def forget(self, page: Page) -> None:
        """Make the page new again, so that it is read and built once more."""
        vars(page).pop("render", None)
        page.markdown = page.content = page.present_anchor_ids = page.links_to_anchors = None
        page.meta, page.toc, page._title_from_render = {}, get_toc([]), None
        if self.outputs:
            self.outputs.templates.pop(page.file.src_uri, None)
        if page.file.src_uri not in self.ours:
            self.showing.discard(page.file.src_uri)

    def ask_output(self, page: Page) -> None:
        """Determine what the output of a page that was read again is stored under."""
        if self.outputs:
            self.outputs.ask(page, self.config, self.tags)

    def report(self) -> None:
        """Report how many pages were not the same as in an earlier build."""
        if self.conversions and self.outputs:
            count = len(self.entries_of)
            log.info("of %d pages, %d converted, %d laid out", count, self.conversions.converted, self.outputs.made)

    def add_records(self) -> None:
        """Add the entries of the records, which have no page in MkDocs, to the search."""
        if self.searches:
            entries(self.config).extend(own_search.of_records(self.site, self.config.use_directory_urls))

    def write_search(self) -> None:
        """Write the index of the search after some pages were built again; a reader never sees a part of it."""
        entries(self.config)[:] = [entry for found in self.entries_of.values() for entry in found]
        self.add_records()
        site = Path(self.config.site_dir)
        with TemporaryDirectory(prefix="search-", dir=site.parent) as folder:
            self.config.site_dir = folder
            try:
                for plugin in search_plugins(self.config):
                    plugin.on_post_build(config=self.config)
            finally:
                self.config.site_dir = str(site)
            for path in [path for path in Path(folder).rglob("*") if path.is_file()]:
                path.replace(site / path.relative_to(folder))
