"""The waterfall: steps in their places, on the rows of the tower, and whatever stands in a record harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.record import Point, Record
from stackdoc.render.fences.block import fence
from stackdoc.render.values.record_view import RecordView
from stackdoc.stack.layers.waterfall import figure, waterfall
from tests.made import two_machines
from tests.made.points import valued
from tests.made.records import record


def step(name: str, seconds: float, layer: str, of: str, label: str = "") -> Point:
    parameters = (("layer", layer), ("step", of))
    made = valued([seconds] * 6, name, unit="s", better="lower", label=label)
    return replace(made, parameters=parameters)


def request(*more: Point) -> Record:
    return record(
        valued([1.0] * 6, "whole", unit="s", better="lower"),
        step("stage", 0.25, "serving", "prompt"),
        step("stage", 0.70, "serving", "decode", "make the tokens"),
        step("part", 0.50, "kernels", "decode"),
        step("part", 0.20, "runtime", "decode"),
        step("bound", 0.40, "kernels", "decode"),
        *more,
    )


def view(found: Record) -> RecordView:
    return RecordView("here", "AMD EPYC, 2 cores", found, None, ())


def keys(found: Record) -> list[str]:
    return [point.key for point in found.points]


def drawn(tmp_path: Path, found: Record) -> str:
    return str(figure(two_machines.site(tmp_path), view(found), keys(found)))


def test_steps_follow_one_another_and_parts_share_out_theirs() -> None:
    fall = waterfall(view(request()), keys(request()))
    places = [(bar.kind, bar.layer, round(bar.start, 6), round(bar.seconds, 6)) for bar in fall.bars]
    assert places == [
        ("stage", "serving", 0.0, 0.25),
        ("stage", "serving", 0.25, 0.7),
        ("part", "kernels", 0.25, 0.5),
        ("part", "runtime", 0.75, 0.2),
        ("bound", "kernels", 0.25, 0.4),
    ]
    assert fall.left == pytest.approx(0.05)


def test_no_bar_leaves_the_drawing_and_none_vanishes(tmp_path: Path) -> None:
    html = drawn(tmp_path, request(step("stage", 0.2, "application", "reply"), step("stage", 1e-7, "data", "end")))
    bars = [tuple(map(float, found)) for found in re.findall(r'<rect x="([\d.]+)" y="2" width="([\d.]+)"', html)]
    assert len(bars) == 7
    assert all(left >= 0 and left + width <= 1000.1 and width >= 2 for left, width in bars)


def test_every_row_and_every_step_says_its_time_in_words(tmp_path: Path) -> None:
    html = drawn(tmp_path, request())
    rows = re.findall(r'class="sd-waterfall__said">([^<]+)<', html)
    assert rows == ["500 ms, 50.0 %", "200 ms, 20.0 %", "250 ms, 25.0 %"]  # kernels, then what this stack does not know
    table = html[html.index("<table") :]
    assert "make the tokens" in table
    assert "of which" in table
    assert "outside the steps" in table
    assert table.count('class="sd-value"') == 6


def test_a_record_that_lies_is_escaped_and_links_nowhere(tmp_path: Path) -> None:
    html = drawn(
        tmp_path, request(step("stage", 0.1, two_machines.HOSTILE, two_machines.HOSTILE, two_machines.HOSTILE))
    )
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html


@pytest.mark.parametrize("missing", ["whole", "stage"])
def test_without_the_whole_or_without_steps_it_is_refused(missing: str) -> None:
    found = replace(request(), points=tuple(point for point in request().points if point.name != missing))
    with pytest.raises(ValueError, match="needs a point `whole`"):
        waterfall(view(found), keys(found))


def test_a_page_that_asks_for_one_of_an_example_without_steps_is_told_where(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match=r"docs/x\.md:2.*waterfall of 'kernels/gemm' can't be drawn"):
        fence(two_machines.site(tmp_path), "example: kernels/gemm\nfigure: waterfall\n", "docs/x.md", 1)
