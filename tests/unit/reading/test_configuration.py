"""What mkdocs.yml says of the project, read without MkDocs; and the citations that come of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.prechecking import check_pages
from stackdoc.adapters.registered import layout_of, load_site
from stackdoc.errors import StackdocError
from stackdoc.reading.configuration import Configuration, read_configuration
from stackdoc.render.citation.cite import FORMATS, cite
from stackdoc.site.site import Site, Subject
from tests.made import two_machines

OURS = {"site_name": "Ours", "site_author": "A & B", "site_url": "https://docs.example.org/ours/"}


def written(root: Path, text: str) -> Configuration:
    (root / "mkdocs.yml").write_text(text, "utf-8")
    return read_configuration(root)


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins: [search, {stackdoc: {license: MIT, text_license: CC-BY-4.0}}]",
        "plugins: {search: {}, stackdoc: {license: MIT, text_license: CC-BY-4.0}}",
    ],
)
def test_all_that_a_citation_needs_is_read(tmp_path: Path, plugins: str) -> None:
    said = "\n".join([*(f"{name}: {value}" for name, value in OURS.items()), plugins])
    emoji = "markdown_extensions:\n- pymdownx.emoji: {emoji_index: !!python/name:material.extensions.emoji.twemoji ''}"
    expected = Configuration("Ours", "A & B", "https://docs.example.org/ours/", "MIT", "CC-BY-4.0", prefix="stackdoc/")
    assert written(tmp_path, f"{said}\n{emoji}\n") == expected


def test_variables_and_what_is_inherited_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base.yml").write_text("site_name: Base\nsite_author: Base\n", "utf-8")
    text = "INHERIT: base.yml\nsite_name: Ours\nsite_url: !ENV [OURS_URL, THEIRS_URL, 'https://example.org/']\n"
    assert written(tmp_path, text) == Configuration("Ours", "Base", "https://example.org/")
    monkeypatch.setenv("THEIRS_URL", "https://example.net/")
    assert written(tmp_path, text) == Configuration("Ours", "Base", "https://example.net/")


@pytest.mark.parametrize("text", ["", "site_name: [", "- a", "plugins: stackdoc"])
def test_what_is_wrong_or_missing_is_nothing(tmp_path: Path, text: str) -> None:
    assert written(tmp_path, text) == Configuration()


@pytest.mark.parametrize(
    ("plugins", "expected"),
    [
        ("[search]", Configuration()),
        ("[search, stackdoc]", Configuration(prefix="stackdoc/")),
        ("[{stackdoc: }]", Configuration(prefix="stackdoc/")),
        ("{stackdoc: {prefix: ''}}", Configuration()),
        ("[{stackdoc: {prefix: /a/b, author: B}}]", Configuration(prefix="a/b/", author="B")),
        ("[{stackdoc: {roles: [measured]}}]", Configuration(prefix="stackdoc/", roles=frozenset({"measured"}))),
    ],
)
def test_the_plugin_says_where_our_files_are_and_what_is_ours(
    tmp_path: Path, plugins: str, expected: Configuration
) -> None:
    assert written(tmp_path, f"plugins: {plugins}\n") == expected


def test_records_data_and_pages_are_below_the_prefix(tmp_path: Path) -> None:
    written(tmp_path, "docs_dir: pages\nplugins: [stackdoc]\n")
    layout = layout_of(tmp_path)
    assert layout.records.as_posix() == "pages/stackdoc/records"
    assert layout.collection("remarks") == "pages/stackdoc/data/remarks.yml"
    assert layout.text("layers", "a") == "pages/stackdoc/layers/a.md"
    assert layout.published("https://example.org/x") == "https://example.org/x/stackdoc/"
    assert layout.published("") == ""


@pytest.mark.parametrize("format", FORMATS)
def test_a_citation_names_the_author_and_the_licence_of_the_project(tmp_path: Path, format: str) -> None:
    def cited(**changes: str) -> str:
        site: Site = replace(two_machines.site(tmp_path), subject=Subject(), data=None, name="Ours", **changes)  # type: ignore[arg-type]
        return cite(site, "aaaaaaaaaaaa", format, "https://docs.example.org/")

    theirs = cited(author="Someone else", licence="")
    assert "The stackdoc project" not in theirs
    assert "CC0" not in theirs
    assert "licen" not in theirs
    assert ("Someone else" in theirs) == (format not in ("text", "markdown"))
    assert ("MIT" in cited(author="Someone else", licence="MIT")) == (format in ("bibtex", "cff"))


def test_a_check_without_mkdocs_leaves_drafts_alone(tmp_path: Path) -> None:
    for path in ("docs/drafts/next.md", "docs/later.md", "docs/index.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("```stackdoc\nexample: no/such-thing\n```\n", "utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: Ours\nexclude_docs: |\n  drafts/\ndraft_docs: later.md\n", "utf-8")
    with pytest.raises(StackdocError) as caught:
        check_pages(load_site(tmp_path), tmp_path / "docs")
    assert [problem.file for problem in caught.value.problems] == ["docs/index.md"]


def test_a_project_that_names_no_author_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: Ours\nplugins: [stackdoc]\n", "utf-8")
    site = load_site(tmp_path)
    assert (site.author, site.title, site.licence, site.address) == ("Ours", "Ours", "", "")
    assert site.is_empty
