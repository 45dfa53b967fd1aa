"""What a site contains besides the pages of its engine: generated pages, styles and scripts, records, exports.

Nothing here depends on an engine; an adapter for one decides where each of them goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from stackdoc import adapters, render
from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.archives import archives
from stackdoc.adapters.finish import head_of
from stackdoc.adapters.rendered import BINARY, Rendered
from stackdoc.model.record import Record
from stackdoc.project import CONVERSIONS, FIGURES, NOTEBOOK_PAGES, OUTPUTS, RENDERED, TWINS, make_state_folder
from stackdoc.render import exports
from stackdoc.render.cache import digest, forget
from stackdoc.render.citation import head
from stackdoc.render.domain import domain
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages import all as pages
from stackdoc.render.pages import record as records
from stackdoc.render.pages import redirects, verify_box
from stackdoc.site.site import Site

ASSETS = "assets/stackdoc"
CSS_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
FOLDERS = (Path(render.__path__[0]) / "assets", Path(adapters.__path__[0]) / "assets")


def generated_pages(site: Site, existing: Sequence[str], rendered: Rendered) -> list[Page]:
    """Return the generated pages, except those that `existing` paths replace; cached with the files they need."""

    def made(assets: Assets) -> str:
        return json.dumps([astuple(page) for page in pages.generated(site, existing, assets)])

    return [Page(*fields) for fields in json.loads(rendered.text("\n".join(["pages", *existing]), made))]


def styles_and_scripts() -> dict[str, str]:
    """Return our style sheet and our script by their paths: one file each, so that a page waits for one answer."""
    return {f"{ASSETS}/stackdoc{suffix}": joined(suffix) for suffix in (".css", ".js")}


def static_files() -> dict[str, Path]:
    """Return the other files that our styles need, such as fonts: where each is published, and where it is."""
    return {
        f"{ASSETS}/{path.relative_to(folder).as_posix()}": path
        for folder in FOLDERS
        for path in sorted(folder.glob("*/**/*"))
        if path.is_file()
    }


def joined(suffix: str) -> str:
    """Return all our style sheets, or all our scripts, as one text, without the comments of style sheets."""
    paths = [path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.suffix == suffix]
    text = "\n".join(path.read_text("utf-8") for path in paths)
    return CSS_COMMENT.sub("", text) if suffix == ".css" else text


def written_later(site: Site) -> list[str]:
    """Return the paths below the site that no page of the engine has, except those with an id or a digest in them."""
    archive = ["examples.zip"] if site.gallery else []
    paths = [records.index(site).path, verify_box.LIST, *(page.path for page in redirects.pages(site)), *archive]
    return [f"{site.layout.prefix}{path}" for path in paths]


def description_of(site: Site, source: str) -> str:
    """Return what the data say of the page with that source: the domain's words, or those of an example."""
    match = re.fullmatch(r"examples/(.+)\.(ipynb|md)", source)
    example = site.examples.get(match[1]) if match else None
    return domain(site).description(site, source) or (head.description(example) if example else "")


def write_records(site: Site, rendered: Rendered, destination: Path, addresses: Addresses) -> None:
    """Write the records' pages, out of navigation and search, and their files."""
    for page in (records.index(site), verify_box.record_list(site), *redirects.pages(site)):
        write_page(page, destination, addresses)
    places = digest(repr(addresses))
    for _, record in sorted(site.records.items()):

        def made(assets: Assets, record: Record = record) -> str:
            for page in records.pages(site, record, assets):
                assets.add(page.path, _text(page, addresses).encode())
            return ""

        rendered.text(f"record\n{record.id}\n{places}", made)


def write_page(page: Page, destination: Path, addresses: Addresses) -> None:
    write(destination / f"{addresses.prefix}{page.path}", _text(page, addresses))


def _text(page: Page, addresses: Addresses) -> str:
    """Return the content of the page with its addresses relative to it."""
    place = f"{addresses.prefix}{page.path}".removesuffix("index.html")
    return addresses.relative(page.text, place) if page.kind == "html" else page.text


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", BINARY) if isinstance(content, str) else content)


def write_exports(site: Site, rendered: Rendered) -> None:
    """Write the data for programs; a project without a domain publishes none."""

    def made(assets: Assets) -> str:
        for name, content in exports.files(site, site.address).items():
            assets.add(name, content)
        return ""

    if site.data is not None:
        rendered.text("exports", made)


def write_downloads(site: Site, rendered: Rendered, destination: Path) -> None:
    """Write those of examples whose page is written by hand, and archives; the others came with their pages."""
    for example in site.examples:
        if not (destination / f"{site.layout.prefix}examples/{example}.ipynb").exists():
            head_of(site, example, rendered)
    below = destination / site.layout.prefix
    for path, content in archives(site, below) if site.gallery else ():
        write(below / path, content)


def tidy(root: Path, since: float) -> None:
    """Bound what builds have cached, and keep it out of version control; a build has begun at `since`."""
    with suppress(OSError):  # a checkout that can't be written to has no cache
        make_state_folder(root)
    forget((root / folder for folder in (FIGURES, RENDERED, TWINS, NOTEBOOK_PAGES, CONVERSIONS, OUTPUTS)), since)
