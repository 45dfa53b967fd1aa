"""What Material's search reads of a page, and that the page comes back as it was."""

from __future__ import annotations

import pytest
from material.plugins.search.plugin import Parser

from stackdoc.adapters.mkdocs.search import restored, shortened

VALUE = '<data class="sd-value" value="1">1 s</data>'
ROW = f"<tr><th>Name</th><td>{VALUE}</td></tr>"
CODE = '<pre tabindex="0"><span class="n">a</span>(b)\n</pre>'
FOLD = f'<details class="sd-data"><summary>Data</summary><details><summary>More</summary>{ROW}</details>5</details>'


def read(html: str, with_code: bool = False, is_listing: bool = False) -> str:
    """The words that the search reads, after a proof that the page loses none of its own by it."""
    shown, parts = shortened(html, with_code=with_code, is_listing=is_listing)
    assert restored(shown, parts) == html
    parser = Parser()
    parser.feed(shown)
    return " ".join("".join(word for section in parser.data for word in section.text).split())


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (f"<p>Before</p>{CODE}<p>after</p>", "<p>Before</p><p>after</p>"),
        (f"<p>Before</p>{FOLD}<p>after</p>", "<p>Before</p><p>after</p>"),
        (f"<table class='own'>{ROW}</table>", "Name 1 s"),
        (f'<table class="sd-table"><caption>Times.</caption>{ROW}</table>', "Times."),
        (f'<table class="sd-table sd-rows">{ROW}</table>', ""),
        (f'<table class="sd-table sd-numbers">{ROW}</table>', "Name 1 s"),
        ('<table class="sd-table"><tr><td>a</td><td>b</td></tr></table>', "a b"),
        ("<svg class=\"sd-svg\"><text>7</text></svg><svg class='own'><text>8</text></svg>", "8"),
        ('<div data-choice="x" data-search-exclude><div>a</div><div>b</div></div>c', "c"),
        ('<details class="sd-other" open data-choice="x"><summary hidden>here</summary>c</details>', "c"),
        ('<div class="jp-InputPrompt jp-x">In [ ]:</div>c', "c"),
        ('<details class="sd-data">never closed', "never closed"),
    ],
)
def test_figures_and_code_are_left_out_and_prose_is_not(html: str, words: str) -> None:
    assert read(f'<h1 id="a">A</h1>{html}') == words


def test_a_table_with_headings_stays_for_each_leads_to_its_row() -> None:
    html = (
        f'<h1 id="a">A</h1><table class="sd-table sd-rows"><tr><td><h3 id="b">B</h3></td><td>{VALUE}</td></tr></table>'
    )
    assert read(html) == "1 s"


def test_code_of_a_project_that_merges_no_stack_is_read() -> None:
    html = f'<h1 id="a">A</h1>{CODE}<div class="jp-InputPrompt">In [ ]:</div>{FOLD}'
    assert read(html, with_code=True) == "<pre>a(b) </pre>In [ ]:"


def test_of_a_listing_only_the_opening_is_read() -> None:
    html = '<h1 id="a">A</h1><p>Side by side.</p><h2 id="b">B</h2><p>Figures.</p>'
    assert read(html, is_listing=True) == "<p>Side by side.</p>"
    assert read(html) == "<p>Side by side.</p><p>Figures.</p>"
