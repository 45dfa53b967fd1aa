"""The handbook, read as its readers do."""

from __future__ import annotations

import gzip
import json
import math
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook as data_of
from stackdoc.stack.merge.coverage import collisions
from stackdoc.stack.taxonomies.types import divided
from stackdoc.statistics import quantity
from tests.browsing import serving
from tests.made.repository import ROOT

PAGES = (
    "",
    "layers/kernels/",
    "layers/operations/",
    "sources/8-layer/",
    "crosswalk/",
    "disagreements/",
    "examples/kernels/gemm/",
)


def open_page(browser: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    """A page that was read to its end, and all that it asked for or complained about."""
    page = browser.new_context(**options).new_page()
    wrong: list[str] = []
    host = urlsplit(address).netloc
    page.on(
        "request", lambda request: wrong.append(request.url) if urlsplit(request.url).netloc not in (host, "") else None
    )
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address, wait_until="networkidle")
    return page, wrong


def test_every_layer_plane_and_source_has_a_page(handbook: Path, handbook_site: Site) -> None:
    layers = {path.parent.name for path in handbook.glob("layers/*/index.html")}
    sources = {path.parent.name for path in handbook.glob("sources/*/index.html")}
    stack = data_of(handbook_site).stack
    assert layers == {place.id for place in stack.places}
    assert sources == {taxonomy.source.id for taxonomy in stack.sources}


def test_data_and_records_are_published_as_they_are(handbook: Path) -> None:
    for folder in ("data", "records"):
        originals = [path for path in (ROOT / "docs" / folder).rglob("*") if path.is_file()]
        assert originals
        for path in originals:
            assert (handbook / path.relative_to(ROOT / "docs")).read_bytes() == path.read_bytes()
    for name in ("crosswalk.json", "stack.ttl", "stack.jsonld", "records.json"):
        assert (handbook / "data" / name).stat().st_size > 100


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_asks_nobody_else_and_has_no_error(
    handbook: Path, browser: Browser, path: str, scheme: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serving(handbook) as address:
        page, wrong = open_page(browser, address + path, color_scheme=scheme)
        pictures = tmp_path_factory.getbasetemp() / "screenshots"
        pictures.mkdir(exist_ok=True)
        page.screenshot(path=pictures / f"{path.strip('/').replace('/', '-') or 'home'}-{scheme}.png", full_page=True)
        assert wrong == []
        assert page.locator("h1").count() == 1


@pytest.mark.browser
def test_the_index_of_the_search_is_fetched_when_the_search_is_opened(handbook: Path, browser: Browser) -> None:
    with serving(handbook) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}layers/kernels/", wait_until="networkidle")
        assert not [url for url in asked if "search_index" in url]
        page.keyboard.press("/")
        page.keyboard.type("roofline")
        page.locator(".md-search-result__item a").first.wait_for()
        assert [url for url in asked if "search_index" in url]


