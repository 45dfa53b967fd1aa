"""The gallery of a built site: its pictures, its filter with and without scripts, its archives, links to services."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort, ConfigurationError
from playwright.sync_api import Browser, Page, expect

from tests.browsing import serving
from tests.made.built import Project
from tests.made.once import Once
from tests.made.pictures import PNG, PNG_BASE64
from tests.made.site_files import broken
from tests.made.theirs import SHOWN, built_here, files_of, write_theirs

COLAB = "https://colab.research.google.com/github/me/it/blob/main/{path}.ipynb"
OURS = f"plugins: [search, {{stackdoc: {{gallery: true, launch: {{Colab: '{COLAB}'}}}}}}]\n"
DRAWN = f'''"""A picture.

It has one pixel, and its script has *tags*.
"""
# sphinx_gallery_tags = ["picture", "two words"]
import base64

import helper


class Picture:
    def _repr_png_(self):
        return base64.b64decode("{PNG_BASE64}")


helper.draw(Picture)
Picture()
'''
HELPER = "from pathlib import Path\n\n\ndef draw(kind):\n    print(Path(__file__).name)\n"
PAGE = "# Mine\n\n```stackdoc\ngallery: drawing\ntags: picture\n```\n"


@pytest.fixture(scope="module")
def gallery(built_once: Project, once: Once) -> Project:
    """Their project with a second example, whose record holds a picture, built with a gallery."""

    def build(place: Path) -> None:
        project = Project(place)
        write_theirs(built_once, project, OURS)
        project.write("examples/drawing/pixel.py", DRAWN)
        project.write("examples/drawing/helper.py", HELPER)
        project.change("examples/sorting/merge.py", "# launches = 6", '# launches = 6\n# tags = ["numbers"]')
        project.write("docs/mine.md", PAGE)
        ended = project.run("mkdocs", "build", "--strict")
        assert ended.returncode == 0, ended.stderr

    return Project(once.made("gallery", build))


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=getattr(request, "param", True))
    yield context.new_page()
    context.close()


def expect_shown(page: Page, titles: list[str]) -> None:
    """The titles of the visible cards. Waits for the page's script, which may run after the address has changed."""
    expect(page.locator(".sd-gallery__title:visible")).to_have_text(titles)


def test_the_tags_filter_the_cards(gallery: Project, page: Page) -> None:
    with serving(gallery.site) as address:
        page.goto(f"{address}stackdoc/examples/")
        expect_shown(page, ["A picture", "Sorting numbers"])
        assert not page.locator(".sd-by-tag").is_visible()
        page.get_by_role("navigation", name="Tags").get_by_role("link", name="two words").click()
        expect_shown(page, ["A picture"])
        assert page.get_by_role("status").filter(has_text="1 of 2 examples").is_visible()
        assert page.locator("h2:visible").all_inner_texts() == ["Drawing"]
        assert page.locator(".sd-tag-bar [aria-current]").inner_text().startswith("two words")
        page.go_back()
        expect_shown(page, ["A picture", "Sorting numbers"])
        page.goto(f"{address}stackdoc/examples/sorting/merge/")
        page.get_by_role("link", name="numbers", exact=True).click()
        expect_shown(page, ["Sorting numbers"])


@pytest.mark.parametrize("page", [False], indirect=True)
def test_without_a_script_the_tags_lead_to_lists(gallery: Project, page: Page) -> None:
    with serving(gallery.site) as address:
        page.goto(f"{address}stackdoc/examples/")
        page.get_by_role("navigation", name="Tags").get_by_role("link", name="two words").click()
        listed = page.locator(":target ~ dd")
        assert page.locator(":target").is_visible()
        assert listed.all_inner_texts() == ["A picture"]
        expect_shown(page, ["A picture", "Sorting numbers"])


def test_pictures_are_files_and_a_later_build_has_the_same(
    gallery: Project, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    with serving(gallery.site) as address:
        for place in ("stackdoc/examples/", "mine/"):
            page.goto(address + place)
            image = page.locator(".sd-gallery img")
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
            assert image.evaluate("image => image.src").startswith(f"{address}stackdoc/assets/figures/")
        expect_shown(page, ["A picture"])
    before = files_of(gallery.site)
    again = Project(tmp_path / "again")
    shutil.copytree(gallery.root, again.root)
    assert built_here(again) == []
    after = files_of(again.site)
    assert {path for path in before if before[path] != after.get(path)} <= {"sitemap.xml", "sitemap.xml.gz"}
    assert PNG in after.values()


def test_an_archive_runs_where_it_is_unpacked(gallery: Project, tmp_path: Path) -> None:
    for name in ("stackdoc/examples.zip", "stackdoc/examples/drawing/pixel.zip"):
        folder = tmp_path / name
        zipfile.ZipFile(io.BytesIO((gallery.site / name).read_bytes())).extractall(folder)
        ran = subprocess.run(
            [sys.executable, "examples/drawing/pixel.py"], cwd=folder, capture_output=True, text=True, check=True
        )
        assert ran.stdout == "helper.py\n"
        assert (folder / "examples/drawing/pixel.ipynb").exists()
    assert not [link for link in broken(gallery.site, served=True) if not link.endswith(": /pricing/")]
    merge = (gallery.site / "stackdoc/examples/sorting/merge/index.html").read_text("utf-8")
    assert COLAB.replace("{path}", "examples/sorting/merge") in merge


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("launch: {Colab: 'https://x.org/{pth}'}", "Colab: unknown placeholder {pth}; did you mean 'path'?"),
        ("launch: {Colab: 'https://x.org/'}", "is the same for every example"),
        ("launch: [Colab]", "launch"),
        ("galery: true", "galery"),
    ],
)
def test_a_wrong_option_is_reported_before_anything_is_built(
    built_once: Project, tmp_path: Path, options: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    project = Project(tmp_path / "project")
    write_theirs(built_once, project, f"strict: true\nplugins: [search, {{stackdoc: {{{options}}}}}]\n")
    with pytest.raises((Abort, ConfigurationError)) as caught:
        built_here(project)
    assert problem in caplog.text + str(caught.value)
    assert not project.site.exists()


def test_a_project_that_does_not_ask_has_no_gallery(built_once: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    write_theirs(built_once, project, "plugins: [search, stackdoc]\n")
    project.write("docs/more.md", SHOWN)
    assert built_here(project) == []
    assert not list(project.site.rglob("*.zip"))
    assert "sd-gallery" not in (project.site / "stackdoc/examples/index.html").read_text("utf-8")
