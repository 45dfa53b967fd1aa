"""The index of our own search: the entries of a page, and what the worker is told."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from stackdoc.adapters.mkdocs.own_search import entries, replace_worker, told
from stackdoc.render.domain import SearchHints

HTML = '<h1 id="a">A</h1><p>All.</p><table><tr><td>row</td></tr></table><h2 id="b">B</h2><p>Part.</p><h2 id="c"></h2>'
ADDRESSES = {"layers/a.md": "own/layers/a/"}


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    (tmp_path / "docs").mkdir()
    config = MkDocsConfig(config_file_path=str(tmp_path / "mkdocs.yml"))
    config.load_dict({"site_name": "Ours", "theme": "mkdocs"})
    assert not config.validate()[0]
    config.plugins._current_plugin = "stackdoc"  # as MkDocs sets it while a plugin is called
    return config


def entries_of(config: MkDocsConfig, source: str, **meta: Any) -> list[dict[str, Any]]:
    page = Page(None, File.generated(config, source, content=""), config)
    page.meta = meta
    return entries(HTML, page, source, ["facts.md"])


def test_a_page_has_an_entry_for_each_section_with_words(config: MkDocsConfig) -> None:
    start, part = entries_of(config, "layers/a.md")
    assert start == {"location": "layers/a/", "title": "A", "text": "All.", "words": "row"}
    assert part == {"location": "layers/a/#b", "title": "B", "text": "Part."}


def test_front_matter_decides_as_with_material(config: MkDocsConfig) -> None:
    assert entries_of(config, "a.md", search={"exclude": True}) == []
    assert [entry["boost"] for entry in entries_of(config, "a.md", search={"boost": 2})] == [2, 2]
    assert entries_of(config, "a.md", title="Other")[0]["title"] == "Other"


@pytest.mark.parametrize("source", ["facts.md", "machines/index.md", "compare/a/b.md", "changelog.md"])
def test_of_a_page_that_lists_what_is_on_others_only_the_start_is_found(config: MkDocsConfig, source: str) -> None:
    (entry,) = entries_of(config, source)
    assert (entry["text"], "words" in entry) == ("All.", False)


def test_the_worker_is_told_by_address_and_below_the_prefix() -> None:
    hints = SearchHints(synonyms=[("a", "b")], also={"layers/a.md#b": ["why"]}, weights={("layers", ""): 2})
    assert told(hints, ADDRESSES, "own/") == {
        "synonyms": [("a", "b")],
        "also": {"own/layers/a/#b": ["why"]},
        "weights": [["own/layers", "", 2]],
    }


def test_words_for_a_page_that_the_site_lacks_are_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert told(SearchHints(also={"layers/gone.md": ["why"]}), ADDRESSES, "")["also"] == {}
    assert "layers/gone.md" in caplog.text


def test_a_theme_whose_worker_is_not_found_is_a_warning(config: MkDocsConfig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        replace_worker(Files([]), config, SearchHints(), "")
    assert "no worker" in caplog.text


def test_texts_are_stored_as_html_and_a_title_that_is_escaped_is_not_escaped_again(config: MkDocsConfig) -> None:
    page = Page(None, File.generated(config, "a.md", content=""), config)
    page.meta = {"title": "A &lt; B &amp; C"}
    html = '<h1 id="a">x</h1><p>1 &lt; 2</p><h2 id="b">R&amp;D</h2><p>&lt;script&gt;</p>'
    start, part = entries(html, page, "a.md")
    assert (start["title"], start["text"]) == ("A &lt; B &amp; C", "1 &lt; 2")
    assert (part["title"], part["text"]) == ("R&amp;D", "&lt;script&gt;")
