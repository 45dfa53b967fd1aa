"""What the core renders becomes part of the build: pages, notebooks, assets, records, exports."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import normalize_url

from stackdoc.adapters import contents
from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.finish import twin_of
from stackdoc.adapters.mkdocs.notebooks import notebook_file
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.render.citation import head
from stackdoc.render.domain import domain
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site

SOCIAL = ("social", "material/social")  # a plugin that writes tags for previews itself


def add_assets(config: MkDocsConfig, prefix: str) -> None:
    """Our style sheet and our script, once, before the project's own so that those win."""
    remove_assets(config, prefix)
    config.extra_css.insert(0, f"{prefix}{contents.ASSETS}/stackdoc.css")
    config.extra_javascript.insert(0, f"{prefix}{contents.ASSETS}/stackdoc.js")


def remove_assets(config: MkDocsConfig, prefix: str) -> None:
    for listed, name in ((config.extra_css, "stackdoc.css"), (config.extra_javascript, "stackdoc.js")):
        if (path := f"{prefix}{contents.ASSETS}/{name}") in listed:
            listed.remove(path)


def add_to_page(context: Any, page: Any, config: MkDocsConfig, prefix: str) -> None:
    """Add our style sheet and our script to one page, also for themes that read them from its context."""
    add_assets(config, prefix)
    for name in ("extra_css", "extra_javascript"):
        context[name] = [normalize_url(str(path), page, context["base_url"]) for path in config[name]]


def add_pages(site: Site, rendered: Rendered, files: Files, config: MkDocsConfig, in_nav: bool = False) -> list[File]:
    """Add the generated pages, except where a page is written by hand; style sheets, scripts and fonts.

    Returns the pages. Unless they are `in_nav`, none is in a navigation that does not name it.
    Raises StackdocError where a file of the project has the address of something generated.
    """
    prefix = site.layout.prefix
    existing = sorted(own_path(file.src_uri, prefix) for file in files if is_page(file) and is_below(file, prefix))

    inclusion = InclusionLevel.INCLUDED if in_nav else InclusionLevel.NOT_IN_NAV
    generated = contents.generated_pages(site, existing, rendered)
    added = [page_file(page, prefix, config, inclusion) for page in generated]
    refuse_one_address(added, contents.written_later(site), files, site)
    for file in added:
        files.append(file)
    for path, content in contents.styles_and_scripts().items():
        files.append(File.generated(config, f"{prefix}{path}", content=content))
    for path, source in contents.static_files().items():
        files.append(File.generated(config, f"{prefix}{path}", abs_src_path=str(source)))
    return added


def is_page(file: File) -> bool:
    return file.src_uri.endswith((".md", ".ipynb"))


def is_below(file: File, prefix: str) -> bool:
    """Whether the file is in the folder that is ours."""
    return file.src_uri.startswith(prefix)


def own_path(path: str, prefix: str) -> str:
    """Return the path of a file in the folder that is ours, relative to it; empty for a file outside of it."""
    return path.removeprefix(prefix) if path.startswith(prefix) else ""


def page_file(page: Page, prefix: str, config: MkDocsConfig, inclusion: InclusionLevel) -> File:
    """Return the page as MkDocs wants it."""
    path = f"{prefix}{page.path}"
    if page.kind == "notebook":
        return notebook_file(path, page.title, page.text, config, inclusion)
    return File.generated(config, path, content=page.text, inclusion=inclusion)


def edit_address(config: MkDocsConfig, path: Path) -> str | None:
    """Return where a file of the project can be edited, as MkDocs has it for pages; None if mkdocs.yml does not say."""
    if not config.edit_uri:
        return None
    base = f"{config.repo_url.rstrip('/')}/" if config.repo_url else ""
    return urljoin(urljoin(base, config.edit_uri), Path(os.path.relpath(path, config.docs_dir)).as_posix())


def refuse_one_address(added: Iterable[File], others: Collection[str], files: Files, site: Site) -> None:
    """Raise StackdocError where a generated page would replace a file of the project without a word."""
    theirs = {file.dest_uri: file for file in files if file.inclusion.is_included()}
    taken = [(file.dest_uri, file.src_uri) for file in added] + [(path, path) for path in others]
    problems = []
    for path, source in taken:
        if path in theirs:
            file = theirs[path]
            name = os.path.relpath(file.abs_src_path, site.root) if file.abs_src_path else file.src_uri
            message = f"has the address {file.url} of the generated page {source}"
            hint = "move it, or set another prefix in the options of stackdoc"
            if source.endswith((".md", ".ipynb")):
                page = PurePosixPath(source).with_suffix(".md")
                hint = f"move it to another address, or to {page} to replace that page"
            problems.append(Problem(name, 0, "", message, hint))
    if problems:
        raise StackdocError(problems)


def tags(site: Site, page: MkDocsPage, config: MkDocsConfig, whole: bool, picture: str) -> str:
    """Return the link to the page's Markdown, its tags for previews and reference managers, and its picture's.

    Only a site that is ours as a `whole` gets previews; a theme or another plugin may write those of other sites.
    """
    source = own_path(page.file.src_uri, site.layout.prefix)
    markdown = head.of_markdown(PurePosixPath(twin_of(page.file.dest_uri)).name)
    title = unescape(str(page.title or ""))
    written = domain(site).head(site, source)
    words = unescape(summary(page, config))
    name = unescape(str(config.site_name))
    previews: list[Markup] = []
    if whole and not any(plugin in config.plugins for plugin in SOCIAL):
        url = page.canonical_url or ""
        previews = head.picture(picture, title) if written else head.preview(title, words, name, url, picture)
    report = head.of_reports(site.repository, site.newest)
    return "".join(map(str, (written, *previews, report, markdown)))  # as texts: Markup escapes what it joins


def summary(page: MkDocsPage, config: MkDocsConfig) -> str:
    """Return the description of a page, or that of the site."""
    return str(page.meta.get("description") or config.site_description or "")


def with_head(html: str, tags: str) -> str:
    """Return the page with the tags in its head."""
    return html.replace("</head>", f"{tags}</head>", 1)


def addresses(files: Files, config: MkDocsConfig, prefix: str = "") -> Addresses:
    """Return where the pages of the site are, with a file for each directory unless a server finds it."""
    if config.use_directory_urls:
        return Addresses(prefix)
    plain = {file.src_uri: re.sub(r"\.\w+$", "", file.src_uri) for file in files if is_page(file)}
    directories = {page: re.sub(r"(^|/)(index|README)$", r"\1", name) for page, name in plain.items()}
    return Addresses(
        prefix,
        {
            f"{directory}/" if directory and not directory.endswith("/") else directory: f"{plain[page]}.html"
            for page, directory in directories.items()
        },
    )
