"""A staged site: all that MkDocs would build from, as files, for engines that run no plugins of MkDocs.

The pages are those of the project and the generated ones, as Markdown. The navigation is complete. What belongs to a
site besides its pages (styles, scripts, figures, records, downloads) is beside them.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from markdown import Markdown
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, get_files, set_exclusions

from stackdoc.adapters import contents, editions, finish
from stackdoc.adapters.markdown import MARKED, base_of
from stackdoc.adapters.material import has_our_theme
from stackdoc.adapters.mkdocs.build import Build
from stackdoc.adapters.mkdocs.notebooks import NotebookFile
from stackdoc.adapters.mkdocs.plugin import StackdocPlugin
from stackdoc.errors import Problem, StackdocError
from stackdoc.reading.configuration import parse_settings
from stackdoc.reading.staged_settings import EXTENSIONS, staged
from stackdoc.render.html.notebook_markdown import notebook_markdown
from stackdoc.render.pages.example import HEAD

NEEDED = ("attr_list", "fenced_code", "md_in_html", "tables", "toc")  # extensions that generated pages need
OF_MKDOCS = (
    "INHERIT",
    "hooks",
    "watch",
    "exclude_docs",
    "draft_docs",
    "not_in_nav",
    "validation",
    "strict",
    "dev_addr",
)
NOTEBOOK_LINK = re.compile(r"(\]\(|\]:\s*)([^)\s#]+)\.ipynb(?=[)\s#])")


@dataclass(frozen=True)
class StagedPage:
    """A page: `file` below the staged `docs/`, `source` below our folder, its address, whether it is `generated`."""

    file: str
    source: str
    url: str
    generated: bool

    @property
    def place(self) -> str:
        """The path of its HTML file."""
        return f"{self.url}index.html" if not self.url or self.url.endswith("/") else self.url


@dataclass(frozen=True)
class Stage:
    """The directory of a staged site, its pages, and what they are finished with."""

    directory: Path
    pages: tuple[StagedPage, ...]
    plugin: StackdocPlugin
    build: Build
    home: str
    styled: bool


def stage(configuration: Path, directory: Path, measure: str = "", minutes: float | None = None) -> Stage:
    """Write the staged site into `directory`, whose earlier stage is replaced: `mkdocs.yml` and `docs/`.

    Raises StackdocError if the directory has other files, the plugin is not used or the configuration can't be staged.
    """
    _clear(directory)
    docs = directory / "docs"
    config = load_config(str(configuration), site_dir=str(docs))  # where a build writes what belongs to pages
    plugin = config.plugins.get("stackdoc")
    if not isinstance(plugin, StackdocPlugin):
        hint = "add `- stackdoc` to plugins"
        raise StackdocError([Problem(configuration.name, 0, "plugins", "the plugin stackdoc is not used", hint)])
    if not config.use_directory_urls:
        hint = "leave it out; a stage is read from a server"
        raise StackdocError([Problem(configuration.name, 0, "use_directory_urls", "is false", hint)])
    plugin.mode, plugin.minutes = measure, minutes
    config.plugins.on_startup(command="build", dirty=False)
    try:
        config = config.plugins.on_config(config)
        build = plugin.build
        if build is None or build.idle:
            hint = "show an example in a page"
            raise StackdocError([Problem(configuration.name, 0, "", "the site has nothing of stackdoc to stage", hint)])
        files = get_files(config)
        set_exclusions(files, config)
        files = config.plugins.on_files(files, config=config)
        pages = tuple(_write(files, docs, build))
        made = Stage(directory, pages, plugin, build, config.site_url or "", has_our_theme(config))
        _write_fences(made)
        contents.write_downloads(build.site, build.rendered, docs)
        contents.write_records(build.site, build.rendered, docs, build.pages.target.addresses)
        contents.write_exports(build.site, build.rendered)
    finally:
        config.plugins.on_shutdown()
    (directory / "mkdocs.yml").write_text(_settings(configuration, config, build, made), "utf-8")
    return made


def finish_pages(stage: Stage, site: Path) -> None:
    """Finish the site that an engine has built from the stage: frames, footers, twins, deferred parts, editions."""
    target = finish.Destination(
        lambda path, text: contents.write(site / path, text), stage.build.pages.target.addresses, stage.home
    )
    for page in stage.pages:
        path = site / page.place
        html = path.read_text("utf-8")
        match = MARKED.search(html)
        if match is None:
            continue
        content = match[1]
        shows = 'class="sd-' in content
        title = re.search(r"<h1\b[^>]*>(.*?)(?:<a class=\"headerlink\"|</h1>)", content, re.DOTALL)
        article = finish.Article(
            page.source,
            page.url,
            page.place,
            re.sub("<[^>]*>", "", title[1]).strip() if title else "",
            generated=page.generated,
            shows=shows,
            styled=stage.styled,
        )
        if page.generated or shows or stage.build.whole:
            content = finish.finished(content, article, stage.build.site, stage.build.rendered, target)
        path.write_text(f"{html[: match.start()]}{content}{html[match.end() :]}", "utf-8")
    editions.carry(stage.build.site, site, target.addresses)


def _clear(directory: Path) -> None:
    """Make an empty directory of one that has an earlier stage, or nothing."""
    if directory.exists() and (
        others := {path.name for path in directory.iterdir()} - {"mkdocs.yml", "docs", "site", ".cache"}
    ):
        message = f"has files that are not of a stage, such as {min(others)}"
        raise StackdocError([Problem(str(directory), 0, "", message, "name an empty or a new directory")])
    for name in ("docs", "site", ".cache"):
        shutil.rmtree(directory / name, ignore_errors=True)
    (directory / "docs").mkdir(parents=True, exist_ok=True)


def _write(files: Files, docs: Path, build: Build) -> Iterator[StagedPage]:
    """Write all files of the site; yield its pages."""
    notebooks = {file.src_uri for file in files if isinstance(file, NotebookFile)}
    addresses = build.pages.target.addresses
    for file in files:
        if not file.inclusion.is_included():
            continue
        ours = file.src_uri in build.pages.ours
        if not file.is_documentation_page():
            contents.write(docs / file.dest_uri, file.content_bytes)
            continue
        text, path = file.content_string, file.src_uri
        if isinstance(file, NotebookFile):
            path = str(PurePosixPath(path).with_suffix(".md"))
            text = notebook_markdown(file.notebook, HEAD)
            if (example := finish.example_of(build.site, build.pages.source_of(file))) is not None:
                text = text.replace(HEAD, finish.head_of(build.site, example, build.rendered), 1)
        text = addresses.relative(text, base_of(path)) if ours else _linked(text, path, notebooks)
        contents.write(docs / path, text)
        yield StagedPage(path, build.pages.source_of(file), file.url, ours)


def _linked(text: str, path: str, notebooks: set[str]) -> str:
    """Return a page of the project whose links to our notebooks lead to their staged pages."""

    def replaced(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), f"{match[2]}.ipynb"))
        return f"{match[1]}{match[2]}.md" if target in notebooks else match[0]

    return NOTEBOOK_LINK.sub(replaced, text)


def _write_fences(stage: Stage) -> None:
    """Render the fences of all pages, so that the files that they need are in the stage."""
    extension = stage.build.extension
    reader = Markdown(extensions=[extension])
    for page in stage.pages:
        extension.file = f"{stage.build.site.layout.docs}/{page.file}"
        text = (stage.directory / "docs" / page.file).read_text("utf-8")
        reader.preprocessors["stackdoc_fence"].run(text.split("\n"))
        reader.reset()


def _settings(configuration: Path, config: MkDocsConfig, build: Build, stage: Stage) -> str:
    """Return the configuration of the staged site."""
    text = configuration.read_text("utf-8-sig")
    written = parse_settings(text)
    options = {"root": str(build.layout.root), "machine": build.site.default_machine, "staged": True}
    theme = written.get("theme", {})
    theme = {"name": theme} if isinstance(theme, str) else {**theme}
    own = theme.pop("custom_dir", "")
    if own and not stage.styled:
        theme["custom_dir"] = str((build.layout.root / own).resolve())
    prefix = f"{build.layout.prefix}{contents.ASSETS}/stackdoc"
    settings = {
        "docs_dir": "docs",
        "site_dir": "site",
        "plugins": ["search"],
        "theme": theme,
        "extra_css": _first(f"{prefix}.css", written.get("extra_css")),
        "extra_javascript": _first(f"{prefix}.js", written.get("extra_javascript")),
        **({"nav": _renamed(config.nav, {page.file for page in stage.pages})} if config.nav else {}),
    }
    extensions = {**{name: {} for name in NEEDED if name not in _names(written)}, "stackdoc": options}
    try:
        return staged(text, settings, extensions, OF_MKDOCS)
    except ValueError as error:
        raise StackdocError([Problem(configuration.name, 0, "", f"can't be staged: {error}")]) from error


def _names(settings: Mapping[str, Any]) -> set[str]:
    """Return the names of the Markdown extensions in the configuration."""
    given = settings.get(EXTENSIONS) or ()
    return {name for entry in given for name in (entry if isinstance(entry, dict) else [entry])}


def _first(path: str, others: object) -> list[object]:
    return [path, *(others if isinstance(others, list) else [])]


def _renamed(nav: Any, pages: set[str]) -> Any:
    """Return the navigation with the staged page of each notebook."""
    if isinstance(nav, dict):
        return {title: _renamed(entry, pages) for title, entry in nav.items()}
    if isinstance(nav, list):
        return [_renamed(entry, pages) for entry in nav]
    page = str(PurePosixPath(nav).with_suffix(".md")) if isinstance(nav, str) and nav.endswith(".ipynb") else nav
    return page if page in pages else nav
