"""A flow runs in the direction of its arrows; a loop must be marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.made.diagrams import BOX, SVG, drawn, refused, site_of

CHAIN = """boxes: [{id: a, label: Ask}, {id: b, label: Batch}, {id: c, label: Compute}]
arrows:
  - {from: a, to: b, label: queue}
  - {from: b, to: c}
"""


def test_boxes_follow_the_arrows_from_left_to_right_and_from_the_top_down(tmp_path: Path) -> None:
    wide, narrow = (BOX.findall(svg) for svg in SVG.findall(drawn(site_of(tmp_path), CHAIN, "flow")))
    assert [float(x) for x, *_ in wide] == sorted({float(x) for x, *_ in wide})
    assert len({y for _, y, *_ in wide}) == 1
    assert [float(y) for _, y, *_ in narrow] == sorted(float(y) for _, y, *_ in narrow)


def test_an_arrow_has_a_head_and_its_label(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), CHAIN, "flow")
    assert len(re.findall('class="sd-head"', html)) == 4
    assert ">queue</text>" in html
    assert "Batch (queue)" in html  # in words


def test_a_loop_must_be_closed_by_an_arrow_back(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    (problem,) = refused(site, CHAIN + "  - {from: c, to: a}\n", "flow")
    assert "the arrows form a loop: " in problem
    assert "write back: true" in problem
    assert "sd-arrow--back" in drawn(site, CHAIN + "  - {from: c, to: a, back: true}\n", "flow")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CHAIN.replace("to: c", "to: zz"), "16: unknown id 'zz'; known: a, b, c"),
        (CHAIN.replace("id: c", "id: a"), "13: duplicate id 'a'; first used on line 13"),
        (CHAIN.replace("from: b", "form: b"), "16: unknown key 'form'; did you mean 'from'?"),
        (CHAIN.replace("to: b", "too: b"), "15: lacks 'to'"),
        ("boxes: []", "13: a diagram needs boxes"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "flow"))


def test_a_first_box_is_next_to_what_it_leads_to(tmp_path: Path) -> None:
    body = CHAIN.replace("{id: c, label: Compute}", "{id: c, label: Compute}, {id: d, label: Data}")
    html = drawn(site_of(tmp_path), body + "  - {from: d, to: c}\n", "flow")
    assert "sd-arrow--back" not in html
    wide = BOX.findall(SVG.findall(html)[0])
    assert len({x for x, *_ in wide}) == 3
