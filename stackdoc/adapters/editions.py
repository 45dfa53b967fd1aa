"""Editions: a built site is frozen into an archive, and later builds publish it unchanged beside themselves."""

from __future__ import annotations

import hashlib
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stackdoc.adapters import contents
from stackdoc.adapters.addresses import Addresses
from stackdoc.errors import Problem, StackdocError
from stackdoc.files import DAMAGED, write_archive, write_atomically
from stackdoc.model.edition import Edition
from stackdoc.project import EDITIONS, EDITIONS_AT, Layout
from stackdoc.records.signatures.signature import PROJECT, sign
from stackdoc.render.citation.editions import edition_reference
from stackdoc.render.citation.formats import FORMATS
from stackdoc.render.pages import edition as edition_page
from stackdoc.render.sections import Changes, changes, sections
from stackdoc.site.editions import MANIFEST, manifest, signature_of, text_problems
from stackdoc.site.site import Site

log = logging.getLogger(__name__)
LEFT_OUT = ("sitemap.xml", "sitemap.xml.gz", "robots.txt")  # search engines find the current pages
REVISION = re.compile(r'<meta name="citation_technical_report_number" content="([0-9a-f]+)"')
PLACES = [re.compile(rf"<{tag}\b[^>]*>") for tag in ("article", "main", "body")]  # of the line, the first that is there
IGNORED = "*.zip\n"
MAXIMUM_BYTES = 256 << 20  # of a file


def freeze(site: Site, built: Path, edition: Edition, key: Path | None = None) -> tuple[Path, Path]:
    """Make an edition of the site in the directory `built`, and return its manifest and its archive.

    The manifest and the pages as Markdown are for version control, the archive is not. `key` signs the manifest.
    Raises StackdocError if it can't, and OSError.
    """
    layout = site.layout
    reference = edition_reference(edition)
    files = dict(sorted(_files(built, layout.prefix, edition)))
    files["CITATION.cff"] = FORMATS["cff"].write(reference).encode()
    pages = {path: match for path, content in files.items() if (match := _revision(path, content))}
    made = replace(
        edition,
        revisions={path.removesuffix("index.html"): revision for path, revision in pages.items()},
        files={path: hashlib.sha256(content).hexdigest() for path, content in files.items()},
    )
    content = manifest(made)
    signature = sign(content, key, PROJECT) if key else None
    folder = layout / layout.edition(edition.name)
    for path, text in files.items():
        if path.endswith(".md"):
            contents.write(folder / "text" / path, text)
    archive = archive_of(layout, edition.name)
    archive.parent.mkdir(parents=True, exist_ok=True)
    write_archive(archive, files)
    if not (ignored := layout / EDITIONS / ".gitignore").exists():
        ignored.write_text(IGNORED, "utf-8")
    if signature:
        write_atomically(folder / f"{MANIFEST}.sig", signature)
    write_atomically(folder / MANIFEST, content)
    return folder / MANIFEST, archive


def archive_of(layout: Layout, name: str) -> Path:
    """Return the file with the files of an edition."""
    return layout / f"{layout.edition(name)}.zip"


def carry(site: Site, destination: Path, addresses: Addresses) -> None:
    """Publish the editions in the site at `destination`, with a page each on what has changed since.

    Raises StackdocError if a file is not what the manifest states; warns if an archive is missing.
    """
    layout = site.layout
    problems: list[Problem] = []
    for edition in site.editions:
        problems += text_problems(layout, edition)
        archive = archive_of(layout, edition.name)
        if archive.is_file():
            problems += _unpack(archive, edition, destination / layout.prefix / EDITIONS_AT / edition.name)
        else:
            file = archive.relative_to(layout.root)
            log.warning(
                "%s: is missing, so edition %s is not published; get it from where it is kept", file, edition.name
            )
    signatures = {edition.name: signature_of(layout, edition, problems) for edition in site.editions}
    if problems:
        raise StackdocError(problems)
    for edition in site.editions:
        since = dict(_since(layout, edition, destination, site.address))
        for page in edition_page.pages(site, edition, signatures[edition.name], since):
            contents.write_page(page, destination, addresses)
        source = layout / layout.edition(edition.name)
        for path in sorted(source.glob(f"{MANIFEST}*")):
            contents.write(destination / f"{layout.prefix}{EDITIONS}/{edition.name}/{path.name}", path.read_bytes())
    if site.editions:
        contents.write_page(edition_page.index(site, signatures), destination, addresses)


def _files(built: Path, prefix: str, edition: Edition) -> Iterator[tuple[str, bytes]]:
    """Yield each file of the edition with its content; pages state which edition they belong to."""
    for path in built.rglob("*"):
        name = path.relative_to(built).as_posix()
        if not path.is_file() or name in LEFT_OUT:
            continue
        content = path.read_bytes()
        yield name, _marked(name, content, prefix, edition) if name.endswith(".html") else content


def _marked(path: str, content: bytes, prefix: str, edition: Edition) -> bytes:
    """Return a page with a line on its edition, and kept out of search engines, which find the current page."""
    html = content.decode()
    if 'name="robots"' not in html:
        html = html.replace("</head>", '<meta name="robots" content="noindex, follow"></head>', 1)
    place = next((match for tag in PLACES if (match := tag.search(html))), None)
    if place and path != "404.html":  # which is shown at any address
        html = f"{html[: place.end()]}{edition_page.note(path, edition, prefix)}{html[place.end() :]}"
    return html.encode()


def _revision(path: str, content: bytes) -> str:
    match = REVISION.search(content.decode()) if path.endswith(".html") else None
    return match[1] if match else ""


def _unpack(archive: Path, edition: Edition, destination: Path) -> list[Problem]:
    """Write the files of the archive that the manifest lists; return those that are missing or different."""
    file = f"{EDITIONS}/{archive.name}"
    problems = []
    try:
        with zipfile.ZipFile(archive) as packed:
            sizes = {entry.filename: entry for entry in packed.infolist()}
            problems += [Problem(file, 0, name, "is not part of the edition") for name in sizes.keys() - edition.files]
            for name, digest in edition.files.items():
                content = _read(packed, sizes.get(name))
                if hashlib.sha256(content).hexdigest() != digest:
                    problems.append(Problem(file, 0, name, "is not what the manifest states"))
                else:
                    contents.write(destination / name, content)
    except (OSError, *DAMAGED) as error:
        problems.append(Problem(file, 0, "", f"can't be read: {error}", "get the archive of the edition again"))
    return problems


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None) -> bytes:
    """Return the content of an entry, at most one byte more than a file may have."""
    if entry is None:
        return b""
    with archive.open(entry) as stream:
        return stream.read(MAXIMUM_BYTES + 1)


def _since(layout: Layout, edition: Edition, destination: Path, address: str) -> Iterator[tuple[str, Changes]]:
    """Yield each page of the edition, by the path of its Markdown, with what has changed since."""
    roots = (edition.root, address)
    for path in edition.files:
        if path.endswith(".md"):
            old = (layout / layout.edition(edition.name) / "text" / path).read_text("utf-8")
            now = destination / path
            before = sections(old, roots)
            yield path, changes(before, sections(now.read_text("utf-8"), roots) if now.is_file() else None)
