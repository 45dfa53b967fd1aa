"""One build of a project that has something of ours: its data, what is measured, and all that is published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation

from stackdoc.adapters import contents, editions, finish
from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.adapters.material import Material, has_our_theme
from stackdoc.adapters.mkdocs import own_search, publish
from stackdoc.adapters.mkdocs.measuring import Measuring
from stackdoc.adapters.mkdocs.navigation import expand
from stackdoc.adapters.mkdocs.options import PluginOptions, layout_of
from stackdoc.adapters.mkdocs.pages import Pages
from stackdoc.adapters.prechecking import check_pages, check_texts, refuse_links_outside
from stackdoc.adapters.registered import load_site
from stackdoc.adapters.rendered import Rendered, site_cache, site_digest
from stackdoc.errors import StackdocError, count
from stackdoc.examples.header import is_declared
from stackdoc.plan.project import read_project
from stackdoc.render.domain import domain
from stackdoc.render.values import machine_switch
from stackdoc.run.result import RunSummary
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site

if TYPE_CHECKING:
    from stackdoc.adapters.mkdocs.plugin import StackdocPlugin

log = logging.getLogger("mkdocs.plugins.stackdoc")


@contextmanager
def aborting() -> Iterator[None]:
    """End the build with one line for each problem and without a traceback."""
    try:
        yield
    except StackdocError as error:
        for problem in error.problems:
            log.error("%s", problem)
        raise Abort(f"{count(len(error.problems), 'problem')}; nothing was built") from None


class Build:
    """Reads and checks the project, measures, and publishes what the core renders; its pages are in `pages`.

    An `idle` build has nothing of ours to show; in a `whole` one, all pages of the project are ours.
    """

    def __init__(self, plugin: StackdocPlugin, config: MkDocsConfig) -> None:
        self.config = config
        self.options: PluginOptions = plugin.config
        self.layout = layout_of(config, self.options)
        self.material = Material(config)
        self.extension = StackdocExtension()
        self.edition, self.serving = plugin.edition, plugin.serving
        self.files, self.nav = Files([]), Navigation([], [])  # these and the next are those of MkDocs, from its events
        self.env: Any = None
        self.begun_at = plugin.begun_at / 1e9
        self.complete = False
        measuring = Measuring(
            self.options,
            plugin.mode,
            plugin.minutes,
            plugin.progress,
            plugin.failed,
            plugin.serving,
            plugin.stoppable,
        )
        with aborting():
            self.project = read_project(self.layout, summarised=True)
            self.site = self.loaded()
            self.rendered = Rendered()
            self.idle = not self.is_used()
            self.whole = not self.idle and (
                has_our_theme(config) or (self.site.data is not None and not self.layout.prefix)
            )
            if not self.idle:
                refuse_links_outside(self.layout.root, Path(config.docs_dir), config)
            plugin.summary = None if self.idle else measuring.bring_up_to_date(self.project, self.site)
            if plugin.summary:
                self.take_over(plugin.summary)
        self.extend_markdown()
        self.pages = Pages(self)
        if self.whole:
            publish.add_assets(config, self.layout.prefix)

    def is_used(self) -> bool:
        """Check the pages, and return whether the project has anything of ours or a page uses it."""
        known = self.has_ours()
        if known:
            self.rendered = Rendered(site_cache(self.site))
        used = check_pages(self.site, Path(self.config.docs_dir), self.rendered, self.config, self.roles)
        if not known and not used and self.site.examples:
            log.info("%s/: no page shows one of its scripts, so none is run", self.layout.examples)
        return known or used

    def has_ours(self) -> bool:
        """Whether the project has anything of ours. Its own scripts below `examples/` alone are not."""
        scripts = self.site.examples.values()
        if scripts and (self.options.examples or any(is_declared(example.source) for example in scripts)):
            return True
        return not replace(self.site, examples={}).is_empty

    @property
    def roles(self) -> frozenset[str] | None:
        """The roles that mkdocs.yml says are ours, None if it does not say."""
        return None if self.options.roles is None else frozenset(self.options.roles)

    def loaded(self) -> Site:
        site, config = load_site(self.project), self.config
        return replace(
            site,
            name=config.site_name,
            default_machine=first_machine(site, self.options.default_machine),
            address=self.layout.published(config.site_url or ""),
            author=self.options.author or config.site_author or config.site_name,
            licence=self.options.license,
            text_licence=self.options.text_license,
            gallery=self.options.gallery,
            online=self.options.launch,
            edition=self.edition,
        )

    def take_over(self, summary: RunSummary) -> None:
        """Take over what was measured, and the reasons why the rest was not."""
        if summary.results or summary.outcomes:
            if summary.results:
                self.project = read_project(self.layout, self.project.records, summarised=True)
                self.site = self.loaded()
            self.site = replace(self.site, outcomes=summary.outcomes)
            self.rendered = Rendered(site_cache(self.site))

    def extend_markdown(self) -> None:
        self.extension.site = self.site
        self.extension.problems = []
        self.extension.rendered = self.rendered
        self.extension.roles = self.roles
        self.extension.whole = self.whole
        extensions: list[Any] = self.config.markdown_extensions
        others = [name for name in extensions if name != "stackdoc" and not isinstance(name, StackdocExtension)]
        extensions[:] = [*others, self.extension]

    def with_ours(self, files: Files) -> Files:
        """Add to the files what is generated."""
        if self.idle:
            return files
        config, prefix = self.config, self.layout.prefix
        with aborting():
            target = Path(config.site_dir)  # cleared by now
            self.rendered.write = write_below(target / prefix)
            added = publish.add_pages(self.site, self.rendered, files, config, self.options.in_nav)
        self.material.repair_files(files, config)
        if self.pages.searches:
            own_search.replace_worker(files, config, domain(self.site).search_hints(self.site), prefix)
        addresses = publish.addresses(files, config, prefix)
        self.pages.prepare(added, finish.Destination(write_below(target), addresses, config.site_url or ""))
        if config.nav:
            paths = [file.src_uri for file in files]
            config.nav = expand(config.nav, paths, domain(self.site).ranks(self.site), prefix)
        return files

    @property
    def is_repeatable(self) -> bool:
        """Whether the build was complete, and nothing took part in it that might do more than we know."""
        return self.complete and self.pages.outputs is not None and self.pages.outputs.cache is not None

    def takes_texts(self, paths: list[Path]) -> bool:
        """Check edited pages, and take their texts into the site; False if more than these pages depends on them.

        Raises Abort with the problems of the pages.
        """
        with aborting():
            site = replace(self.loaded(), outcomes=self.site.outcomes)
            if site_digest(site) != site_digest(self.site):
                return False
            if site.data != self.site.data:
                self.site = self.extension.site = site
                self.pages.take(site)
            check_texts(self.site, Path(self.config.docs_dir), paths, self.rendered, self.roles)
        return True

    def refuse_problems(self) -> None:
        """End the build with the problems of the pages, if there are any."""
        if problems := self.extension.problems:
            self.extension.problems = []
            with aborting():
                raise StackdocError(problems)

    def prepare_templates(self, env: Any, files: Files) -> None:
        """Give the templates what they show of ours; end the build with the problems of the pages."""
        self.refuse_problems()
        self.env, self.files = env, files
        env.globals["stackdoc_prefix"] = self.layout.prefix
        env.globals["stackdoc_switch"] = machine_switch.switch(self.site)
        self.pages.find_known(env, files, self.nav)

    def finish(self) -> None:
        """Write what no page of the engine has, after all pages."""
        if self.idle:
            return
        with aborting():
            destination = Path(self.config.site_dir)
            contents.write_downloads(self.site, self.rendered, destination)
            contents.write_records(self.site, self.rendered, destination, self.pages.target.addresses)
            contents.write_exports(self.site, self.rendered)
            if not self.serving and self.edition is None:
                editions.carry(self.site, destination, self.pages.target.addresses)
        self.pages.report()
        self.material.report()
        contents.tidy(self.layout.root, self.begun_at)
        self.complete = True


def write_below(folder: Path) -> Callable[[str, str], None]:
    return lambda path, content: contents.write(folder / path, content)
