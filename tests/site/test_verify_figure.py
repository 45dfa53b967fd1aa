"""A reader verifies a cited figure: from the citation to its record, and its command into the clipboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from stackdoc.adapters.addresses import AT_ROOT
from stackdoc.adapters.contents import static_files, styles_and_scripts, write, write_page
from stackdoc.model.record import Record
from stackdoc.records.identity import with_id
from stackdoc.render.citation.cite import cite
from stackdoc.render.pages import record as record_page
from stackdoc.render.pages import verify_box
from stackdoc.site.site import Site
from tests.browsing import serving
from tests.made import two_machines

POINT = "library;n=512"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def records() -> tuple[Record, Record]:
    """A record and the newer one that superseded it, with ids of their content."""
    old = with_id(two_machines.record("", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9)))
    points = two_machines.gemm_points(160e9)
    return old, with_id(replace(old, points=points, measured_at="2026-11-27T10:00:00Z"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, records: tuple[Record, Record]) -> Site:
    """A site of these records, written with its styles and scripts."""
    place = tmp_path_factory.mktemp("verify")
    found = {record.id: record for record in records}
    made = two_machines.site(place, records=found, measured_here=frozenset(found))
    for record in records:
        for page in record_page.pages(made, record):
            write_page(page, place, AT_ROOT)
    write_page(verify_box.record_list(made), place, AT_ROOT)
    for path, text in styles_and_scripts().items():
        write(place / path, text)
    for path, file in static_files().items():
        write(place / path, file.read_bytes())
    return made


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with serving(site.root) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may not complain, and may use the clipboard."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


def ask(page: Page, words: str) -> None:
    """Paste the words into the box and press Enter."""
    page.locator(".sd-verify input").fill(words)
    page.keyboard.press("Enter")


def plain(text: str | None) -> str:
    return " ".join((text or "").replace("\u00a0", " ").split())


def test_a_cited_figure_is_verified_in_one_step_and_its_command_copied_in_one_more(
    page: Page, address: str, site: Site, records: tuple[Record, Record]
) -> None:
    old, new = records
    page.goto(f"{address}r/{new.id}/")
    ask(page, cite(site, f"{old.id}#{POINT}", address=address))
    page.wait_for_url(f"{address}r/{old.id}/#*")
    card = page.locator(".sd-verification")
    followed = card.locator(".sd-followed")
    expect(followed).to_be_in_viewport()
    shown = plain(followed.text_content())
    assert "3.36 ms (95 % interval 3.29 to 3.42 ms" in shown
    assert "Now 1.68 ms: faster, 2.0×" in shown
    said = plain(card.text_content())
    for part in (
        f"Superseded by record {new.id} of 2026-11-27.",
        "2-core Zen 4 server CPU, 24 GiB",
        "2026-11-20 UTC, 7 days before the newest record of this site (2026-11-27)",
        "all 6 timings are undisturbed, and the launches agree within 5 %".capitalize(),
        "Measured by the project.",
    ):
        assert part in said, part
    button = card.locator("button.sd-copy")
    expect(button).to_have_text("Copy command")
    expect(button).to_be_in_viewport()
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"stackdoc measure --like {old.id}"


@pytest.mark.parametrize(
    "form", ["{id}", "{ID}", "{sha}", "see https://example.org/x/r/{id}/.", "/r/{id}/#library;n=512,"]
)
def test_an_id_a_digest_and_a_link_lead_to_the_record(
    page: Page, address: str, records: tuple[Record, Record], form: str
) -> None:
    old, new = records
    page.goto(f"{address}r/{new.id}/")
    ask(page, form.format(id=old.id, ID=old.id.upper(), sha=old.sha256))
    page.wait_for_url(f"{address}r/{old.id}/{'#library;n=512' if '#' in form else ''}")
    assert page.locator(".sd-followed").is_visible() == ("#" in form)


def test_what_leads_nowhere_says_so_and_offers_the_nearest(
    page: Page, address: str, records: tuple[Record, Record]
) -> None:
    old, _ = records
    page.goto(f"{address}r/{old.id}/")
    said = page.locator(".sd-verify output")
    wrong = ("0" if old.id[3] != "0" else "1").join((old.id[:3], old.id[4:]))
    ask(page, wrong)
    expect(said).to_contain_text(f"This site has no record {wrong}. The nearest:")
    assert said.locator("a").first.text_content() == old.id
    ask(page, old.id + "0" * 48)
    expect(said).to_contain_text("This is not the digest of a record here.")
    ask(page, "torch.mm takes 3 ms")
    expect(said).to_contain_text("There is no id in this")


def test_the_box_works_from_a_disk(page: Page, site: Site, records: tuple[Record, Record]) -> None:
    old, new = records
    page.goto((site.root / f"r/{new.id}/index.html").as_uri())
    ask(page, f"{old.id}")
    page.wait_for_url(f"**/r/{old.id}/index.html")


def test_without_a_script_the_page_says_how_to_verify(
    browser: Browser, address: str, records: tuple[Record, Record]
) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}r/{records[0].id}/#{POINT}")
    assert "stackdoc verify FILE" in page.inner_text("main")
    section = page.locator(f'[id="{POINT}"]')
    expect(section).to_be_in_viewport()
    assert "3.36 ms" in plain(section.inner_text())
    assert page.locator(".sd-verify form, .sd-followed:visible").count() == 0
    page.close()
