"""A grid has rows and columns of equal cells, and arrows between cells that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.diagrams import BOX, SVG, drawn, refused, site_of

RING = """frames:
  - title: Start
    columns: [GPU 0, GPU 1]
    rows:
      - {label: chunk a, cells: [a0, {label: a1, kind: data}]}
      - {label: chunk b, cells: [b0, b1]}
    arrows: [{from: [1, 1], to: [1, 2]}]
  - title: After
    columns: [GPU 0, GPU 1]
    rows:
      - {label: chunk a, cells: [a0, {label: sum, kind: compute}]}
      - {label: chunk b, cells: [b0, b1]}
"""


def test_cells_are_in_rows_and_columns(tmp_path: Path) -> None:
    boxes = BOX.findall(SVG.findall(drawn(site_of(tmp_path), RING, "grid"))[0])[:4]
    assert len({x for x, *_ in boxes}) == len({y for _, y, *_ in boxes}) == 2
    assert len({(width, height) for *_, width, height in boxes}) == 1


def test_frames_are_beside_each_other_and_below_where_it_is_narrow(tmp_path: Path) -> None:
    body = RING.replace("a0", "a-text-of-a-cell")
    wide, narrow = (BOX.findall(svg) for svg in SVG.findall(drawn(site_of(tmp_path), body, "grid")))
    assert wide[0][1] == wide[4][1]
    assert float(narrow[4][1]) > float(narrow[0][1])


def test_cells_are_listed_in_words(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), RING, "grid")
    assert "GPU 0: a0; GPU 1: a1 (data)" in html
    assert "row 1, column 1 to row 1, column 2" in html


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (RING.replace("to: [1, 2]", "to: [1, 3]"), "19: there is no cell [1, 3]; write [row, column], from 1"),
        (RING.replace("to: [1, 2]", "to: [0, 2]"), "19: there is no cell [0, 2]"),
        (RING.replace("[b0, b1]}\n    arrows", "[b0, b1, b2]}\n    arrows"), "18: has 3 cells and 2 columns"),
        ("columns: [a]", "10: a grid has either rows or frames"),
        ("rows: [{label: a, cells: []}]", "13: a grid needs rows with cells"),
        ("rows: [{label: a, cels: [b]}]", "13: unknown key 'cels'; did you mean 'cells'?"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "grid"))
