"""The picture of a page for links to it: what it contains, and what it leaves out."""

from __future__ import annotations

import re

from stackdoc.render.html.page import Assets
from stackdoc.render.preview import LARGEST, card, drawn_from, picture

FIGURE = (
    '<svg class="sd-svg sd-svg--wide" viewBox="0 0 680 381"><path stroke="var(--sd-series-1)" d="M0,0H9"/>'
    '<text fill="var(--sd-ink, #000)">n</text></svg>'
)
STRIP = (
    '<figure class="sd-strip"><div><svg width="100%"><text>same</text></svg></div><ol><li>'
    '<span class="sd-strip__name"><a href="/layers/data/">Data &amp; more</a></span>'
    '<svg width="100%" height="26" class="sd-strip__plot"><g class="sd-strip__dot sd-strip__dot--faster">'
    '<circle cx="50%" cy="13" r="4"></circle></g></svg></li></ol></figure>'
)


def test_the_first_figure_is_drawn_in_fixed_colours() -> None:
    drawing = card("Kernels", "What they do.", "Stack", f"<p>{FIGURE}</p>{FIGURE.replace('680', '90')}")
    assert "var(" not in drawing
    assert 'stroke="#0067a3"' in drawing
    assert drawing.count("viewBox") == 1
    for words in ("Kernels", "What they do.", "Stack"):
        assert f">{words}</text>" in drawing


def test_dots_of_a_comparison_are_rows_with_names() -> None:
    drawing = card("A against B", "", "Stack", STRIP)
    assert ">Data &amp; more</text>" in drawing
    assert 'cx="50%"' in drawing
    assert "same" not in drawing


def test_long_words_end_with_an_ellipsis_and_markup_is_escaped() -> None:
    drawing = card("<b>title</b> " * 20, "word " * 200, "", "")
    assert "<b>" not in drawing
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", drawing)
    assert [text for text in texts if text.endswith(" …")] == [texts[1], texts[7]]


def test_the_picture_is_small_and_named_by_its_content() -> None:
    assets = Assets()
    address = picture("Kernels", "What they do.", "Stack", FIGURE, assets)
    assert re.fullmatch(r"/assets/previews/[0-9a-f]{16}\.jpg", address)
    content = assets.by_path[address[1:]].content
    assert content.startswith(b"\xff\xd8")
    assert len(content) < LARGEST
    assert picture("Kernels", "What they do.", "Stack", FIGURE, Assets()) == address


def test_a_figure_that_cannot_be_drawn_gives_no_picture() -> None:
    assert picture("A", "", "", '<svg class="sd-svg sd-svg--wide"><</svg>', Assets()) == ""
    assert drawn_from("<p>no figure</p>") == ""
