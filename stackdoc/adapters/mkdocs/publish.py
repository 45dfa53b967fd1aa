"""Putting into the build what the core renders: pages, notebooks, assets, records, exports."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from stackdoc import adapters, render
from stackdoc.adapters.addresses import relative
from stackdoc.adapters.finish import head_of, twin_of
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.model.record import Record
from stackdoc.project import FIGURES, NOTEBOOKS, TWINS
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


def add_assets(config: MkDocsConfig) -> None:
    """Our style sheet and our script, before the project's own so that those win."""
    config.extra_css[:0] = [f"{ASSETS}/stackdoc.css"]
    config.extra_javascript[:0] = [f"{ASSETS}/stackdoc.js"]


def joined(suffix: str) -> str:
    """All our style sheets, or scripts, as one file: a page waits for one answer, not for four."""
    found = [path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix == suffix]
    return "\n".join(path.read_text("utf-8") for path in found)


def overlook(observer: Any, records: Path) -> None:
    """Lets the server's observer pass over what a build writes itself: it calls for no other build."""
    schedule = observer.schedule

    def scheduled(handler: Any, *given: Any, **more: Any) -> Any:
        noticed = handler.on_any_event

        def noticed_of_others(event: Any) -> None:
            path = Path(os.fsdecode(event.src_path))
            if not path.is_relative_to(records) and "__pycache__" not in path.parts:
                noticed(event)

        handler.on_any_event = noticed_of_others
        return schedule(handler, *given, **more)

    observer.schedule = scheduled


def add_pages(site: Site, rendered: Rendered, files: Files, config: MkDocsConfig) -> list[File]:
    """Generated pages, except where a page is written by hand; style sheets, scripts and fonts. Gives the pages.

    Raises StackdocError where a file under another name has the address of a generated page.
    """
    existing = sorted(file.src_uri for file in files if file.src_uri.endswith((".md", ".ipynb")))

    def made(assets: Assets) -> str:
        return json.dumps([astuple(page) for page in pages.generated(site, existing, assets)])

    found = json.loads(rendered.text("\n".join(["pages", *existing]), made))
    added = [page_file(Page(*fields), site.root, config) for fields in found]
    refuse_one_address(added, files, site.root)
    for file in added:
        files.append(file)
    for suffix in (".css", ".js"):
        files.append(File.generated(config, f"{ASSETS}/stackdoc{suffix}", content=joined(suffix)))
    for folder in FOLDERS:
        for path in sorted(path for path in folder.glob("*/**/*") if path.is_file()):
            name = f"{ASSETS}/{path.relative_to(folder).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return added


def refuse_one_address(added: Iterable[File], files: Files, root: Path) -> None:
    """A page that somebody wrote would be gone from the site without a word where a generated one lies on it."""
    theirs = {file.dest_uri: file for file in files if file.inclusion.is_included()}
    problems = []
    for file in added:
        path = PurePosixPath(file.src_uri).with_suffix(".md")
        page = File(str(path), None, file.dest_dir, file.use_directory_urls)  # a notebook becomes one later
        if page.dest_uri in theirs:
            taken = theirs[page.dest_uri]
            name = os.path.relpath(taken.abs_src_path, root) if taken.abs_src_path else taken.src_uri
            message = f"has the address {page.url} of the generated page {file.src_uri}"
            hint = f"move it to another address, or to {path} to replace that page"
            problems.append(Problem(name, 0, "", message, hint))
    if problems:
        raise StackdocError(problems)


def page_file(page: Page, root: Path, config: MkDocsConfig) -> File:
    """The page as MkDocs wants it; a notebook must lie on disk, since mkdocs-jupyter reads it there."""
    if page.kind != "notebook":
        return File.generated(config, page.path, content=page.text)
    folder = root / NOTEBOOKS
    place = folder / page.path
    if not place.exists() or place.read_text("utf-8") != page.text:
        write_atomically(place, page.text.encode())  # another build may read it
    return File(page.path, str(folder), config.site_dir, config.use_directory_urls)


def write_downloads(site: Site, rendered: Rendered, destination: Path) -> None:
    """Those of examples whose page is written by hand; the others came with their pages."""
    for example in site.examples:
        if not (destination / f"examples/{example}.ipynb").exists():
            head_of(site, example, rendered)


def with_head(site: Site, html: str, file: File) -> str:
    """The page with the way to its Markdown, and that of a layer with what reference managers read, under any theme."""
    parts = [domain(site).head(site, file.src_uri), head.of_markdown(PurePosixPath(twin_of(file.dest_uri)).name)]
    return html.replace("</head>", f"{''.join(parts)}</head>", 1)


def description_of(site: Site, source: str) -> str:
    """What the data say of the page whose source is given: the domain's, or that of an example."""
    example = site.examples.get(re.sub(r"^examples/(.+)\.(ipynb|md)$", r"\1", source))
    return domain(site).description(site, source) or (head.description(example) if example else "")


def addresses(files: Files, config: MkDocsConfig) -> dict[str, str] | None:
    """Where a page lies that others know by its directory; None where a server finds that out."""
    if config.use_directory_urls:
        return None
    pages = [file.src_uri for file in files if file.src_uri.endswith((".md", ".ipynb"))]
    plain = {page: re.sub(r"\.\w+$", "", page) for page in pages}
    directories = {page: re.sub(r"(^|/)(index|README)$", r"\1", name) for page, name in plain.items()}
    return {
        f"{directory}/" if directory and not directory.endswith("/") else directory: f"{plain[page]}.html"
        for page, directory in directories.items()
    }


def write_records(site: Site, rendered: Rendered, destination: Path, files: Mapping[str, str] | None = None) -> None:
    """The records' pages, out of navigation and search, and their files."""
    for page in (records.index(site), *redirects.pages(site)):
        write_page(page, destination, files)
    for _, record in sorted(site.records.items()):

        def made(assets: Assets, record: Record = record) -> str:
            return json.dumps([astuple(page) for page in records.pages(site, record, assets)])

        for fields in json.loads(rendered.text(f"record\n{record.id}", made)):
            write_page(Page(*fields), destination, files)


def write_page(page: Page, destination: Path, files: Mapping[str, str] | None) -> None:
    url = page.path.removesuffix("index.html")
    write(destination / page.path, relative(page.text, url, files) if page.kind == "html" else page.text)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def write_exports(site: Site, destination: Path, address: str) -> None:
    """The data for programs; a project without a domain publishes none."""
    for name, content in exports.files(site, address).items() if site.data is not None else ():
        write(destination / name, content)


def tidy(root: Path) -> None:
    """Drops what earlier builds kept and none has asked for since."""
    for folder in (FIGURES, TWINS):
        forget(root / folder)
