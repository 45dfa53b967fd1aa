"""axe-core finds nothing on any kind of page, light and dark, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from stackdoc.site.site import Site
from tests.browsing import serving

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN = """async (rules) => (await axe.run(document, {resultTypes: ['violations'], ...rules})).violations.flatMap(
  (one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`))"""
COLOURS: dict[str, object] = {"runOnly": ["color-contrast", "link-in-text-block"]}  # all that a scheme can change
SIZE: dict[str, object] = {"runOnly": ["target-size"], "rules": {"target-size": {"enabled": True}}}
LAID_OUT = ".sd-part { content-visibility: visible !important }"  # else sizes change while axe compares them
TARGETS = (
    "layers/kernels/", "layers/serving/", "layers/silicon/", "layers/fabric/", "layers/framework/",
    "examples/kernels/gemm/", "alternatives/tokenizers/", "guide/cite/", "r/*", "machines/*",
)  # fmt: skip
KINDS = (
    "", "layers/", "layers/kernels/", "layers/serving/", "layers/operations/", "sources/8-layer/", "crosswalk/",
    "disagreements/", "errata/", "claims/", "facts/", "systems/", "glossary/", "numbers/", "examples/kernels/gemm/",
    "machines/", "guide/author/", "guide/launches/", "project/", "project/decisions/0010-forked-launches/", "404.html",
    "alternatives/", "alternatives/tokenizers/", "compare/", "environments/", "changelog/", "decisions/",
    "systems/torch-compile/", "guide/cite/",
)  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(handbook: Path) -> Iterator[str]:
    with serving(handbook) as served:
        yield served


@pytest.fixture(scope="module", params=[360, 1280])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def of_each(folder: str, handbook: Path) -> str:
    return sorted(f"{folder}/{path.parent.name}/" for path in handbook.glob(f"{folder}/*/index.html"))[0]


@pytest.mark.parametrize("kind", [*KINDS, "r/*", "machines/*"])
def test_axe_finds_nothing(handbook: Path, page: Page, address: str, kind: str) -> None:
    path = of_each(kind.removesuffix("/*"), handbook) if kind.endswith("/*") else kind
    schemes: dict[Literal["light", "dark"], dict[str, object]] = {"light": {}, "dark": COLOURS}
    for scheme, rules in schemes.items():
        page.emulate_media(color_scheme=scheme)
        page.goto(address + path, wait_until="load")
        page.evaluate(AXE)
        assert page.evaluate(RUN, rules) == [], (path, scheme)


@pytest.mark.parametrize("kind", TARGETS)
def test_targets_are_large_enough(handbook: Path, page: Page, address: str, kind: str) -> None:
    path = of_each(kind.removesuffix("/*"), handbook) if kind.endswith("/*") else kind
    page.goto(address + path, wait_until="load")
    page.add_style_tag(content=LAID_OUT)
    page.wait_for_timeout(200)  # buttons and boxes of scripts
    page.evaluate(AXE)
    assert page.evaluate(RUN, SIZE) == [], path


@pytest.mark.parametrize("path", ["", "layers/kernels/"])
def test_nothing_moves_while_a_page_opens_on_a_phone(browser: Browser, address: str, path: str) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script(
        "window.shifts = []; const seen = (list) => shifts.push(...list.getEntries().map((one) => one.value));"
        "new PerformanceObserver(seen).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(address + path, wait_until="networkidle")
    assert sum(page.evaluate("shifts")) < 0.02


def test_a_mark_says_by_keyboard_what_it_says_by_mouse(browser: Browser, address: str, handbook_site: Site) -> None:
    """Value, unit, interval and count, with the machine and the record that they come from."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}layers/kernels/")
    figure = page.locator("figure.sd-figure[data-record]").first
    figure.scroll_into_view_if_needed()  # marks can be reached where the reader is near them
    mark = figure.locator(".sd-svg--wide [role=graphics-symbol][aria-label*='interval'][tabindex]").first
    record = handbook_site.records[str(figure.get_attribute("data-record"))]
    for open_tip in (mark.focus, mark.hover):
        open_tip()
        said = page.locator(".sd-tip").inner_text().replace("\u00a0", " ")
        assert "95 % interval" in said
        assert "launches" in said
        assert record.id in said
        page.keyboard.press("Escape")
        assert not page.locator(".sd-tip").is_visible()
        page.locator("h1").hover()


def test_a_word_of_the_glossary_shows_its_definition_by_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}layers/kernels/")
    term = page.locator("a.sd-term").first
    anchor = str(term.get_attribute("href")).rpartition("#")[2]
    term.focus()
    said = page.locator(".sd-tip").inner_text()
    term.click()
    page.wait_for_url(f"{address}glossary/#{anchor}")
    assert said in page.inner_text("article").replace("\n", " ")
