"""Numbers and their units: side by side in a column, never on two lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stackdoc.adapters.contents import joined
from stackdoc.render.pages import record as record_page
from stackdoc.render.values.value import WIDEST, aligned, keep_units_together
from tests.made import two_machines


def text(cell: str) -> str:
    return re.sub(r"<[^>]+>", "", cell)


def test_a_unit_is_beside_its_number_and_only_what_follows_it_is_room() -> None:
    cells = aligned(["80 MB/s", "1.25 GB/s", "–", "60 %", "1.5×"])
    assert [text(cell) for cell in cells] == ["80\u00a0MB/s", "1.25\u00a0GB/s", "–", "60\u00a0%", "1.5×"]
    assert cells[0] == '<span>80<span class="sd-tail sd-tail-8">\u00a0MB/s</span></span>'
    assert cells[1] == '<span>1<span class="sd-tail sd-tail-8">.25\u00a0GB/s</span></span>'
    assert cells[2] == "–"


def test_a_column_of_one_unit_and_no_fraction_needs_no_room() -> None:
    assert aligned(["80 ms", "9 ms"]) == ["<span>80\u00a0ms</span>", "<span>9\u00a0ms</span>"]


def test_the_style_sheet_knows_every_room() -> None:
    longest = aligned(["1 furlong per fortnight", "2.5 s"])[0]
    assert f"sd-tail-{WIDEST}" in longest
    sheet = joined(".css")
    assert all(f".sd-tail-{width} {{ min-width: {width}ch; }}" in sheet for width in range(1, WIDEST + 1))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>95 % of 24 GiB in 3 ms, 2 s</p>", "<p>95\u00a0% of 24\u00a0GiB in 3\u00a0ms, 2\u00a0s</p>"),
        ("<p>80 GFLOP/s</p>", "<p>80\u00a0GFLOP/s</p>"),
        ("<p>3 steps, 4 Bytes, 5 blocks</p>", "<p>3 steps, 4 Bytes, 5 blocks</p>"),
        ('<a title="3 ms">4 ms</a>', '<a title="3 ms">4\u00a0ms</a>'),
        ("<pre>sleep 3 s</pre><code>5 s</code>", "<pre>sleep 3 s</pre><code>5 s</code>"),
    ],
)
def test_no_line_ends_between_a_number_and_its_unit(html: str, expected: str) -> None:
    assert keep_units_together(html) == expected


def test_a_record_s_page_keeps_units_with_their_numbers(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    page = next(page for page in record_page.pages(site, site.records["aaaaaaaaaaaa"]) if page.kind == "html")
    assert "80\u00a0GFLOP/s" in text(page.text)
    assert "95\u00a0% interval" in text(page.text)
