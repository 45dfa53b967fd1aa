"""The generated pages of the handbook: complete, linked, and without an anchor twice."""

from __future__ import annotations

import re
from html import unescape

import pytest

from stackdoc.render.html.page import Page
from stackdoc.render.pages import all as all_pages
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook as data_of
from tests.made.pages import Elements, html


def address(path: str) -> str:
    return "/" + re.sub(r"(^|/)index$", "", path.removesuffix(".md"))


@pytest.fixture(scope="module")
def handbook(handbook_site: Site) -> dict[str, Page]:
    return {page.path: page for page in all_pages.generated(handbook_site, set()) if page.kind == "markdown"}


@pytest.fixture(scope="module")
def read(handbook: dict[str, Page]) -> dict[str, Elements]:
    return {path: Elements(html(page)) for path, page in handbook.items()}


def test_every_layer_source_and_atom_of_the_handbook_appears(handbook: dict[str, Page], handbook_site: Site) -> None:
    found = data_of(handbook_site).stack
    crosswalk = unescape(handbook["crosswalk.md"].text)
    assert all(f"layers/{place.id}.md" in handbook and place.name in crosswalk for place in found.places)
    assert all(atom.name in crosswalk for atom in found.atoms)
    for one in found.sources:
        text = unescape(handbook[f"sources/{one.source.id}.md"].text)
        assert all(layer.description in text and layer.name in text for layer in one.layers)
        assert all(slip.meant.rstrip(".") in text for slip in one.errata)
        assert all(layer.qualified in crosswalk for layer in one.layers)


def test_every_link_and_anchor_leads_somewhere(
    handbook: dict[str, Page], read: dict[str, Elements], handbook_site: Site
) -> None:
    known = {address(path) for path in handbook}
    data = data_of(handbook_site)
    examples = {f"/examples/{id}" for id in handbook_site.examples}
    files = {f"/{page.path}" for page in all_pages.generated(handbook_site, set()) if page.kind == "file"}
    by_hand = {f"/alternatives/{id}" for id in data.alternatives}
    by_hand |= {address(page) for pages in data.uses.by_law.values() for page, _ in pages}
    for path, page in read.items():
        own = address(path)
        for link in page.links:
            if link.startswith(("http", "/data/", "/r/", "layers/")):  # the last of decisions: MkDocs resolves them
                continue
            place, _, fragment = link.partition("#")
            place = place.rstrip("/") or own
            assert place in known | examples | files | by_hand, f"{path}: {link}"
            if fragment:
                target = next(name for name in (f"{place}.md", f"{place}/index.md") if name[1:] in read)[1:]
                assert fragment in read[target].ids, f"{path}: {link}"


def test_no_page_uses_an_anchor_twice(read: dict[str, Elements]) -> None:
    for path, page in read.items():
        assert len(page.ids) == len(set(page.ids)), (path, sorted({id for id in page.ids if page.ids.count(id) > 1}))