@pytest.mark.browser
def test_a_phone_fetches_a_page_of_190_kilobytes_at_most(handbook: Path, browser: Browser) -> None:
    """As a host packs it; text is packed by gzip, the rest as it is."""
    fetched: list[Path] = []
    with serving(handbook) as address:
        page = browser.new_page(viewport={"width": 412, "height": 823})
        page.on("request", lambda request: fetched.append(handbook / unquote(urlsplit(request.url).path).lstrip("/")))
        page.goto(f"{address}layers/kernels/", wait_until="networkidle")
    files = [path / "index.html" if path.is_dir() else path for path in fetched if path.exists()]
    assert len(files) > 4
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 190_000


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scrolling(handbook: Path, browser: Browser, path: str) -> None:
    with serving(handbook) as address:
        page, _ = open_page(browser, address + path, viewport={"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


NUMBER = re.compile(r'<data class="sd-value"([^>]*)>(.*?)</data>')


@pytest.mark.bar(6)
def test_every_number_is_its_record_s(handbook: Path, handbook_site: Site) -> None:
    """Every injected number has the value that its record gives, and prints no digit that the value has not."""
    seen: set[tuple[str, str]] = set()
    for path in handbook.rglob("index.html"):
        text = path.read_text("utf-8")
        assert len(NUMBER.findall(text)) == text.count('class="sd-value"'), path
        seen.update(NUMBER.findall(text))
    timed = {id for id, record in handbook_site.records.items() if any(point.kind == "time" for point in record.points)}
    assert timed
    assert timed <= {id for attributes, _ in seen for id in re.findall('data-record="([^"]*)"', attributes)}
    for attributes, shown in seen:
        said = {name: unescape(value) for name, value in re.findall('([a-z-]+)="([^"]*)"', attributes)}
        record, spoken, value = handbook_site.records[said["data-record"]], said["data-quantity"], float(said["value"])
        key, _, name = spoken.rpartition(";")
        figure = quantity(record, key, name, handbook_site.roofs(record))
        assert figure is not None, spoken
        assert said["data-machine"] in (handbook_site.machine_key(record), record.machine.id)
        assert value == figure.value, (spoken, value)
        printed = unescape(re.sub("<[^>]+>", "", shown)).strip()
        number = re.match(r"[\d.\u2009\u202f]+", printed.replace("−", ""))
        assert number is not None, printed
        width = 0.0 if figure.low is None or figure.high is None else figure.high - figure.low
        is_lost = not number[0].strip("0.") and abs(value) <= width  # in an interval wider than itself
        assert same_digits(number[0], value) or is_lost, (spoken, printed, value)


def same_digits(printed: str, value: float) -> bool:
    """The printed number is the value to half a unit of its last digit, whatever power of ten the unit took away.

    Zeros at the end of a whole number may be digits or only hold its place; a tie goes either way.
    """
    digits = re.sub(r"[\u2009\u202f.]", "", printed).lstrip("0")
    if not digits or not value:
        return not digits and not value
    numbers = (int(digits[:count]) for count in range(len(digits.rstrip("0")), len(digits) + 1))
    powers = ((number, round(math.log10(number / abs(value)))) for number in numbers)
    return any(abs(abs(value) * 10.0**near - number) <= 0.5 + 1e-9 * number for number, near in powers)


@pytest.mark.browser
def test_an_id_in_capitals_leads_to_its_record(handbook: Path, browser: Browser, handbook_site: Site) -> None:
    """As hosts do, the server answers with the site's own page for what it does not have."""
    id = next(id for id in sorted(handbook_site.records) if id != id.upper())
    with serving(handbook) as address:
        page = browser.new_page()
        page.route(f"**/r/{id.upper()}/", lambda route: route.fulfill(status=404, path=handbook / "404.html"))
        page.goto(f"{address}r/{id.upper()}/")
        page.wait_for_url(f"{address}r/{id}/")
        assert id in page.inner_text("body")


@pytest.mark.browser
def test_a_number_said_is_translated(handbook: Path, browser: Browser, handbook_site: Site) -> None:
    stack = data_of(handbook_site).stack
    number = next(collision.label for collision in collisions(stack) if collision.label.isdigit())
    named = stack.taxonomies[0].layers[-1]
    with serving(handbook) as address:
        page, wrong = open_page(browser, address + "crosswalk/")
        rows = page.locator("table.sd-translate tbody tr:visible")
        everything = rows.count()
        for said in (f"layer {number}", number, f"L{number}"):
            page.get_by_label("Translate").fill(said)
            assert [row.inner_text() for row in rows.locator("h3").all()] == [f"Layer {number}"]
        page.get_by_label("Translate").fill(named.name)
        assert f"Layer {named.label}" in [row.inner_text() for row in rows.locator("h3").all()]
        page.get_by_label("Translate").fill("")
        labels = {row.label for source in stack.sources for row in source.layers}
        assert rows.count() == everything == len(labels | {whole for label in labels if (whole := divided(label))})
        assert wrong == []


@pytest.mark.browser
def test_without_javascript_the_text_the_tables_and_the_figures_are_there(handbook: Path, browser: Browser) -> None:
    with serving(handbook) as address:
        page, wrong = open_page(browser, address + "layers/silicon/", java_script_enabled=False)
        assert wrong == []
        assert page.locator("article figure svg").first.is_visible()
        assert page.locator("article table:visible").first.is_visible()
        assert page.locator("data.sd-value").first.is_visible()


@pytest.mark.browser
def test_every_layer_of_the_tower_leads_to_its_page(handbook: Path, browser: Browser, handbook_site: Site) -> None:
    with serving(handbook) as address:
        page, _ = open_page(browser, address)
        links = {str(link.evaluate("a => a.href")) for link in page.locator(".sd-tower a").all()}
        for place in data_of(handbook_site).stack.places:
            assert f"{address}layers/{place.id}/" in links


def test_the_exports_hold_what_the_pages_hold(handbook: Path, handbook_site: Site) -> None:
    exported = json.loads((handbook / "data/records.json").read_text("utf-8"))
    text = json.dumps(exported)
    assert all(record in text for record in handbook_site.records)


@pytest.mark.browser
def test_each_page_s_markdown_holds_the_numbers_that_its_reader_sees(
    handbook: Path, browser: Browser, handbook_site: Site
) -> None:
    with serving(handbook) as address:
        page, _ = open_page(browser, f"{address}layers/kernels/")
        name = page.locator('link[type="text/markdown"]').get_attribute("href")
        shown = page.eval_on_selector_all(
            "article p a.sd-measured data",
            "all => all.filter((one) => one.checkVisibility()).map((one) => one.innerText)",
        )
    text = (handbook / "layers/kernels" / str(name)).read_text("utf-8")
    assert text.startswith("# ")
    for number in shown:
        assert " ".join(number.split()) in text
    assert not re.search(r"<(?!-)", text.split("```")[0])
    assert len(list(handbook.glob("examples/*/*/index.md"))) == len(handbook_site.examples)
