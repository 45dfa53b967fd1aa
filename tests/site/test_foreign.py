"""Somebody else's site that adds `- stackdoc`: what is theirs stays as it was."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.made.built import PROJECTS, Project
from tests.made.site_files import broken

PLAIN = {"mkdocs": "mkdocs", "material": "{name: material, font: false}"}
SETTINGS = """
site_name: Theirs
site_url: https://docs.example.org/theirs/
theme: THEME
exclude_docs: drafts/
draft_docs: later.md
nav:
- Home: index.md
- Changelog: changelog.md
plugins: PLUGINS
markdown_extensions:
- pymdownx.highlight
- pymdownx.inlinehilite
- pymdownx.superfences
- pymdownx.tasklist: {custom_checkbox: true}
"""
PAGE = """# Theirs

Inline `#!js "strings"`, plain `code`, and [prices](/pricing/) at the root of the host.

- [x] done

```python
print("theirs")
```
"""
BAD = "# Later\n\n```stackdoc\nexample: no/such-thing\n```\n"
COMMENT = "\n<!--\n```stackdoc\nexample: sorting/abandoned\n```\n-->\n"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def write_theirs(project: Project, theme: str, plugins: str) -> None:
    """Their pages: a comment with a fence, drafts with faults, a link into the repository, a notebook to download.

    Their scripts: an application, and a tool with a header for uv.
    """
    project.write("mkdocs.yml", SETTINGS.replace("THEME", PLAIN[theme]).replace("PLUGINS", plugins))
    project.write("docs/index.md", PAGE + COMMENT)
    project.write("docs/drafts/next.md", BAD)
    project.write("docs/later.md", BAD)
    project.write("docs/tour.ipynb", json.dumps(NOTEBOOK))
    project.write("CHANGELOG.md", "# Changelog\n\n- The first.\n")
    (project.root / "docs/changelog.md").symlink_to("../CHANGELOG.md")
    (project.root / ".git").mkdir(exist_ok=True)
    project.write("examples/app.py", "raise SystemExit('nobody asked for it')\n")
    project.write("examples/tools/clean.py", "# /// script\n# dependencies = ['them']\n# ///\nimport them\n")
    project.write("examples/environments/maze/README.md", "# A maze\n")


@pytest.mark.parametrize("theme", PLAIN)
def test_without_an_example_not_a_byte_changes(theme: str, tmp_path: Path) -> None:
    sites = []
    for plugins in ("[search]", "[search, stackdoc]"):
        project = Project(tmp_path / plugins)
        write_theirs(project, theme, plugins)
        ended = project.run("mkdocs", "build", "--strict", PYTHONWARNINGS="always")
        assert ended.returncode == 0, ended.stderr
        assert "To replace an existing file" not in ended.stderr
        assert "user_configs" not in ended.stderr  # deprecated: MkDocs warns of each use
        assert not (project.root / ".stackdoc").exists()
        files = (path for path in project.site.rglob("*") if path.is_file())
        sites.append({path.relative_to(project.site).as_posix(): path.read_bytes() for path in files})
    without, with_ours = sites
    assert sorted(with_ours) == sorted(without)
    assert [path for path in without if with_ours[path] != without[path]] == []


FILLED = """# Measured

```stackdoc
example: {{ bench }}
```

It takes {measured}`{{ bench }} sorted n=1000 time`, see [prices](/pricing/).
"""
HOOK = """
def on_page_markdown(markdown, **_):
    return markdown.replace("{{ bench }}", "sorting/merge")
"""


@pytest.fixture(scope="module")
def foreign(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Their site with one measured example, in the theme that MkDocs has by default."""
    project = Project(tmp_path_factory.mktemp("foreign") / "project")
    shutil.copytree(built_once.root, project.root, ignore=shutil.ignore_patterns("site"))
    (project.root / "docs/stackdoc").mkdir()
    (project.root / "docs/records").rename(project.root / "docs/stackdoc/records")
    write_theirs(project, "mkdocs", "[search, stackdoc: {measure: never}]\nhooks: [fill.py]\nsite_author: A & B")
    project.write("fill.py", HOOK)
    project.write("docs/measured.md", FILLED)
    ended = project.run("mkdocs", "build", PYTHONWARNINGS="always")
    assert ended.returncode == 0, ended.stderr
    assert "To replace an existing file" not in ended.stderr
    return project


def html(project: Project, path: str = "") -> str:
    return (project.site / path / "index.html").read_text("utf-8")


def test_addresses_of_theirs_stay_and_ours_lead_somewhere(foreign: Project) -> None:
    for path in ("", "measured"):
        assert '<a href="/pricing/">' in html(foreign, path)
    assert [one for one in broken(foreign.site, served=True) if not one.endswith(": /pricing/")] == []


