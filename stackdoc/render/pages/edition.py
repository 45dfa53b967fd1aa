"""The pages about editions, which say what has changed since, and the line on each page of an edition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from markupsafe import Markup

from stackdoc.model.edition import Edition
from stackdoc.project import EDITIONS_AT
from stackdoc.records.signatures.signature import Signature
from stackdoc.render.citation import cite, head
from stackdoc.render.citation.editions import edition_reference
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Page
from stackdoc.render.sections import Changes
from stackdoc.site.site import Site

MOST_NAMED = 8  # sections in a line


def note(path: str, edition: Edition, prefix: str) -> Markup:
    """Return the line on the page of an edition whose file is `path`; it links to what has changed since.

    The line never changes, so a script adds what the page about the edition says of this one.
    """
    here = path.removesuffix("index.html")
    up = "../" * (path.count("/") + 2)
    about = f"{up}editions/{edition.name}/"
    now = f"{up}{'../' * prefix.count('/')}{here}"
    return element(
        "p",
        element("strong", f"Edition {edition.name}"),
        f" of {edition.date}, which does not change. ",
        element("a", "What has changed since", href=f"{about}#{page_id(path)}"),
        "; ",
        element("a", "this page now", href=now),
        ". ",
        element("span", class_="sd-since", data_since=f"{about}since.json", data_page=page_id(path)),
        class_="sd-status",
        data_status="edition",
    )


def page_id(path: str) -> str:
    """Return the anchor of a page's line: `layers/kernels`; the home page has `home`."""
    place = PurePosixPath(path)
    page = place.parent if place.stem == "index" else place.with_suffix("")
    return "home" if page == PurePosixPath() else page.as_posix()


def index(site: Site, signatures: Mapping[str, Signature]) -> Page:
    """Return the list of the editions."""
    rows = [
        document.row(
            element("a", edition.name, href=f"/editions/{edition.name}/"),
            edition.date,
            element("a", edition.address, href=_path(edition)),
            _doi(edition),
            str(signatures[edition.name]),
        )
        for edition in site.editions
    ]
    table = document.table("Editions, the newest first", ("Edition", "Made on", "Address", "DOI", "Signature"), rows)
    return _complete(site, "editions/index.html", "Editions", [element("h1", "Editions"), table])


def pages(site: Site, edition: Edition, signature: Signature, since: Mapping[str, Changes]) -> Iterator[Page]:
    """Yield the page about an edition, and what it says of each page as JSON."""
    work = edition_reference(edition)
    ordered = sorted(since.items(), key=lambda entry: (entry[1].is_empty, entry[0]))
    rows = [document.row(_page_link(edition, path), sentence(change), id=page_id(path)) for path, change in ordered]
    changed = sum(not change.is_empty for change in since.values())
    facts = [
        ("Made on", edition.date),
        ("Address", element("a", edition.address, href=_path(edition))),
        ("Commit", element("code", edition.commit) if edition.commit else ""),
        ("DOI", _doi(edition)),
        (
            "Files",
            element("a", document.count(len(edition.files), "file"), href=f"/editions/{edition.name}/manifest.json"),
        ),
        ("SHA-256 of the manifest", element("code", edition.digest)),
        ("Signature", str(signature)),
        ("Licence", edition.licence),
    ]
    caption = f"{changed} of {document.count(len(rows), 'page')} {'has' if changed == 1 else 'have'} changed since"
    body = [
        element("h1", work.title),
        document.definitions(facts, TERSE),
        element("h2", "What has changed since", id="since"),
        document.table(caption, ("Page in this edition", "Since then"), rows) if rows else None,
        element("h2", "Cite this edition", id="cite"),
        cite.block(site, work),
    ]
    yield _complete(site, f"editions/{edition.name}/index.html", work.title, body, head.of_edition(edition, work))
    sentences = {page_id(path): sentence(change) for path, change in sorted(since.items())}
    text = json.dumps(sentences, ensure_ascii=False, indent=0) + "\n"
    yield Page(f"editions/{edition.name}/since.json", work.title, text, "file")


def sentence(change: Changes) -> str:
    """Say which sections have changed."""
    if change.gone:
        return "The page is no longer part of the site."
    if change.is_empty:
        return "Nothing has changed since."
    parts = [("Changed since", change.changed), ("Added", change.added), ("Removed", change.removed)]
    words = [f"{word}: {_listed(titles)}." for word, titles in parts if titles]
    kept = f"{document.count(change.kept, 'section')} as before." if change.kept else ""
    return " ".join(filter(None, [*words, kept]))


def _listed(titles: tuple[str, ...]) -> str:
    named = [f"“{line(title)}”" if title else "the beginning" for title in titles[:MOST_NAMED]]
    more = len(titles) - len(named)
    return document.enumeration([*named, f"{more} more"] if more else named)


def _page_link(edition: Edition, path: str) -> Markup:
    """Link the page of the edition whose Markdown is at `path`."""
    place = PurePosixPath(path)
    page = f"{place.parent.as_posix()}/" if place.stem == "index" else place.with_suffix(".html").as_posix()
    return element("a", page_id(path), href=f"{_path(edition)}{page.removeprefix('./')}")


def _path(edition: Edition) -> str:
    """Return the address of the edition from the root of the generated pages."""
    return f"/{EDITIONS_AT}/{edition.name}/"


def _doi(edition: Edition) -> object:
    return element("a", edition.doi, href=f"https://doi.org/{edition.doi}") if edition.doi else ""


def _complete(site: Site, path: str, title: str, blocks: list[Markup | None], tags: Markup | str = "") -> Page:
    """Return a complete document, outside of the theme like the pages of records."""
    metadata = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        tags,
        element("link", rel="icon", href="data:,"),
        element("link", rel="stylesheet", href="/assets/stackdoc/stackdoc.css"),
        element("script", src="/assets/stackdoc/stackdoc.js", defer=True),
    ]
    way = element("p", element("a", site.title or "Home", href="/"), " / ", element("a", "editions", href="/editions/"))
    body = element("main", way, *blocks, class_="md-typeset sd-record")
    html = element(
        "html", element("head", join(metadata)), element("body", body, data_md_color_scheme="default"), lang="en"
    )
    return Page(path, title, f"<!doctype html>\n{html}\n", "html")
