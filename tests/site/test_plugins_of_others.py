"""Sites that use other plugins beside ours, built with the real ones: `make plugins` installs them from PyPI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.made.behind import environment
from tests.made.built import Project
from tests.made.repository import ROOT
from tests.made.theirs import PLAIN, SHOWN, write_theirs

PACKAGES = (
    "mkdocs-monorepo-plugin",
    "mkdocs-redirects",
    "mkdocs-minify-plugin",
    "mkdocs-literate-nav",
    "mkdocs-awesome-nav",
    "mkdocs-static-i18n",
    "mkdocs-git-revision-date-localized-plugin",
    "mike",
)
MERGE = "stackdoc/examples/sorting/merge/index.html"
AUTHOR = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")

pytestmark = pytest.mark.plugins


@pytest.fixture(scope="module")
def python() -> Path:
    return environment(ROOT / "build/plugins", PACKAGES)


@pytest.fixture
def theirs(built_once: Project, tmp_path: Path) -> Project:
    """Their project with a measured example, in a repository, with the theme that MkDocs has by default."""
    project = Project(tmp_path / "theirs")
    write_theirs(built_once, project, "")
    project.write(".gitignore", "site/\n")
    return project


def commit(project: Project) -> None:
    git = ("git", "-C", str(project.root))
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, *AUTHOR, "commit", "--quiet", "-m", "All"], check=True)


def run(python: Path, project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module, or a program that the environment of `python` has."""
    program = (python.with_name(arguments[0]),) if arguments[0] == "mike" else (python, "-m", arguments[0])
    people = {f"GIT_{role}_{what}": "nobody@x.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    variables = {
        "STACKDOC_MEASURE": "never",
        "NO_MKDOCS_2_WARNING": "1",
        "PATH": f"{python.parent}:{os.environ['PATH']}",
    }
    return subprocess.run(
        [*map(str, program), *arguments[1:]],
        cwd=project.root,
        env={**os.environ, **people, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def built(python: Path, project: Project, settings: str) -> None:
    """Build the project strictly, so that a warning is a failure."""
    project.write("mkdocs.yml", f"site_name: Theirs\n{settings}")
    done = run(python, project, "mkdocs", "build", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr


def page(project: Project, path: str) -> str:
    return (project.site / path).read_text("utf-8")


GUIDE = SHOWN.replace("# Shown", "# Guide").replace("](stackdoc", "](../stackdoc")


@pytest.mark.parametrize("plugins", ["[search, monorepo, stackdoc]", "[stackdoc, monorepo]"])
def test_monorepo(python: Path, theirs: Project, plugins: str) -> None:
    """A page of an included project shows an example of the root, which is the project that has the plugin."""
    theirs.write("parts/guide/mkdocs.yml", "site_name: guide\nnav: [index.md]\n")
    theirs.write("parts/guide/docs/index.md", GUIDE)
    nav = "nav: [index.md, shown.md, {Guide: '!include ./parts/guide/mkdocs.yml'}]\n"
    built(python, theirs, f"{nav}plugins: {plugins}\n")
    for path in ("shown/index.html", "guide/index.html", MERGE):
        assert "data-record=" in page(theirs, path), path
    assert 'href="../stackdoc/examples/sorting/merge/"' in page(theirs, "guide/index.html")
    assert not (theirs.root / "parts/guide/docs/stackdoc").exists()


def test_monorepo_names_the_file_of_a_fault(python: Path, theirs: Project) -> None:
    theirs.write("parts/guide/mkdocs.yml", "site_name: guide\nnav: [index.md]\n")
    theirs.write("parts/guide/docs/index.md", GUIDE.replace("sorting/merge\n", "sorting/marge\n"))
    nav = "nav: [index.md, {Guide: '!include ./parts/guide/mkdocs.yml'}]\n"
    theirs.write("mkdocs.yml", f"site_name: Theirs\n{nav}plugins: [monorepo, stackdoc]\n")
    done = run(python, theirs, "mkdocs", "build")
    assert done.returncode == 1
    assert "docs/guide/index.md:4: unknown example 'sorting/marge'; did you mean 'sorting/merge'?" in done.stderr


def test_mike(python: Path, theirs: Project) -> None:
    """Each version of a site has its own records, and its addresses stay within it."""
    settings = "site_url: https://example.org/\ntheme: {name: material, font: false}\n"
    theirs.write("mkdocs.yml", f"site_name: Theirs\n{settings}plugins: [search, mike, stackdoc]\n")
    commit(theirs)
    for version in ("1.0", "2.0"):
        done = run(python, theirs, "mike", "deploy", version)
        assert done.returncode == 0, done.stdout + done.stderr
    show = ("git", "-C", str(theirs.root), "show")
    listed = subprocess.run([*show, "gh-pages:1.0/stackdoc"], capture_output=True, text=True, check=True).stdout
    assert {"examples/", "machines/", "r/"} <= set(listed.splitlines())
    shown = subprocess.run([*show, "gh-pages:2.0/shown/index.html"], capture_output=True, text=True, check=True).stdout
    assert 'href="../stackdoc/r/' in shown
    bib = next(iter(re.findall(r'href="\.\./(stackdoc/r/[0-9a-f]+/)', shown)))
    text = subprocess.run([*show, f"gh-pages:2.0/{bib}index.html"], capture_output=True, text=True, check=True).stdout
    assert "https://example.org/2.0/stackdoc/r/" in text or "https://example.org/stackdoc/r/" in text


def test_redirects(python: Path, theirs: Project) -> None:
    """An old address may lead to a page of ours."""
    maps = "{old.md: shown.md, older.md: stackdoc/examples/sorting/merge.ipynb}"
    built(python, theirs, f"plugins: [search, {{redirects: {{redirect_maps: {maps}}}}}, stackdoc]\n")
    assert "../shown/" in page(theirs, "old/index.html")
    assert "stackdoc/examples/sorting/merge/" in page(theirs, "older/index.html")


def test_minify(python: Path, theirs: Project) -> None:
    """Numbers and records survive it, and so do our style sheet and script."""
    options = "{minify_html: true, minify_js: true, minify_css: true}"
    built(python, theirs, f"plugins: [search, stackdoc, {{minify: {options}}}]\n")
    for path in ("shown/index.html", MERGE):
        assert re.search(r"data-record=\W?[0-9a-f]{12}", page(theirs, path)), path
    assert "sd-code-listing" in page(theirs, MERGE) or "<pre" in page(theirs, MERGE)
    assert (theirs.site / "stackdoc/assets/stackdoc/stackdoc.css").stat().st_size > 0


def test_literate_nav(python: Path, theirs: Project) -> None:
    theirs.write(
        "docs/SUMMARY.md", "* [Home](index.md)\n* [Shown](shown.md)\n* [Measured](stackdoc/examples/index.md)\n"
    )
    built(python, theirs, "plugins: [search, {literate-nav: {nav_file: SUMMARY.md}}, stackdoc]\n")
    assert 'href="stackdoc/examples/"' in page(theirs, "index.html")
    assert "data-record=" in page(theirs, MERGE)


def test_awesome_nav(python: Path, theirs: Project) -> None:
    theirs.write("docs/.nav.yml", "nav:\n- index.md\n- shown.md\n- Measured: stackdoc/examples\n")
    built(python, theirs, "plugins: [search, awesome-nav, {stackdoc: {in_nav: true}}]\n")
    assert 'href="stackdoc/examples/sorting/merge/"' in page(theirs, "index.html")
    assert "stackdoc/machines/" not in page(theirs, "index.html")


@pytest.mark.parametrize("structure", ["suffix", "folder"])
def test_static_i18n(python: Path, theirs: Project, structure: str) -> None:
    """Pages of both languages show the example; ours are there once."""
    names = {"en": "{}.md", "de": "{}.de.md"} if structure == "suffix" else {"en": "en/{}.md", "de": "de/{}.md"}
    for path in ("index", "shown"):
        (theirs.root / f"docs/{path}.md").unlink()
        for language, name in names.items():
            text = (PLAIN if path == "index" else SHOWN).replace(
                "see [the example](stackdoc/examples/sorting/merge.ipynb)", language
            )
            theirs.write(f"docs/{name.format(path)}", text)
    languages = "[{locale: en, name: English, default: true, build: true}, {locale: de, name: Deutsch, build: true}]"
    built(
        python,
        theirs,
        f"plugins: [search, {{i18n: {{docs_structure: {structure}, languages: {languages}}}}}, stackdoc]\n",
    )
    for path in ("shown/index.html", "de/shown/index.html"):
        assert "data-record=" in page(theirs, path), path
    assert "data-record=" in page(theirs, MERGE)


def test_git_dates(python: Path, theirs: Project) -> None:
    """Generated pages have no history, of which the plugin must not complain."""
    commit(theirs)
    settings = "plugins: [search, {git-revision-date-localized: {strict: true}}, stackdoc]\n"
    built(python, theirs, settings)
    assert "data-record=" in page(theirs, MERGE)


def test_the_plugins_are_in_use(python: Path) -> None:
    """Not ours or fakes: each package is where it was installed."""
    code = (
        "import importlib.metadata as m, json, sys; "
        "print(json.dumps([str(m.distribution(name).locate_file('')) for name in sys.argv[1:]]))"
    )
    done = subprocess.run([str(python), "-c", code, *PACKAGES], capture_output=True, text=True, check=True)
    assert all(path.startswith(str(ROOT / "build/plugins")) for path in json.loads(done.stdout))
    assert shutil.which("mike", path=str(python.parent))
