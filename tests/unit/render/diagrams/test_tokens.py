"""Tokens are counted, and their spaces are visible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.diagrams import BOX, SVG, drawn, refused, site_of

LINES = 'lines: [{label: English, tokens: ["The", " stack", "\\n"], note: three}]'


def test_each_token_is_a_box_as_wide_as_its_text(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), LINES, "tokens")
    first, second, third = (float(width) for _, _, width, _ in BOX.findall(SVG.findall(html)[0])[:3])
    assert (second - third) / (first - third) == pytest.approx(5 / 2, rel=0.02)
    assert ">·stack</tspan>" in html
    assert ">⏎</tspan>" in html
    assert "3 tokens: three" in html


def test_a_long_text_is_wrapped(tmp_path: Path) -> None:
    many = f"lines: [{{label: Many, tokens: [{', '.join(['token'] * 60)}]}}]"
    wide, narrow = (BOX.findall(svg) for svg in SVG.findall(drawn(site_of(tmp_path), many, "tokens")))
    assert 1 < len({y for _, y, *_ in wide}) < len({y for _, y, *_ in narrow})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("lines: [{label: A, tokens: []}]", "13: each token needs a character"),
        ("lines: [{label: A, tokens: [7]}]", "13: found 7, which YAML reads as the number 7"),
        ("lines: []", "13: a diagram needs lines"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "tokens"))
