"""A reader chooses a machine; the whole site follows, here and back, and without a script nothing is lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stackdoc.adapters.registered import load_site
from stackdoc.examples.read import read_examples
from stackdoc.model.record import Record, Work
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from stackdoc.render.values.record_view import view_of
from stackdoc.statistics import quantity
from tests.browsing import serving
from tests.made import two_machines
from tests.made.built import PROJECTS, Project
from tests.made.choices import HERE, THERE
from tests.made.repository import ROOT

SHOWN = """() => [...document.querySelectorAll('article data[data-record]')].filter((one) => one.checkVisibility())
  .map((one) => [one.dataset.machine, one.dataset.record, one.dataset.quantity, one.value,
                 one.closest('tr[data-choice]') !== null])"""

COME = "() => !document.querySelector('details[open] > .sd-part')"  # what belongs to the machine chosen

pytestmark = pytest.mark.browser


def records(root: Path) -> Iterator[Record]:
    """Products and roofs on both machines, a sum on the one without an accelerator."""
    examples = read_examples(root, [])
    for machine, device, speed in ((two_machines.ZEN, "cpu", 80e9), (two_machines.HOPPER, "cuda", 40e12)):
        made = {
            "kernels/gemm": two_machines.gemm_points(speed),
            "silicon/roofs": (
                two_machines.timed("gemm", 2.0 * 512**3 / speed / 1.2, two_machines.product(512), n=512),
                two_machines.timed("triad", 2.6 / speed * 1e9, Work(bytes=1e8), bytes=100_000_000),
            ),
            "kernels/sum": (two_machines.timed("sum", 3e-6),) if device == "cpu" else (),
        }
        for example, points in made.items():
            digest = examples[example].digest
            record = two_machines.record("", example, machine, points, device=device, digest=digest)
            if points:
                yield with_id(record)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two pages over the records of two machines, of which the first is the one that builds."""
    made = Project(tmp_path_factory.mktemp("machines") / "project")
    shutil.copytree(PROJECTS / "machines", made.root)
    written = list(records(made.root))
    for record in written:
        store.write(Layout(made.root), record)
    ledger.enter(Layout(made.root), [record for record in written if record.machine == two_machines.ZEN])
    ended = made.run("mkdocs", "build", "--strict", THEME=str(ROOT / "stackdoc/adapters/theme"))
    assert ended.returncode == 0, ended.stderr
    return made


