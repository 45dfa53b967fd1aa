"""A staged site: what another engine finds in it, and how the pages that it makes are finished."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from markdown import Markdown

from stackdoc.adapters.mkdocs.stage import Stage, finish_pages, stage
from stackdoc.errors import StackdocError
from stackdoc.reading.configuration import parse_settings
from tests.made.built import Project
from tests.made.theirs import write_theirs

SETTINGS = "nav: [index.md, shown.md, {Measured: [stackdoc/examples/*]}]\nplugins: [search, stackdoc]\n"


@pytest.fixture
def theirs(built_once: Project, tmp_path: Path) -> Project:
    project = Project(tmp_path / "theirs")
    write_theirs(built_once, project, SETTINGS)
    return project


def staged(project: Project) -> Stage:
    return stage(project.root / "mkdocs.yml", project.root / "stage", "never")


def test_a_stage_has_all_pages_files_and_a_complete_navigation(theirs: Project) -> None:
    made = staged(theirs)
    docs = made.directory / "docs"
    (record,) = (path.stem for path in (theirs.root / "docs/stackdoc/records").rglob("*.json"))
    for path in (
        *(page.file for page in made.pages),
        f"stackdoc/r/{record}/index.html",
        f"stackdoc/r/{record}.bib",
        "stackdoc/assets/stackdoc/stackdoc.css",
        "stackdoc/examples/sorting/merge.py",
    ):
        assert (docs / path).exists(), path
    assert {page.file for page in made.pages} >= {"index.md", "shown.md", "stackdoc/examples/sorting/merge.md"}
    assert "(stackdoc/examples/sorting/merge.md)" in (docs / "shown.md").read_text("utf-8")
    generated = "".join((docs / page.file).read_text("utf-8") for page in made.pages if page.generated)
    assert not re.search(r'(?:href|src)="/(?!/)', generated)
    settings = yaml.safe_load((made.directory / "mkdocs.yml").read_text("utf-8"))
    assert settings["nav"][2] == {"Measured": ["stackdoc/examples/index.md", "stackdoc/examples/sorting/merge.md"]}
    assert settings["plugins"] == ["search"]
    assert {"stackdoc": {"root": str(theirs.root), "machine": "here", "staged": True}} in settings[
        "markdown_extensions"
    ]
    again = staged(theirs)
    assert again.pages == made.pages


def test_pages_are_finished_as_in_mkdocs(theirs: Project) -> None:
    made, site = staged(theirs), theirs.root / "made"
    extensions = parse_settings((made.directory / "mkdocs.yml").read_text("utf-8"))["markdown_extensions"]
    options = {name: settings for entry in extensions for name, settings in entry.items()}
    for page in made.pages:
        text = (made.directory / "docs" / page.file).read_text("utf-8")
        reader = Markdown(extensions=list(options), extension_configs=options)
        (site / page.place).parent.mkdir(parents=True, exist_ok=True)
        (site / page.place).write_text(f"<html><main>{reader.convert(text)}</main></html>", "utf-8")
    finish_pages(made, site)
    pages = {page.file: (site / page.place).read_text("utf-8") for page in made.pages}
    assert not [path for path, html in pages.items() if "<!--sd-page" in html]
    assert {path for path, html in pages.items() if 'class="sd-print"' in html} == set(pages) - {"index.md"}
    twins = {path.relative_to(site).as_posix() for path in site.rglob("*.md")}
    assert twins == {str(Path(page.place).with_suffix(".md")) for page in made.pages if page.file != "index.md"}
    assert "# Sorting numbers" in (site / "stackdoc/examples/sorting/merge/index.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("settings", "file", "problem"),
    [
        ("plugins: [search]\n", "", "plugins: the plugin stackdoc is not used; add `- stackdoc` to plugins"),
        ("use_directory_urls: false\nplugins: [stackdoc]\n", "", "use_directory_urls: is false"),
        ("plugins: [stackdoc]\n", "stage/notes.txt", "has files that are not of a stage, such as notes.txt"),
        ("markdown_extensions: [toc]\nplugins: [stackdoc]\n", "", "can't be staged: markdown_extensions does not have"),
    ],
)
def test_what_can_not_be_staged_is_named(theirs: Project, settings: str, file: str, problem: str) -> None:
    theirs.write("mkdocs.yml", f"site_name: Theirs\n{settings}")
    if file:
        theirs.write(file, "kept")
    with pytest.raises(StackdocError, match=re.escape(problem)):
        staged(theirs)
    assert not file or (theirs.root / file).exists()
