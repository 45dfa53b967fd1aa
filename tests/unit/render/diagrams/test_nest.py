"""A box of a nest contains the boxes inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.diagrams import BOX, SVG, drawn, refused, site_of

CHIP = """boxes:
  - label: Chip
    boxes:
      - {label: Core, id: core, times: 132, kind: compute}
      - {label: Cache, id: cache, kind: memory}
"""


@pytest.mark.parametrize("size", [0, 1])
def test_inner_boxes_are_inside_the_outer_one_and_apart(tmp_path: Path, size: int) -> None:
    svg = SVG.findall(drawn(site_of(tmp_path), CHIP, "nest"))[size]
    outer, _, core, cache, *_ = [tuple(map(float, box)) for box in BOX.findall(svg)]  # the second is a shadow
    for x, y, width, height in (core, cache):
        assert outer[0] < x
        assert outer[1] < y
        assert x + width < outer[0] + outer[2]
        assert y + height < outer[1] + outer[3]
    assert core[0] + core[2] < cache[0] or core[1] + core[3] < cache[1]


def test_the_number_of_a_box_is_written_and_listed(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), CHIP, "nest")
    assert html.count(">× 132</text>") == 2
    assert "Chip › Core" in html


def test_arrows_in_both_directions_are_apart(tmp_path: Path) -> None:
    body = CHIP + "arrows: [{from: core, to: cache, label: read}, {from: cache, to: core, label: line, back: true}]"
    html = drawn(site_of(tmp_path), body, "nest")
    paths = [part.split('"')[0] for part in html.split('<path d="') if "sd-arrow" in part[:80]]
    assert len(set(paths)) == len(paths) == 4


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CHIP + "arrows: [{from: core, to: cach}]", "18: unknown id 'cach'; did you mean 'cache'?"),
        (CHIP.replace("times: 132", "times: 0"), "16: times is 0; it is 1 or more"),
        (CHIP.replace("id: cache", "id: core"), "17: duplicate id 'core'"),
        (CHIP.replace("label: Cache", "lable: Cache"), "17: unknown key 'lable'; did you mean 'label'?"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "nest"))
