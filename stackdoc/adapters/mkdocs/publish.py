"""What the core renders becomes part of the build: pages, notebooks, assets, records, exports."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import astuple
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import normalize_url

from stackdoc import adapters, render
from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.finish import head_of, twin_of
from stackdoc.adapters.mkdocs.notebooks import notebook_file
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.project import FIGURES, NOTEBOOK_PAGES, STATE, TWINS, Layout
from stackdoc.render import exports
from stackdoc.render.cache import forget
from stackdoc.render.citation import head
from stackdoc.render.domain import domain
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages import all as pages
from stackdoc.render.pages import record as records
from stackdoc.render.pages import redirects
from stackdoc.site.site import Site

ASSETS = "assets/stackdoc"
FOLDERS = (Path(render.__path__[0]) / "assets", Path(adapters.__path__[0]) / "assets")


def add_assets(config: MkDocsConfig, prefix: str) -> None:
    """Our style sheet and our script, once, before the project's own so that those win."""
    remove_assets(config, prefix)
    config.extra_css.insert(0, f"{prefix}{ASSETS}/stackdoc.css")
    config.extra_javascript.insert(0, f"{prefix}{ASSETS}/stackdoc.js")


def remove_assets(config: MkDocsConfig, prefix: str) -> None:
    for listed, name in ((config.extra_css, "stackdoc.css"), (config.extra_javascript, "stackdoc.js")):
        if (path := f"{prefix}{ASSETS}/{name}") in listed:
            listed.remove(path)


def add_to_page(context: Any, page: Any, config: MkDocsConfig, prefix: str) -> None:
    """Add our style sheet and our script to one page, also for themes that read them from its context."""
    add_assets(config, prefix)
    for name in ("extra_css", "extra_javascript"):
        context[name] = [normalize_url(str(path), page, context["base_url"]) for path in config[name]]


def joined(suffix: str) -> str:
    """All our style sheets, or scripts, as one file: a page waits for one answer, not for four."""
    found = [path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix == suffix]
    return "\n".join(path.read_text("utf-8") for path in found)


def overlook(observer: Any, layout: Layout) -> None:
    """Make the server's observer ignore what a build writes itself: it calls for no other build."""
    schedule, written = observer.schedule, (layout / layout.records, layout / STATE)

    def scheduled(handler: Any, *given: Any, **more: Any) -> Any:
        noticed = handler.on_any_event

        def noticed_of_others(event: Any) -> None:
            path = Path(os.fsdecode(event.src_path))
            if "__pycache__" not in path.parts and not any(path.is_relative_to(folder) for folder in written):
                noticed(event)

        handler.on_any_event = noticed_of_others
        return schedule(handler, *given, **more)

    observer.schedule = scheduled


def add_pages(site: Site, rendered: Rendered, files: Files, config: MkDocsConfig, in_nav: bool = False) -> list[File]:
    """Add the generated pages, except where a page is written by hand; style sheets, scripts and fonts.

    Returns the pages. Unless they are `in_nav`, none is in a navigation that does not name it.
    Raises StackdocError where a file of the project has the address of something generated.
    """
    prefix = site.layout.prefix
    existing = sorted(own_path(file.src_uri, prefix) for file in files if is_page(file) and is_below(file, prefix))

    def made(assets: Assets) -> str:
        return json.dumps([astuple(page) for page in pages.generated(site, existing, assets)])

    generated = [Page(*fields) for fields in json.loads(rendered.text("\n".join(["pages", *existing]), made))]
    inclusion = InclusionLevel.INCLUDED if in_nav else InclusionLevel.NOT_IN_NAV
    added = [page_file(page, prefix, config, inclusion) for page in generated]
    refuse_one_address(added, written_later(site), files, site)
    for file in added:
        files.append(file)
    for suffix in (".css", ".js"):
        files.append(File.generated(config, f"{prefix}{ASSETS}/stackdoc{suffix}", content=joined(suffix)))
    for folder in FOLDERS:
        for path in sorted(path for path in folder.glob("*/**/*") if path.is_file()):
            name = f"{prefix}{ASSETS}/{path.relative_to(folder).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
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


def written_later(site: Site) -> list[str]:
    """Return what is published without MkDocs, as paths below the site; the rest has an id or a digest in its name."""
    paths = [records.index(site).path, *(page.path for page in redirects.pages(site))]
    return [f"{site.layout.prefix}{path}" for path in paths]


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


def write_downloads(site: Site, rendered: Rendered, destination: Path) -> None:
    """Write those of examples whose page is written by hand; the others came with their pages."""
    for example in site.examples:
        if not (destination / f"{site.layout.prefix}examples/{example}.ipynb").exists():
            head_of(site, example, rendered)


def with_head(site: Site, html: str, file: File) -> str:
    """Return the page with a link to its Markdown; that of a layer also with the tags of reference managers."""
    source = own_path(file.src_uri, site.layout.prefix)
    parts = [domain(site).head(site, source), head.of_markdown(PurePosixPath(twin_of(file.dest_uri)).name)]
    return html.replace("</head>", f"{''.join(parts)}</head>", 1)


def description_of(site: Site, source: str) -> str:
    """Return what the data say of the page with that source: the domain's words, or those of an example."""
    match = re.fullmatch(r"examples/(.+)\.(ipynb|md)", source)
    example = site.examples.get(match[1]) if match else None
    return domain(site).description(site, source) or (head.description(example) if example else "")


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


def write_records(site: Site, rendered: Rendered, destination: Path, addresses: Addresses) -> None:
    """Write the records' pages, out of navigation and search, and their files."""
    for page in (records.index(site), *redirects.pages(site)):
        write_page(page, destination, addresses)
    for _, record in sorted(site.records.items()):

        def made(assets: Assets, record: Record = record) -> str:
            return json.dumps([astuple(page) for page in records.pages(site, record, assets)])

        for fields in json.loads(rendered.text(f"record\n{record.id}", made)):
            write_page(Page(*fields), destination, addresses)


def write_page(page: Page, destination: Path, addresses: Addresses) -> None:
    path = f"{addresses.prefix}{page.path}"
    text = addresses.relative(page.text, path.removesuffix("index.html")) if page.kind == "html" else page.text
    write(destination / path, text)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def write_exports(site: Site, destination: Path) -> None:
    """Write the data for programs; a project without a domain publishes none."""
    for name, content in exports.files(site, site.address).items() if site.data is not None else ():
        write(destination / f"{site.layout.prefix}{name}", content)


def tidy(root: Path) -> None:
    """Remove what earlier builds cached and none has asked for since."""
    for folder in (FIGURES, TWINS, NOTEBOOK_PAGES):
        forget(root / folder)
