"""The sections of a page for the search: prose by heading, without code, figures and measured tables."""

from __future__ import annotations

import pytest

from stackdoc.render.html.sections import Section, sections

VALUE = '<data class="sd-value" value="1">1 s</data>'
MEASURED = f'<table class="sd-table"><caption>Times.</caption><tr><th>Name</th><td>{VALUE}</td></tr></table>'


def test_a_page_is_split_at_its_headings() -> None:
    html = (
        '<h1 id="a">Serving<a class="headerlink" href="#a">¶</a></h1><p>All <em>of</em> it.</p>\n'
        '<h2 id="b">The <code>law</code></h2><p>One &amp;\n two.</p><h3>No address</h3><p>Three.</p>'
    )
    assert sections(html) == [
        Section("", "Serving", "All of it."),
        Section("b", "The law", "One & two. No address Three."),
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><pre><code>x = 1</code></pre><p>b</p>", "a b"),
        ("<p>a</p><svg><text>7</text></svg><p>b</p>", "a b"),
        ("<p>a <math alttext='x'><mi>x</mi></math> b</p>", "a b"),
        ('<p>a<span hidden data-search-exclude>7<span>8</span></span> b<span title="hidden">c</span></p>', "a bc"),
        ('<div class="sd-measurements"><div>a</div><div>b</div></div>c', "c"),
        ('<details class="sd-data"><details>1</details>2</details>c', "c"),
        ("<p>a<br>b</p><ul><li>c</li><li>d</li></ul>", "a b c d"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a b"),
        ("<!-- a > b --><p title=\"a > b\" class='x'>c</p>", "c"),
        ('<p>a</p><div class="sd-data">never closed', "a never closed"),
        ('<div class="jp-InputPrompt jp-x">In [ ]:</div>c', "c"),
        ("<script>if (a < b) c()</script>d", "d"),
        ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3"),
    ],
)
def test_prose_is_read_and_the_rest_is_not(html: str, text: str) -> None:
    assert [section.text for section in sections(html)] == [text]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<table><tr><td>Pinecone, Milvus</td><td>Milvus</td><td>12 000</td></tr></table>", "Pinecone Milvus"),
        ("<details><summary>The script</summary><p>Prose.</p></details>", "The script"),
        ("<p>A price.</p><table><tr><td>Price</td><td>of</td></tr></table>", "of"),
        (MEASURED, ""),
        ('<dl class="sd-voices"><dt>Also called</dt><dd>Dynamo</dd></dl>', "Also called Dynamo"),
    ],
)
def test_words_of_tables_find_a_section_without_being_shown(html: str, words: str) -> None:
    (section,) = sections(html)
    assert section.words == words


def test_a_heading_in_a_table_has_its_row_and_no_more() -> None:
    table = f'<table><tr><td><h3 id="b">Layer 3</h3></td><td>Kernels {VALUE}</td></tr></table>'
    first, row = sections(f'<h1 id="a">A</h1><p>Before.</p>{table}<p>After.</p>')
    assert (first.text, row) == ("Before. After.", Section("b", "Layer 3", "Kernels 1 s"))


def test_a_term_with_an_address_is_a_section() -> None:
    term = '<dl class="sd-voices"><div><dt><span id="term-b">KV cache</span> (also KVC)</dt><dd>Keys.</dd></div></dl>'
    assert sections(f'<h1 id="a">Glossary</h1>{term}')[1:] == [Section("term-b", "KV cache (also KVC)", "Keys.")]


def test_a_claim_is_a_section_and_ends_with_its_block() -> None:
    claim = (
        '<section class="sd-claim" id="claim-x"><p><span class="sd-claim__text">It <b>costs</b>.</span></p>'
        "<p>Judged by a chain.</p><section>More.</section></section>"
    )
    first, found = sections(f'<h1 id="a">A</h1><p>Before.</p>{claim}<p>After.</p>')
    assert (first.text, found) == ("Before. After.", Section("claim-x", "It costs.", "Judged by a chain. More."))


def test_a_large_page_takes_time_in_proportion_to_its_size() -> None:
    rows = "<tr><td>a<td>b" * 20_000
    assert sections(f"<table>{rows}</table>{'<p>' * 20_000}c")[0].text == "c"


@pytest.mark.parametrize("name", ["svg", "table", "dl", "h2 id=a", "section id=a class=sd-claim", "p hidden"])
def test_broken_html_is_read_all_the_same(name: str) -> None:
    tag = name.split()[0]
    assert sections(f"<{name}>" * 5_000 + "last")
    assert sections(f"<{name}>" * 1_000 + "last" + f"</{tag}>" * 1_000)
    assert sections(f"<{name}>a</{tag}")