def test_a_fence_that_another_plugin_fills_is_rendered(foreign: Project) -> None:
    assert "data-record=" in html(foreign, "measured").partition("It takes")[2]


def test_only_pages_that_show_figures_say_on_paper_where_they_are_from(foreign: Project) -> None:
    assert "sd-print" not in html(foreign)
    assert 'class="sd-print" data-words="Measured, https://docs.example.org/theirs/measured/. As of' in html(
        foreign, "measured"
    )
    for text in (html(foreign, "measured"), (foreign.site / "search/search_index.json").read_text("utf-8")):
        assert "As of" not in re.sub(r'data-words="[^"]*"', "", text)


@pytest.mark.browser
def test_what_paper_needs_is_on_paper_alone(foreign: Project, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((foreign.site / "measured/index.html").as_uri())
    foot = page.locator(".sd-print")
    assert not foot.is_visible()
    page.emulate_media(media="print")
    box = foot.bounding_box()
    assert box is not None
    assert box["height"] > 10
    assert "As of" in foot.evaluate("foot => getComputedStyle(foot, '::after').content")
    page.close()


def test_their_changelog_and_their_notebook_stay_theirs(foreign: Project) -> None:
    assert "The first." in html(foreign, "changelog")
    assert "Changelog of figures" in html(foreign, "stackdoc/compare/changelog")
    assert json.loads((foreign.site / "tour.ipynb").read_text("utf-8")) == NOTEBOOK
    assert not (foreign.site / "tour").exists()


def test_citations_are_theirs_on_the_page_and_on_the_command_line(foreign: Project) -> None:
    (record,) = (path.stem for path in (foreign.root / "docs/stackdoc/records").rglob("*.json"))
    for format, suffix in (("bibtex", "bib"), ("ris", "ris"), ("csl-json", "csl.json")):
        ended = foreign.run("stackdoc", "cite", "--format", format, record)
        published = (foreign.site / f"stackdoc/r/{record}.{suffix}").read_bytes().decode()
        assert ended.stdout.splitlines() == published.splitlines(), ended.stderr
        assert ("A & B" in published) or ("A \\& B" in published)
        assert f"https://docs.example.org/theirs/stackdoc/r/{record}/" in published
        assert not re.search("stackdoc project|CC0", published)
    assert not re.search("stackdoc project|CC0", html(foreign, f"stackdoc/r/{record}"))


def test_a_page_of_theirs_is_never_replaced(project: Project) -> None:
    for path in ("examples.md", "machines.md", "compare/index.md", "examples/sorting/merge/index.md"):
        project.write(f"docs/{path}", "# Theirs\n")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 1
    for theirs, ours in (
        ("examples.md", "examples/index.md"),
        ("machines.md", "machines/index.md"),
        ("examples/sorting/merge/index.md", "examples/sorting/merge.ipynb"),
    ):
        assert re.search(rf"docs/{theirs}: .*generated page {ours}", ended.stderr), ended.stderr
    assert "docs/compare" not in ended.stderr


def test_a_link_is_followed_within_the_repository_alone(tmp_path: Path) -> None:
    project = Project(tmp_path / "repository" / "project")
    write_theirs(project, "mkdocs", "[stackdoc: {measure: never}]")
    shutil.copytree(PROJECTS / "small/examples", project.root / "examples", dirs_exist_ok=True)
    (tmp_path / "repository/.git").mkdir()
    (project.root / ".git").rmdir()
    (tmp_path / "repository/shared").mkdir()
    (tmp_path / "repository/shared/page.md").write_text("# Shared\n", "utf-8")
    (tmp_path / "repository/.git/config").write_text("a token", "utf-8")
    (project.root / "docs/shared").symlink_to("../../shared")
    assert project.run("mkdocs", "build").returncode == 0
    assert "Shared" in html(project, "shared/page")
    before = project.digest("site")
    (project.root / "docs/config.txt").symlink_to("../../.git/config")
    for name in ("one", "two"):
        Project(tmp_path / "elsewhere").write(f"{name}.md", "# Elsewhere\n")
    (project.root / "docs/linked").symlink_to(tmp_path / "elsewhere")
    ended = project.run("mkdocs", "build")
    assert ended.returncode == 1
    assert re.search(r"docs/config\.txt: is a link out of repository/", ended.stderr)
    assert len(re.findall(r"docs/linked: is a link out of", ended.stderr)) == 1
    assert project.digest("site") == before


def test_generated_pages_need_no_extension_of_theirs(foreign: Project) -> None:
    pages = [path.read_text("utf-8") for path in foreign.site.glob("stackdoc/machines/*/index.html")]
    assert len(pages) == 1
    assert 'id="software"' in pages[0]
    assert "{ #" not in pages[0]
