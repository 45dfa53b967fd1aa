"""What only a browser can show of a record's page: how large its text is, and that no table is cut without a sign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from stackdoc.adapters.contents import ASSETS, joined
from stackdoc.render.pages import record as record_page
from tests.browsing import serving
from tests.made import two_machines

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