@pytest.fixture(scope="module")
def address(project: Project) -> Iterator[str]:
    with serving(project.site) as served:
        yield served


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that may not complain."""
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    assert wrong == []


def shown(page: Page) -> list[list[object]]:
    """Machine, record, quantity and value of every number in sight; last, whether it is in a table of all machines."""
    page.wait_for_function(COME)
    rows: list[list[object]] = page.evaluate(SHOWN)
    return rows


def machines(page: Page) -> set[object]:
    """Whose numbers are in sight outside of the tables that set all machines side by side."""
    return {machine for machine, *_, compared in shown(page) if not compared}


def test_every_number_in_sight_follows_and_comes_back(page: Page, address: str, project: Project) -> None:
    page.goto(address)
    before = shown(page)
    assert machines(page) == {"here"}
    page.get_by_label("Machine", exact=True).select_option(THERE)
    assert machines(page) == {two_machines.HOPPER.id}
    site = load_site(project.root)
    for _, record, spoken, value, _ in shown(page):
        key, _, name = str(spoken).rpartition(";")
        view = view_of(site, site.records[str(record)])
        figure = quantity(view.record, key, name, view.roofs)
        assert figure is not None
        assert float(str(value)) == figure.value
    page.get_by_label("Machine", exact=True).select_option(HERE)
    assert shown(page) == before


def test_figures_verdicts_and_rooflines_follow(page: Page, address: str) -> None:
    page.goto(address)
    for key, machine, answer in ((HERE, "2-core Zen 4", "does not hold here"), (THERE, "NVIDIA H200", "holds")):
        page.locator("#sd-machine").select_option(key)
        page.wait_for_function(COME)
        labels = [one.get_attribute("aria-label") or "" for one in page.locator("figure svg").all() if one.is_visible()]
        assert len(labels) >= 2
        assert all(machine in label for label in labels)
        assert {one.inner_text() for one in page.locator("p .sd-verdict:visible").all()} == {answer}
        assert machine in page.locator("tr[aria-current]").inner_text()
        assert page.locator("tbody tr[data-choice]").first.get_attribute("aria-current") == "true"


def test_what_has_no_record_says_so_in_its_place(page: Page, address: str) -> None:
    page.goto(f"{address}?machine={THERE}")
    said = "not measured on NVIDIA H200, CUDA: it runs on cpu only, and has no record there"
    assert said in page.locator("article p").nth(0).inner_text()
    line = page.locator(".sd-measurements > p", has_text=said).locator("visible=true")
    assert line.count() == 1
    assert line.evaluate("(one) => one === one.parentElement.firstElementChild")
    page.locator("#sd-machine").select_option(HERE)
    assert page.get_by_text("not measured on NVIDIA").locator("visible=true").count() == 0


def test_the_choice_is_in_the_address_and_survives_a_change_of_page(page: Page, address: str) -> None:
    page.goto(address)
    assert "machine=" not in page.url
    page.locator("#sd-machine").select_option(THERE)
    assert page.url.endswith(f"?machine={THERE}")
    page.goto(f"{address}more/?h=product#another-page")
    assert machines(page) == {two_machines.HOPPER.id}
    assert page.url.endswith(f"?h=product&machine={THERE}#another-page")
    page.goto(f"{address}more/?machine={HERE}")
    assert machines(page) == {"here"}
    page.goto(f"{address}more/?machine=nobody")
    assert machines(page) == {"here"}


@pytest.mark.parametrize("query", ["", f"?machine={THERE}"])
def test_nothing_moves_while_the_page_opens(page: Page, address: str, query: str) -> None:
    """Fonts apart, which swap with or without a switch."""
    page.route("**/*.woff2", lambda route: route.fulfill(body=b"", content_type="font/woff2"))
    page.add_init_script(
        "window.shifts = []; const seen = (list) => shifts.push(...list.getEntries().map((one) => one.value));"
        "new PerformanceObserver(seen).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(address + query, wait_until="networkidle")
    page.locator("article h1").wait_for(state="visible")
    assert sum(page.evaluate("shifts")) < 0.01


def test_without_javascript_the_default_is_shown_and_the_others_are_one_link_away(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}?machine={THERE}")
    visible = page.locator("article data[data-record]:visible")
    outside = [one for one in visible.all() if one.locator("xpath=ancestor::tr[@data-choice]").count() == 0]
    assert {one.get_attribute("data-machine") for one in outside} == {"here"}
    assert not page.locator("#sd-machine").is_visible()
    fold = page.locator("details.sd-other", has_text="NVIDIA H200").first
    fold.locator("xpath=../summary").click()
    fold.locator("> summary").click()
    fold.locator(".sd-part > a").click()
    expect(page.locator(f"figure[data-machine='{two_machines.HOPPER.id}']").first).to_be_visible()
    page.close()


def test_figures_of_another_machine_come_when_their_fold_is_opened(page: Page, address: str) -> None:
    page.goto(address)
    fold = page.locator("details.sd-other", has_text="NVIDIA H200").first
    assert fold.locator("data[data-record]").count() == 0
    fold.locator("xpath=../summary").click()
    fold.locator("> summary").click()
    fold.locator(f"[data-machine='{two_machines.HOPPER.id}']").first.wait_for(state="visible")
    assert machines(page) == {"here"}  # what stands outside of the fold
    assert fold.locator("svg [role=graphics-symbol][tabindex]").count() > 0
    assert fold.locator("a[href^='/']").count() == 0
    page.locator("#sd-machine").select_option(THERE)
    assert machines(page) == {two_machines.HOPPER.id}


def test_figures_that_do_not_come_leave_the_way_to_their_record(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.route("**/assets/parts/*", lambda route: route.abort())
    page.goto(f"{address}?machine={THERE}")
    link = page.locator("details[open] > .sd-part:not([aria-busy]) > a").first
    record = link.inner_text().removeprefix("Record ")
    link.click()
    assert page.locator("main.sd-record").get_attribute("data-record") == record
    page.close()


def test_it_works_from_a_file_and_by_keyboard(page: Page, project: Project) -> None:
    page.goto((project.site / "index.html").as_uri())
    page.locator("#sd-machine").focus()
    page.keyboard.press("ArrowDown")
    assert machines(page) == {two_machines.HOPPER.id}
    page.goto((project.site / "more/index.html").as_uri())
    assert machines(page) == {two_machines.HOPPER.id}


def test_the_search_index_holds_what_is_in_sight_alone(project: Project) -> None:
    index = json.dumps(json.loads((project.site / "search/search_index.json").read_text("utf-8")), ensure_ascii=False)
    assert "3.36" in index
    assert "not measured on NVIDIA" not in index.replace("Not", "not")


def test_a_page_leads_to_what_its_author_edits(page: Page, address: str) -> None:
    """A page that is made from data has no such link; an example's is to its script."""
    for path, source in (("more/", "docs/more/index.md"), ("examples/kernels/gemm/", "examples/kernels/gemm.py")):
        page.goto(address + path)
        assert page.locator("a[rel=edit]").evaluate("one => one.href") == f"https://example.org/edit/main/{source}"
    page.goto(f"{address}machines/")
    assert page.locator("a[rel=edit]").count() == 0


def test_a_site_of_one_machine_has_no_switch(project: Project, tmp_path: Path) -> None:
    alone = Project(tmp_path / "project")
    shutil.copytree(project.root, alone.root, ignore=shutil.ignore_patterns("site", two_machines.HOPPER.id))
    ended = alone.run("mkdocs", "build", "--strict", THEME=str(ROOT / "stackdoc/adapters/theme"))
    assert ended.returncode == 0, ended.stderr
    html = (alone.site / "index.html").read_text("utf-8")
    assert not re.search("data-choice|sd-machine|sd-following|data-search-exclude", html)
    assert "sd-value" in html


def test_text_for_an_outcome_is_there_where_the_machine_has_it(page: Page, address: str) -> None:
    page.goto(f"{address}more/")
    for key, said in ((HERE, "It does not pay."), (THERE, "The library pays:"), (HERE, "It does not pay.")):
        page.locator("#sd-machine").select_option(key)
        (seen,) = (one.inner_text() for one in page.locator(".sd-when").all() if one.is_visible())
        assert seen.startswith(said)
    assert page.locator('.sd-when[data-choice=""]').count() == 2
