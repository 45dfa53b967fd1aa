"""The same site by other engines, which `make engines` installs from PyPI: the articles of all must be the same.

Compared are the Markdown twins of the pages, which contain each article with its numbers and its links, and nothing of
the theme around it.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stackdoc.project import LEDGER
from tests.made.behind import environment
from tests.made.built import Project
from tests.made.repository import ROOT
from tests.made.site_files import broken
from tests.made.theirs import SHOWN, write_theirs

ZENSICAL = ("zensical",)
PROPERDOCS = ("properdocs", "mkdocs-materialx")
OF_NOTEBOOKS = re.compile(r"(?m)^In \[ \]:$\n*|\[¶\]\(#[^)]*\)")  # prompts and links, as mkdocs-jupyter writes them

pytestmark = pytest.mark.engines


def python_with(name: str, packages: tuple[str, ...]) -> Path:
    return environment(ROOT / f"build/engines/{name}", packages)


def run(python: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return called(python, root, "-m", *arguments)


def run_ours(python: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return called(python, root, "-c", "from stackdoc.adapters.cli.main import main; main()", *arguments)


def called(python: Path, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"STACKDOC_MEASURE": "never", "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [str(python), *arguments],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def succeeded(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def articles(site: Path) -> dict[str, str]:
    """Return the text of each page of a site by the path of its Markdown twin."""
    paths = (path for path in site.rglob("*.md") if path.with_suffix(".html").exists())
    return {path.relative_to(site).as_posix(): OF_NOTEBOOKS.sub("", path.read_text("utf-8")) for path in paths}


def differences(one: Path, other: Path) -> list[str]:
    """Return how the articles of two sites differ, line by line."""
    first, second = articles(one), articles(other)
    found = [f"only in one: {path}" for path in sorted(first.keys() ^ second.keys())]
    for path in sorted(first.keys() & second.keys()):
        lines = difflib.unified_diff(first[path].split("\n"), second[path].split("\n"), path, path, n=0, lineterm="")
        found += list(lines)[:20]
    return found


@pytest.fixture
def theirs(built_once: Project, tmp_path: Path) -> Project:
    project = Project(tmp_path / "theirs")
    settings = "site_url: https://example.org/a/\ntheme: {name: material, font: false}\nplugins: [search, stackdoc]\n"
    write_theirs(built_once, project, settings)
    return project


def test_the_extension_alone_works_in_zensical(theirs: Project) -> None:
    """Without the plugin there are no generated pages, so nothing links to one."""
    python = python_with("zensical", ZENSICAL)
    succeeded(run_ours(python, theirs.root, "stage", "docs/stackdoc/assets", "--assets"))
    theirs.write("docs/shown.md", SHOWN.partition(", see")[0] + ".\n")
    theirs.write(
        "mkdocs.yml",
        "site_name: Theirs\ntheme: {name: material, font: false}\nextra_css: [stackdoc/assets/stackdoc.css]\n"
        "plugins: [{stackdoc: {measure: never}}]\nmarkdown_extensions: [tables, attr_list, md_in_html, stackdoc]\n",
    )
    succeeded(run(python, theirs.root, "zensical", "build", "--clean"))
    html = (theirs.site / "shown/index.html").read_text("utf-8")
    assert html.count("data-record=") > 1
    assert "../stackdoc/assets/stackdoc.css" in html
    assert (theirs.site / "stackdoc/assets/stackdoc.css").exists()
    assert 'href="/' not in html.partition("<article")[2].partition("</article>")[0]


def test_zensical_makes_the_same_articles(theirs: Project, tmp_path: Path) -> None:
    python = python_with("zensical", ZENSICAL)
    succeeded(run(Path(sys.executable), theirs.root, "mkdocs", "build", "--strict"))
    theirs.site.rename(tmp_path / "mkdocs")
    succeeded(run_ours(python, theirs.root, "build", "--engine", "zensical"))
    assert differences(tmp_path / "mkdocs", theirs.site) == []
    assert len(articles(theirs.site)) >= 3
    assert not [link for link in broken(theirs.site, served=True) if not link.endswith(": /pricing/")]


def test_properdocs_and_materialx_make_the_same_articles(theirs: Project, tmp_path: Path) -> None:
    python = python_with("properdocs", PROPERDOCS)
    succeeded(run(Path(sys.executable), theirs.root, "mkdocs", "build", "--strict"))
    theirs.site.rename(tmp_path / "mkdocs")
    theirs.change("mkdocs.yml", "name: material", "name: materialx")
    succeeded(run(python, theirs.root, "properdocs", "build", "--strict"))
    assert differences(tmp_path / "mkdocs", theirs.site) == []


@pytest.mark.parametrize("engine", ["zensical", "properdocs"])
def test_the_handbook_by_another_engine(handbook: Path, tmp_path: Path, engine: str) -> None:
    python = python_with(engine, ZENSICAL if engine == "zensical" else PROPERDOCS)
    copy = tmp_path / "handbook"
    made = {".git", ".venv", ".stackdoc", "build", "site", "site-offline"}
    shutil.copytree(ROOT, copy, ignore=lambda folder, _: made if Path(folder) == ROOT else set())
    if (ROOT / LEDGER).exists():  # what was measured here is shown as that of this machine
        (copy / LEDGER).parent.mkdir()
        shutil.copy(ROOT / LEDGER, copy / LEDGER)
    if engine == "zensical":
        succeeded(run_ours(python, copy, "build", "--engine", "zensical"))
    else:
        Project(copy).change("mkdocs.yml", "name: material\n", "name: materialx\n")
        succeeded(run(python, copy, "properdocs", "build"))
    assert differences(handbook, copy / "site") == []
