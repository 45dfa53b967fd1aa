"""What only a browser can show: how large text is, and what of a wide table stays in view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from stackdoc.adapters.contents import ASSETS, joined
from stackdoc.project import Layout
from stackdoc.render.pages import record as record_page
from stackdoc.site.site import Site
from stackdoc.stack.domain import STACK
from stackdoc.stack.handbook import Handbook
from stackdoc.stack.merge import crosswalk
from tests.browsing import serving
from tests.made import two_machines
from tests.made.pages import html
from tests.made.stack import made_stack, made_taxonomy

SIZES = """() => [...document.body.querySelectorAll('*:not(svg *)')]
  .filter((one) => [...one.childNodes].some((text) => text.nodeType === 3 && text.data.trim()) && one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 80), parseFloat(getComputedStyle(one).fontSize)])"""
WIDTHS = """() => [...document.querySelectorAll('.sd-scroll')]
  .map((one) => [one.firstChild.offsetWidth, one.clientWidth, getComputedStyle(one).backgroundAttachment])"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=[1440, 360])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """The page of a record with a figure, its data and its tables, everything unfolded."""
    place = tmp_path_factory.mktemp("record")
    site = two_machines.site(place)
    whole = next(page for page in record_page.pages(site, site.records["aaaaaaaaaaaa"]) if page.kind == "html")
    for path, text in (("index.html", whole.text), (f"{ASSETS}/stackdoc.css", joined(".css"))):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, "utf-8")
    with serving(place) as address:
        opened = browser.new_page(viewport={"width": request.param, "height": 900})
        opened.goto(address)
        opened.evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)")
        yield opened
        opened.close()


def test_the_text_of_a_record_is_as_large_as_that_of_a_page(page: Page) -> None:
    sizes = page.evaluate(SIZES)
    assert len(sizes) > 50
    assert [one for one in sizes if one[1] < 16] == []


def test_a_table_takes_the_width_there_is_and_what_it_lacks_is_shaded(page: Page) -> None:
    """The last two backgrounds stay at the edges; the first two, of paper, move with the table and cover them."""
    widths = page.evaluate(WIDTHS)
    assert any(table > wrapper for table, wrapper, _ in widths) == (page.evaluate("innerWidth") == 360)
    assert {attached for *_, attached in widths} == {"local, local, scroll, scroll"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


FIRST_CELLS = """() => [...document.querySelectorAll('table.sd-crosswalk')].map((table) => {
  const wrapper = table.parentElement;
  wrapper.scrollLeft = wrapper.scrollWidth;
  wrapper.scrollIntoView();
  const frame = wrapper.getBoundingClientRect();
  return [wrapper.scrollLeft, [...table.rows].map((row) => {
    const cell = row.cells[0], box = cell.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + 3, box.top + 3);
    const seen = box.top + 3 > innerHeight || cell.contains(top);
    return [box.left - frame.left, box.width / frame.width, seen, getComputedStyle(cell).backgroundColor];
  })];
})"""


@pytest.mark.parametrize("width", [1440, 820, 360])
def test_the_first_column_of_a_wide_crosswalk_stays_in_view(tmp_path: Path, browser: Browser, width: int) -> None:
    guest = made_taxonomy("a-guest-with-a-long-name", "g", "chip | node | code | model | app")
    more = tuple(made_taxonomy(f"source-{number}", f"l{number}", "chip | node code | app") for number in range(4))
    stack = made_stack()
    stack = replace(
        stack,
        taxonomies=stack.taxonomies + more,
        guests=(replace(guest, source=replace(guest.source, guest=True)),),
    )
    site = Site(Layout(tmp_path), {}, {}, subject=STACK, data=Handbook(stack=stack))
    text = f'<link rel="stylesheet" href="a.css"><article class="md-typeset">{html(crosswalk.page(site))}</article>'
    (tmp_path / "index.html").write_text(f'<!doctype html><meta charset="utf-8">{text}', "utf-8")
    (tmp_path / "a.css").write_text(joined(".css"), "utf-8")
    with serving(tmp_path) as address:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(address)
        tables = page.evaluate(FIRST_CELLS)
        page.close()
    assert len(tables) == 4
    scrolled = [distance for distance, _ in tables]
    assert max(scrolled) > 100 or width == 1440
    for _, cells in tables:
        for left, share, visible, colour in cells:
            assert abs(left) <= 1
            assert share <= 0.5
            assert visible
            assert colour.startswith("rgb(")
