"""Bars are as long as their quantities, whatever unit each is written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.diagrams import drawn, refused, site_of, widths

THREE = """unit: ms
bars:
  - {label: Weights, value: 40 ms, kind: memory}
  - {label: Cache, value: 10000 us, kind: memory}
  - {label: Products, value: 20, kind: compute}
"""


@pytest.mark.parametrize("size", [0, 1])
def test_lengths_are_in_the_ratio_of_the_quantities(tmp_path: Path, size: int) -> None:
    first, second, third = widths(drawn(site_of(tmp_path), THREE, "bars"), size)
    assert (second / first, third / first) == pytest.approx((0.25, 0.5), rel=0.01)


def test_a_value_is_shown_as_it_was_written(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), THREE, "bars")
    for text in ("40 ms", "10000 us", "20\u00a0ms"):
        assert html.count(f">{text}</text>") == 2


def test_a_role_is_a_quantity_and_its_number_is_shown(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), "unit: s\nbars: [{label: A, value: '{given}`4 s`'}, {label: B, value: 2}]", "bars")
    first, second = widths(html)
    assert second / first == pytest.approx(0.5, rel=0.01)
    assert '<span class="sd-given">4 s</span>' in html


def test_a_logarithmic_bar_has_equal_steps_for_equal_ratios(tmp_path: Path) -> None:
    body = "unit: ns\nscale: log\nbars: [{label: A, value: 10}, {label: B, value: 100}, {label: C, value: 1000}]"
    first, second, third = widths(drawn(site_of(tmp_path), body, "bars"))
    assert third - second == pytest.approx(second - first, rel=0.02)


def test_parts_follow_each_other_and_their_sum_is_checked(tmp_path: Path) -> None:
    parts = "parts: [{label: a, value: 30, kind: data}, {label: b, value: 10, kind: memory}]"
    site = site_of(tmp_path)
    html = drawn(site, f"unit: GB\nform: stacked\nbars: [{{label: All, {parts}}}]", "bars")
    first, second = widths(html)
    assert second / first == pytest.approx(1 / 3, rel=0.01)
    assert "40\u00a0GB" in html
    body = f"unit: GB\nform: stacked\nbars: [{{label: All, value: 50 GB, {parts}}}]"
    assert "'50 GB' is not the sum of the parts, '40\\xa0GB'" in refused(site, body, "bars")[0]


def test_a_waterfall_ends_at_the_sum_of_its_steps(tmp_path: Path) -> None:
    body = "unit: W\nform: waterfall\nbars: [{label: A, value: 100}, {label: B, value: -40 W}, {label: Left}]"
    html = drawn(site_of(tmp_path), body, "bars")
    first, lost, left = widths(html)
    assert (lost / first, left / first) == pytest.approx((0.4, 0.6), rel=0.01)
    assert ">60\u00a0W</text>" in html
    assert ">−40 W</text>" in html


def test_a_funnel_states_the_share_of_the_first(tmp_path: Path) -> None:
    body = "unit: token\nform: funnel\nbars: [{label: All, value: 200 token}, {label: Kept, value: 25 token}]"
    assert "25 token (12.5 %)" in drawn(site_of(tmp_path), body, "bars")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("unit: msec\nbars: [{label: A, value: 1}]", "13: unknown unit 'msec'"),
        (
            "unit: ms\nbars: [{label: A, value: 4 GB}]",
            "14: '4 GB' is [information] (GB), where [time] (ms) is expected",
        ),
        ("unit: ms\nbars: [{label: A, value: about}]", "14: 'about' is not a quantity"),
        ("unit: ms\nbars: [{label: A, valeu: 1}]", "14: unknown key 'valeu'; did you mean 'value'?"),
        ("unit: ms\nbars: [{label: A}]", "14: lacks 'value'"),
        ("unit: ms\nbars: [{label: A, value: -1}]", "14: '-1\\xa0ms' is negative"),
        ("unit: ms\nscale: log\nbars: [{label: A, value: 0}]", "15: a logarithmic axis needs values above zero"),
        ("unit: ms\nform: stack\nbars: [{label: A, value: 1}]", "14: found 'stack'; known: plain, stacked"),
        ("unit: ms\nbars: [{label: A, value: 1, kind: memroy}]", "did you mean 'memory'?"),
        ("unit: ms\nform: stacked\nbars: [{label: A, value: 1}]", "15: a bar of form stacked needs parts"),
        ("unit: ms\nbars: []", "14: a diagram needs bars"),
        ("bars: [{label: A, value: 1}]", "10: lacks 'unit'"),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    assert any(expected in problem for problem in refused(site_of(tmp_path), body, "bars"))
