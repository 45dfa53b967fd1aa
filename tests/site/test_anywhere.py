"""One site, wherever it lies: below a prefix, on a disk without a server, built in another place and time zone."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browsing import serving
from tests.made.built import KEPT, Project
from tests.made.repository import ROOT
from tests.made.site_files import broken, contents


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook as `make offline` builds it."""
    place = tmp_path_factory.mktemp("offline") / "a directory with blanks"
    arguments = ("build", "--strict", "-f", "mkdocs.offline.yml", "--site-dir", str(place))
    ended = Project(ROOT).run("mkdocs", *arguments, STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    return place


def test_every_link_leads_somewhere_below_any_prefix(handbook: Path) -> None:
    assert list(broken(handbook, served=True)) == []


def test_every_link_leads_to_a_file_of_the_disk(offline: Path) -> None:
    assert list(broken(offline, served=False)) == []


@pytest.mark.browser
def test_a_page_below_a_prefix_finds_all_it_needs(handbook: Path, browser: Browser) -> None:
    with serving(handbook.parent) as address:
        page = browser.new_page()
        wrong: list[str] = []
        page.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
        for path in ("", "layers/kernels/", "examples/kernels/gemm/"):
            page.goto(f"{address}{handbook.name}/{path}", wait_until="networkidle")
        page.get_by_role("link", name="Sources", exact=True).first.click()
        page.wait_for_url(f"{address}{handbook.name}/sources/**")
        assert wrong == []


def to_open(site: Path) -> Iterator[Path]:
    """Every page but 404.html, which is served at any address; of the records, made by one template, each fifth."""
    pages = sorted(path for path in site.rglob("*.html") if path.name != "404.html")
    of_records = [path for path in pages if path.is_relative_to(site / "r")]
    yield from set(pages).difference(of_records)
    yield from of_records[::5]


def complaints(browser: Browser, site: Path, address: str) -> Iterator[str]:
    """What the pages below the address fetch from elsewhere, lack, or complain of."""
    page = browser.new_page()
    wrong: list[str] = []
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(address) else None)
    page.on("response", lambda answer: wrong.append(f"lacks {answer.url}") if answer.status >= 400 else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for path in sorted(to_open(site)):
        page.goto(address + quote(path.relative_to(site).as_posix()), wait_until="load")
        yield from (f"{path.relative_to(site)}: {one}" for one in wrong)
        wrong.clear()
    page.close()


@pytest.mark.case(64)
@pytest.mark.browser
def test_no_page_asks_anybody_else_or_complains(handbook: Path, browser: Browser) -> None:
    with serving(handbook) as address:
        assert list(complaints(browser, handbook, address)) == []


@pytest.mark.case(64)
@pytest.mark.browser
def test_from_a_disk_no_page_asks_anybody_else_or_complains(offline: Path, browser: Browser) -> None:
    assert list(complaints(browser, offline, f"{offline.as_uri()}/")) == []


@pytest.mark.browser
def test_from_a_disk_the_search_finds_an_entry(offline: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((offline / "index.html").as_uri())
    page.locator("[data-md-component=search-query]").click()
    page.locator("[data-md-component=search-query]").press_sequentially("roofline")
    result = page.locator(".md-search-result__item a").first
    result.wait_for()
    result.click()
    page.wait_for_url(re.compile(r"/(?!index)[^/]+\.html"))
    assert page.locator("h1").count() == 1
    assert page.get_by_text("roofline", exact=False).count() >= 1


ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7"}


@pytest.mark.case(36)
@pytest.mark.parametrize(
    ("environment", "umask", "left"),
    [(ELSEWHERE, "077", KEPT), (ELSEWHERE, "077", ()), ({"PYTHONHASHSEED": "8"}, "002", KEPT)],
    ids=["elsewhere with nothing kept", "elsewhere with all kept", "here again with nothing kept"],
)
@pytest.mark.parametrize("configuration", ["mkdocs.yml", "offline.yml"])
def test_the_same_files_give_the_same_site(
    both_ways: Project,
    tmp_path: Path,
    environment: dict[str, str],
    umask: str,
    left: tuple[str, ...],
    configuration: str,
) -> None:
    copy = Project(tmp_path / "another place" / "of another name")
    shutil.copytree(both_ways.root, copy.root, ignore=shutil.ignore_patterns("site", "site-offline", *left))
    program = str(Path(sys.executable).with_name("mkdocs"))
    ended = copy.run("python", "-c", SHELL, umask, program, configuration, STACKDOC_MEASURE="never", **environment)
    assert ended.returncode == 0, ended.stderr
    folder = "site" if configuration == "mkdocs.yml" else "site-offline"
    assert contents(copy.root / folder) == contents(both_ways.root / folder)


@pytest.fixture(scope="module")
def both_ways(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small project, built to be served and to be read from a disk, on another day than the copies."""
    project = Project(tmp_path_factory.mktemp("both") / "project")
    shutil.copytree(built_once.root, project.root)
    plugins = "plugins:\n  search: {}\n  offline: {}\n  stackdoc: {prefix: '', measure: never}\n"
    settings = (
        "INHERIT: mkdocs.yml\nsite_dir: site-offline\nuse_directory_urls: false\ntheme: {name: material, font: false}\n"
    )
    project.write("offline.yml", settings + plugins)
    ended = project.run("mkdocs", "build", "--quiet", "-f", "offline.yml", SOURCE_DATE_EPOCH="86400")
    assert ended.returncode == 0, ended.stderr
    return project


SHELL = """
import os, sys
umask, program, configuration = sys.argv[1:]
os.umask(int(umask, 8))
os.execv(program, [program, "build", "--quiet", "--config-file", configuration])
"""
