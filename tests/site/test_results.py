"""What a reader does with the results in a real browser: asks, filters a comparison, and calculates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from stackdoc.render.citation.head import of_reports
from tests.browsing import serving


@pytest.fixture(scope="module")
def address(handbook: Path) -> Iterator[str]:
    with serving(handbook) as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()


def test_a_question_on_the_first_page_is_searched(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_label("Ask", exact=True).fill("torch.compile")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".md-search-result__link").first).to_be_visible(timeout=20_000)
    assert page.locator("[data-md-component=search-query]").input_value() == "torch.compile"


def test_the_first_page_has_six_cards_and_no_two_of_one_layer(address: str, page: Page) -> None:
    page.goto(address)
    cards = page.locator("ul.sd-results > li")
    assert cards.count() == 6
    layers = [cards.nth(at).locator(".sd-result__layer").inner_text() for at in range(6)]
    assert len(set(layers)) == 6
    for at in range(6):
        assert cards.nth(at).locator(".sd-verdict:visible").count() == 1
        assert cards.nth(at).locator(".sd-result__says > span:visible").count() == 1


def test_the_outcomes_of_a_comparison_are_buttons(handbook: Path, address: str, page: Page) -> None:
    place = next(path.parent.name for path in sorted(handbook.glob("compare/*-against-*/index.html")))
    page.goto(f"{address}compare/{place}/")
    folds = page.locator("details.sd-compared")
    assert folds.count() > 5
    assert page.locator("details.sd-compared[open]").count() == 0
    button = page.locator(".sd-filters button").first
    outcome, _, number = button.inner_text().rpartition(" ")
    button.click()
    rows = page.locator("tr[data-outcome]:visible")
    assert rows.count() == int(number)
    assert {rows.nth(at).get_attribute("data-outcome") for at in range(rows.count())} == {outcome}
    button.click()
    assert page.locator("details.sd-compared[open]").count() == 0


def test_a_calculation_follows_its_fields_and_can_be_cited(address: str, page: Page) -> None:
    page.goto(f"{address}layers/serving/")
    form = page.locator("form#calculator-decoding")
    output = form.locator("output[name=weights]")
    assert output.inner_text().replace("\u00a0", " ") == "140 GB"
    form.locator("input[name=parameters]").fill("7e9")
    assert output.inner_text() == "14 GB"
    assert "#calculator-decoding?parameters=7e9" in page.url
    page.goto("about:blank")
    page.goto(f"{address}layers/serving/#calculator-decoding?parameters=7e9&weight-size=8")
    assert output.inner_text() == "7 GB"
    form.locator("input[name=bandwidth]").fill("-3")
    problem = form.locator(".sd-calculator__problem")
    expect(problem).to_be_visible()
    assert "Memory bandwidth" in problem.inner_text()
    assert "impossible" in problem.inner_text()
    form.locator("input[name=bandwidth]").fill("fast")
    assert "is not a number" in problem.inner_text()


def drawn(form: Locator) -> list[float]:
    """Every number of the drawing; the script and the build may differ in the last digit."""
    drawing = form.locator(".sd-calculator__plot > svg")
    inside = drawing.inner_html() if drawing.count() else ""
    return [float(number) for number in re.findall(r"(?<=[\"MVH ])[\d.]+(?=[%VHM \"])", inside)]


def test_a_script_computes_and_draws_what_the_build_did(address: str, page: Page) -> None:
    page.goto(f"{address}calculators/")
    assert page.locator("form.sd-calculator").count() == 5
    for form in page.locator("form.sd-calculator").all():
        outputs, nearest = form.locator("output"), form.locator(".sd-calculator__nearest")
        before = [text.replace("\u00a0", " ").replace("\u202f", " ") for text in outputs.all_inner_texts()]
        curve, machine = drawn(form), nearest.all_inner_texts()
        field = form.locator("input").first
        value = field.input_value()
        field.fill("13e5")
        assert outputs.all_inner_texts() != before
        field.fill(value)
        assert [text.replace("\u202f", " ") for text in outputs.all_inner_texts()] == before
        assert drawn(form) == pytest.approx(curve, abs=0.011)
        assert nearest.all_inner_texts() == machine
    assert len(drawn(page.locator("#calculator-decoding"))) > 100


def test_measured_points_appear_on_the_curve_of_their_model(address: str, page: Page) -> None:
    page.goto(f"{address}calculators/")
    form = page.locator("#calculator-decoding")
    assert form.locator("circle").count() == 0
    link = form.locator(".sd-calculator__plot p a").first
    machine = link.inner_text()
    link.click()
    expect(form.locator("circle").nth(2)).to_be_attached()
    caption = form.locator("figcaption").inner_text().replace("\u00a0", " ")
    assert "measured on " + machine.replace("\u00a0", " ") in caption
    form.locator("input[name=layers]").fill("31")
    assert form.locator("circle").count() == 0
    assert page.locator("figcaption a").count() == 0


def test_what_has_no_result_is_said_in_words(address: str, page: Page) -> None:
    page.goto(f"{address}calculators/#calculator-compiling?compiled=6700")
    form = page.locator("#calculator-compiling")
    assert form.locator("output[name=even]").inner_text() == "never: a compiled call is not faster"
    form.locator("input[name=eager]").fill("0")
    assert "impossible" in form.locator(".sd-calculator__problem").inner_text()


def test_a_device_fills_in_its_numbers(address: str, page: Page) -> None:
    page.goto(f"{address}layers/serving/")
    form = page.locator("form#calculator-decoding")
    options = form.locator("select[name=preset-device] option").all_inner_texts()
    measured = next(option for option in options if "measured" in option)
    form.locator("select[name=preset-device]").select_option(label=measured)
    assert 1 < float(form.locator("input[name=bandwidth]").input_value()) < 200
    assert form.locator(".sd-calculator__problem:visible").count() == 0


@pytest.mark.parametrize("width", [360, 820])
def test_no_part_of_the_results_is_wider_than_a_small_screen(address: str, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in ("", "compare/", "layers/serving/", "machines/", "calculators/"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()


def test_each_section_offers_to_report_a_mistake_where_there_is_a_repository(
    handbook: Path, address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}glossary/")
    assert page.locator(".sd-report").count() == 0
    text = (handbook / "guide/cite/index.html").read_text("utf-8")
    tag = str(of_reports("https://github.com/o/r", "2026-11-30"))
    page.route("**/guide/cite/", lambda route: route.fulfill(body=text.replace("</head>", f"{tag}</head>", 1)))
    page.goto(f"{address}guide/cite/")
    sections = page.locator(".md-typeset :is(h2, h3) > a.headerlink:not(.sd-report)")
    links = page.locator("a.sd-report")
    expect(links).to_have_count(sections.count())
    href = parse_qs(urlsplit(str(links.first.get_attribute("href"))).query)
    name = page.locator("h2").first.inner_text().partition("¶")[0].split("\n")[0].strip()
    assert href["title"] == [f"Mistake in “{name}”"]
    assert "guide/cite/#" in href["body"][0]
    assert "Edition: figures up to 2026-11-30" in href["body"][0]
    assert links.first.get_attribute("aria-label") == f"Report a mistake in “{name}”"
    page.emulate_media(media="print")
    assert not links.first.is_visible()
    page.close()
