"""Everything is measured again: who follows an old link sees the old figure, and is led to the new one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from stackdoc.project import Layout
from stackdoc.records import store
from tests.browsing import serving
from tests.made.built import Project

pytestmark = pytest.mark.browser


@pytest.fixture
def generations(project: Project) -> tuple[Project, list[str], dict[str, str]]:
    """The project built twice, the links of the first build into records, and the text of its record pages."""
    old = [path.name for path in (project.site / "r").iterdir() if path.is_dir()]
    texts = {id: (project.site / "r" / id / "index.html").read_text("utf-8") for id in old}
    links = [f"r/{id}/#{point.key}" for id in old for point in store.read_all(Layout(project.root), [])[id].points]
    ended = project.run("stackdoc", "build", "--strict", STACKDOC_MEASURE="always")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return project, links, texts


def figure(page: Page, fragment: str) -> str:
    """The figure of the section that the fragment leads to."""
    return page.locator(f'[id="{fragment}"] .sd-point__value').inner_text()


@pytest.mark.case(50)
def test_old_links_show_the_old_figure_and_lead_to_the_new_one(
    generations: tuple[Project, list[str], dict[str, str]], browser: Browser
) -> None:
    project, links, texts = generations
    assert links
    listed = {one["id"]: one["standing"] for one in json.loads((project.site / "r/index.json").read_text("utf-8"))}
    assert sorted(listed.values()) == ["current", "superseded"]
    with serving(project.site) as address:
        page = browser.new_page()
        for link in links:
            id, _, fragment = link.removeprefix("r/").partition("/#")
            page.goto(address + link)
            before = figure(page, fragment)
            assert before
            assert before.replace("\xa0", "&nbsp;") in texts[id] or before in texts[id]
            assert page.locator(".sd-status").get_attribute("data-status") == "superseded"
            page.locator(".sd-status a").click()
            expect(page).not_to_have_url(address + link)
            assert page.locator(".sd-status").get_attribute("data-status") == "current"
            assert listed[str(page.locator("main").get_attribute("data-record"))] == "current"
            assert figure(page, fragment)


def test_a_copied_sentence_stands_by_itself_and_is_verified(
    built_once: Project, browser: Browser, tmp_path: Path
) -> None:
    (id,) = (path.name for path in (built_once.site / "r").iterdir() if path.is_dir())
    with serving(built_once.site) as address:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], color_scheme="dark")
        page = context.new_page()
        page.goto(f"{address}r/{id}/")
        first = page.locator(".sd-point").first
        first.locator("summary", has_text="Cite this figure").click()
        first.get_by_role("button", name="Copy sentence").click()
        first.get_by_role("button", name="Copied").wait_for()
        copied = str(page.evaluate("navigator.clipboard.readText()"))
        background, ink = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )
    assert f"record {id}, {address}r/{id}/#" in copied
    assert (background, ink) == ("rgb(22, 25, 29)", "rgb(227, 230, 234)")
    review = tmp_path / "review.md"
    review.write_text(f"We accept this: {copied}.\n", "utf-8")
    ended = built_once.run("stackdoc", "verify", str(review))
    assert (ended.returncode, "right" in ended.stdout) == (0, True), ended.stdout + ended.stderr


def test_a_layer_page_says_in_its_head_what_reference_managers_ask(handbook: Path) -> None:
    html = (handbook / "layers/kernels/index.html").read_text("utf-8")
    head = html.partition("</head>")[0]
    number = re.search(r'name="citation_technical_report_number" content="([0-9a-f]{12})"', head)
    assert number
    assert f"(revision {number[1]})" in html.partition('id="cite"')[2] + html.partition('class="sd-citation"')[2]
    assert '"@type": "TechArticle"' in head
