"""Curves are laws evaluated along an axis; points are where their quantities put them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from stackdoc.laws.law import Law, Symbol, Vector
from stackdoc.render.domain import Domain
from stackdoc.site.site import Site
from stackdoc.stack.facts.fact import Fact
from tests.made import two_machines
from tests.made.diagrams import SVG, drawn, refused

ROOF = Law(
    "roof",
    "silicon",
    "Attainable rate",
    "min(peak, intensity * bandwidth)",
    "FLOP/s",
    {
        "peak": Symbol("FLOP/s", "peak rate"),
        "intensity": Symbol("FLOP/B", "operations for each byte"),
        "bandwidth": Symbol("B/s", "bandwidth of memory"),
    },
    "counting",
    (Vector({"peak": "2 FLOP/s", "intensity": 1, "bandwidth": 1}, 1, "counting"),),
)
SPEED = Fact("speed", "silicon", "Speed of a memory", "2", "TB/s", "", "datasheet", "A sheet", "2026")
ROOFS = """x: {symbol: intensity, unit: FLOP/B, from: 1, to: 10000, scale: log}
y: {label: attainable rate, unit: TFLOP/s, scale: log}
lines:
  - {label: Chip, law: roof, with: {peak: 200 TFLOP/s, bandwidth: {fact: speed}}}
marks:
  - {label: ridge, x: 100, y: 200}
"""


def site_of(root: Path) -> Site:
    return two_machines.site(root, laws={"roof": ROOF}, facts={"speed": SPEED})


def test_a_line_has_its_corner_where_the_law_has_it(tmp_path: Path) -> None:
    svg = SVG.findall(drawn(site_of(tmp_path), ROOFS, "curves"))[0]
    (path,) = re.findall(r'<path d="M([^"]+)" class="sd-curve ', svg)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    mark = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert mark is not None
    corner = float(mark[1]), float(mark[2])
    assert min(math.dist(point, corner) for point in points) < 4
    assert len({y for x, y in points if x > corner[0] + 4}) == 1
    assert all(y > corner[1] for x, y in points if x < corner[0] - 4)


def test_the_law_and_its_inputs_are_linked_in_words(tmp_path: Path) -> None:
    html = drawn(site_of(tmp_path), ROOFS, "curves")
    assert '<a href="/laws/#law-roof">Attainable rate</a>: peak ' in html
    assert 'href="/facts/#fact-speed"' in html


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ROOFS.replace("law: roof", "law: rof"), "16: unknown law 'rof'; did you mean 'roof'?"),
        (ROOFS.replace("intensity, unit", "intensty, unit"), "16: law 'roof' has no symbol 'intensty'; did you mean"),
        (ROOFS.replace("peak: 200 TFLOP/s, ", ""), "16: law 'roof' lacks peak"),
        (ROOFS.replace("unit: FLOP/B", "unit: s"), "13: 's' is not a unit of what law 'roof' has there, 'FLOP/B'"),
        (ROOFS.replace("from: 1,", "from: 0,"), "13: the axis needs from below to"),
        (ROOFS.replace("x: 100", "x: 100 GB"), "18: '100 GB' is [information] (GB)"),
        (ROOFS.replace("fact: speed", "fact: sped"), "16: unknown fact 'sped'; did you mean 'speed'?"),
        (ROOFS.replace("scale: log}\ny", "scale: lug}\ny"), "13: found 'lug'; known: linear, log"),
        (
            ROOFS.replace("{fact: speed}", "{measured: kernels/gemm library n=512 rate}"),
            "16: a diagram can't show a measured value",
        ),
    ],
)
def test_a_fault_is_reported_with_its_line(tmp_path: Path, body: str, expected: str) -> None:
    problems = refused(site_of(tmp_path), body, "curves")
    assert any(expected in problem for problem in problems), problems


def test_a_project_without_laws_gets_a_sentence(tmp_path: Path) -> None:
    from dataclasses import replace

    bare = replace(site_of(tmp_path), subject=Domain())
    assert "16: this project has no laws; " in refused(bare, ROOFS, "curves")
