"""Spans of a timeline begin where they are put: at a time, after others, or after the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.diagrams import BOX, SVG, drawn, refused, site_of

OVERLAP = """unit: ms
lanes:
  - label: Compute
    spans:
      - {id: one, label: first, length: 10}
      - {id: two, label: second, length: 10}
  - label: Network
    spans:
      - {id: sum, label: sum, start: {after: one}, length: 5000 us}
      - {label: last, start: "after: two, sum", length: 5}
"""


def test_spans_begin_after_those_they_wait_for(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), OVERLAP, "timeline")
    first, second, total, last = (tuple(map(float, box)) for box in BOX.findall(SVG.findall(html)[0]))
    assert second[0] == pytest.approx(first[0] + first[2], abs=0.2)
    assert total[0] == pytest.approx(second[0], abs=0.2)
    assert total[2] / first[2] == pytest.approx(0.5, rel=0.01)
    assert last[0] == pytest.approx(second[0] + second[2], abs=0.2)
    assert "<td>20 ms</td>" in html.replace("\u00a0", " ")


def test_spans_that_overlap_are_below_each_other(tmp_path: Path) -> None:
    body = "unit: s\nlanes: [{label: A, spans: [{label: a, length: 4}, {label: b, start: 2, length: 4}]}]"
    first, second = BOX.findall(SVG.findall(drawn(site_of(tmp_path), body, "timeline"))[0])
    assert float(second[1]) >= float(first[1]) + float(first[3])


def test_a_label_that_does_not_fit_its_span_is_listed_below(tmp_path: Path) -> None:
    body = "unit: s\nlanes: [{label: A, spans: [{label: a long name, length: 1}, {label: rest, length: 99}]}]"
    assert "1:\u00a0a\u00a0long\u00a0name" in drawn(site_of(tmp_path), body, "timeline")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (OVERLAP.replace("{after: one}", "{after: onn}"), "21: unknown id 'onn'; did you mean 'one'?"),
        (OVERLAP.replace("{after: one}", "{after: sum}"), "21: the spans wait for each other"),
        (OVERLAP.replace("5000 us", "5000 B"), "21: '5000 B' is [information] (B)"),
        (OVERLAP.replace("id: two", "id: one"), "18: duplicate id 'one'; first used on line 17"),
        ("unit: ms\nlanes: []", "14: a diagram needs lanes with spans"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "timeline"))
