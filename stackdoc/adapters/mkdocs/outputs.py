"""Whole pages as earlier builds wrote them: a page whose article and surroundings are the same has the same template.

Only in builds in which we know everything that takes part: the themes and the search of MkDocs and of Material.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import mkdocs
from jinja2 import ChoiceLoader, DictLoader
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_build_datetime

from stackdoc.adapters.material import has_our_theme
from stackdoc.adapters.mkdocs.conversions import token
from stackdoc.adapters.mkdocs.described import Undescribable, described
from stackdoc.adapters.mkdocs.templates import compiled_templates
from stackdoc.adapters.rendered import code_digest
from stackdoc.project import OUTPUTS
from stackdoc.render.cache import TextCache, digest

THEMES = ("material", "mkdocs", "readthedocs")
SHOWN_IN_NAVIGATION = ("icon", "status", "subtitle")  # by the templates of THEMES
SEARCHES = ("mkdocs.contrib.search", "material.plugins.search.plugin")
OURS = "stackdoc.adapters.mkdocs.plugin"
PLACES = {"config_file_path", "docs_dir", "site_dir", "watch"}  # where the project is
OF_NAVIGATION = {"nav", "exclude_docs", "draft_docs", "not_in_nav"}  # the navigation is compared itself
OF_CONVERSION = {"markdown_extensions", "mdx_configs"}
LEFT_OUT = PLACES | OF_NAVIGATION | OF_CONVERSION | {"plugins", "hooks", "theme", "dev_addr", "strict"}
Tags = Callable[[Page], str]  # returns what is added to the head of a page
EMPTY = "stackdoc-unchanged.html"  # the template of a page whose output is known


class Outputs:
    """The pages of one build whose output is known before their template is filled."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache: TextCache | None = None
        self.env: Any = None
        self.requests: dict[str, str] = {}  # by the path of the page's source
        self.templates: dict[str, str | None] = {}  # what the pages whose output is known had in `template`
        self.made = 0  # pages whose template was filled in this build

    def prepare(self, env: Any, config: MkDocsConfig, files: Files, nav: Navigation, tags: Tags) -> None:
        """Find the pages whose output is known, and give them a template that costs nothing."""
        self.env, self.requests, self.templates = env, {}, {}
        try:
            surroundings = [settings(config), str(env.globals.get("stackdoc_switch")), *_navigation(nav, config)]
        except Undescribable:
            self.cache = None
            return
        self.cache = TextCache(self.root, OUTPUTS, digest(code_digest(), *surroundings))
        for page in _pages(files):
            self.ask(page, config, tags)
            if (request := self.requests.get(page.file.src_uri)) and self.cache.get(request) is not None:
                self.templates[page.file.src_uri] = page.meta.get("template")
                page.meta["template"] = EMPTY
        packages = ("mkdocs", "mkdocs-material") if config.theme.name == "material" else ("mkdocs",)
        env.bytecode_cache = env.bytecode_cache or compiled_templates(packages, env.extensions)
        env.loader = ChoiceLoader([DictLoader({EMPTY: ""}), env.loader])

    def ask(self, page: Page, config: MkDocsConfig, tags: Tags) -> None:
        """Determine what the output of the page is stored under."""
        self.requests.pop(page.file.src_uri, None)
        with suppress(Undescribable):
            self.requests[page.file.src_uri] = _request(page, config, tags(page))

    def known(self, page: Page) -> dict[str, Any] | None:
        """Return what is known of the page: its `output`, its `entries` in the search, and `repairs` of the theme."""
        if self.cache is None or page.file.src_uri not in self.templates:
            return None
        if name := self.templates[page.file.src_uri]:
            page.meta["template"] = name
        else:
            del page.meta["template"]
        stored = self.cache.get(self.requests[page.file.src_uri])
        return None if stored is None else dict(json.loads(stored))

    def filled(self, page: Page, context: Any) -> str | None:
        """Return the template of a page that was known and has been removed from the cache since; None for others."""
        if page.file.src_uri not in self.templates:
            return None
        return str(self.env.get_template(page.meta.get("template", "main.html")).render(context))

    def store(self, page: Page, **output: Any) -> None:
        self.made += 1
        if self.cache and page.file.src_uri in self.requests:
            self.cache.put(self.requests[page.file.src_uri], json.dumps(output, default=str))


def search_plugins(config: MkDocsConfig) -> list[Any]:
    """Return the search of MkDocs or of Material, whichever the build has."""
    return [plugin for plugin in config.plugins.values() if type(plugin).__module__ in SEARCHES]


def entries(config: MkDocsConfig) -> list[Any]:
    """Return the entries of the search so far; they may be changed."""
    indexes = [getattr(plugin, "search_index", None) for plugin in search_plugins(config)]
    found = [getattr(index, "entries", getattr(index, "_entries", None)) for index in indexes]
    return next((listed for listed in found if isinstance(listed, list)), [])


def shown_elsewhere(page: Page, config: MkDocsConfig) -> str:
    """Return what other pages show of this one; custom templates may show more. Raises Undescribable."""
    custom = config.theme.custom_dir is not None and not has_our_theme(config)
    meta = {key: page.meta[key] for key in page.meta if custom or key in SHOWN_IN_NAVIGATION}
    return described([page.url, page.file.src_uri, str(page.title), meta])


def _pages(files: Files) -> Iterator[Page]:
    for file in files.documentation_pages(inclusion=InclusionLevel.is_included):
        if file.page is not None and file.page.content is not None:
            yield file.page


def settings(config: MkDocsConfig) -> str:
    """Return what the templates of all pages have in common. Raises Undescribable where we do not know all of it."""
    if config.theme.name not in THEMES or config.hooks:
        raise Undescribable(config.theme.name)
    plugins = {}
    for name, plugin in config.plugins.items():
        if type(plugin).__module__ not in (*SEARCHES, OURS):
            raise Undescribable(name)
        plugins[name] = dict(plugin.config)
    of_site = {key: config[key] for key in config if key not in LEFT_OUT}
    theme = {key: value for key, value in config.theme.items() if key != "locale"}
    return "\n".join([described([of_site, theme, str(config.theme.locale), plugins]), _templates(config)])


def _templates(config: MkDocsConfig) -> str:
    """Return a digest of the theme's files, except those that come with a package, whose version is in ours."""
    packages = [Path(mkdocs.__file__).parent]
    if config.theme.name == "material":
        import material

        packages.append(Path(material.__file__).parent)
    own = [Path(folder) for folder in config.theme.dirs]
    own = [folder for folder in own if not any(folder.is_relative_to(package) for package in packages)]
    files = ((folder, path) for folder in own for path in sorted(folder.rglob("*")) if path.is_file())
    return digest(
        *(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for folder, path in files)
    )


def _navigation(nav: Navigation, config: MkDocsConfig) -> Iterator[str]:
    """Yield a text for each entry of the navigation, in order and with its depth."""

    def below(items: list[Any], depth: int) -> Iterator[str]:
        for item in items:
            title = shown_elsewhere(item, config) if item.is_page else described([item.title, getattr(item, "url", "")])
            yield f"{depth} {type(item).__name__} {title}"
            yield from below(item.children or [], depth + 1)

    return below(nav.items, 0)


def _request(page: Page, config: MkDocsConfig, tags: str) -> str:
    """Return what the output of one page is made from besides its surroundings."""
    neighbours = [neighbour and neighbour.url for neighbour in (page.previous_page, page.next_page)]
    above = [str(section.title) for section in page.ancestors]
    toc = [token(item) for item in page.toc]
    dated = page.is_homepage and config.theme.name != "material"
    facts = [
        page.file.src_uri, page.file.dest_uri, str(page.title), dict(page.meta), page.edit_url, page.canonical_url,
        toc, neighbours, above, tags, str(get_build_datetime()) if dated else "",
    ]  # fmt: skip
    return digest(described(facts), page.content or "")
