"""Calculators compute with the handbook's laws, and refuse names and units that do not match."""

from __future__ import annotations

import dataclasses
import json
import re
from html import unescape
from math import isnan
from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.laws.evaluate import NoValue
from stackdoc.render.fences.block import fence
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site
from stackdoc.stack.calculators.calculator import compute, winner
from stackdoc.stack.calculators.presets import engineering, share
from stackdoc.stack.handbook import handbook
from tests.made.project import make_project, problems_of
from tests.made.repository import ROOT

LAWS = """\
- id: read-time
  layer: pot
  name: Time to read bytes
  expression: bytes / bandwidth
  unit: s
  symbols:
    bytes: {unit: B, means: what is read}
    bandwidth: {unit: B/s, means: how fast}
  source: Counting
  vectors: [{given: {bytes: 1 TB, bandwidth: 10 TB/s}, result: 100 ms, source: Counting}]
"""
CALCULATOR = """\
- id: reading
  layer: pot
  title: How long does it take to read?
  inputs:
    - {id: size, means: size, unit: GB, value: 140, least: 1, most: 10000}
    - {id: rate, means: bandwidth, unit: GB/s, value: 3350, least: 0, most: 100000}
  steps:
    - {id: once, means: reading once, law: read-time, symbols: {bytes: size, bandwidth: rate}}
    - {id: slowly, means: at a gigabyte a second, law: read-time, symbols: {bytes: size, bandwidth: rate}, unit: min}
  presets:
    - {name: a slow disk, values: {rate: 200 MB/s}}
  curve: {x: size, y: once, least: 10, most: 8000}
  largest: {means: "Longest:", words: {once: the first, slowly: the second}}
"""


def project(root: Path, calculator: str = CALCULATOR) -> Path:
    make_project(root)
    (root / "docs/data/laws.yml").write_text(LAWS, "utf-8")
    (root / "docs/data/calculators.yml").write_text(calculator, "utf-8")
    return root


def site(root: Path) -> Site:
    return load_site(project(root))


def test_the_results_are_those_of_the_law(tmp_path: Path) -> None:
    found = handbook(site(tmp_path))
    calculator = found.calculators["reading"]
    results = compute(calculator, found.laws, calculator.defaults)
    assert results["once"] == pytest.approx(140 / 3350)
    assert winner(calculator, results) == "the first"
    with pytest.raises(NoValue):
        compute(calculator, found.laws, {"size": 1.0, "rate": 0.0})


def test_the_form_has_the_results_without_a_script_and_the_law_in_its_script(tmp_path: Path) -> None:
    assets = Assets()
    html = str(fence(site(tmp_path), "calculator: reading", "docs/x.md", 1, assets))
    assert ">41.8\u00a0ms</output>" in html
    assert ">6.97×10⁻⁴\u00a0min</output>" in html
    assert "<fieldset disabled>" in html
    assert 'value="{&#34;rate&#34;: 0.2}"' in html
    script = assets.by_path["assets/calculators/reading.js"].content.decode()
    assert "({bytes, bandwidth}) => (bytes / bandwidth)" in script
    assert '{"bytes": "size", "bandwidth": "rate"}' in script


def test_a_step_without_a_result_has_words_where_it_may(tmp_path: Path) -> None:
    words = "unit: min, otherwise: never}"
    found = handbook(load_site(project(tmp_path, CALCULATOR.replace("unit: min}", words, 1))))
    calculator = found.calculators["reading"]
    slow = dataclasses.replace(calculator, steps=calculator.steps[1:], largest=None)
    assert isnan(compute(slow, found.laws, {"size": 1.0, "rate": 0.0})["slowly"])
    assert isnan(compute(slow, found.laws, {"size": -1.0, "rate": 1.0})["slowly"])
    assert compute(slow, found.laws, {"size": 3.0, "rate": 1.0})["slowly"] == 3.0


def test_the_curve_is_drawn_at_the_default_values(tmp_path: Path) -> None:
    html = str(fence(site(tmp_path), "calculator: reading", "docs/x.md", 1, Assets()))
    drawing = html[html.index('<figure class="sd-calculator__plot"') :]
    assert 'd="M13.00 ' in drawing
    assert drawing.count("<text ") == 3 + 5  # 10 to 1000 GB; 1 ms to 10 s
    assert ">1000</text>" in drawing


@pytest.mark.parametrize(("ratio", "words"), [(0.0016, "0.16"), (1.0, "100"), (16.04, "1600"), (0.98, "98")])
def test_a_share_has_two_digits(ratio: float, words: str) -> None:
    assert share(ratio) == f"{words}\u00a0%"


def test_the_calculators_of_the_handbook_offer_measured_machines() -> None:
    site = load_site(ROOT)
    for id, words in {
        "decoding": "measured on one core",
        "compiling": "workload\u00a0=",
        "token-price": "batch\u00a0=",
    }.items():
        html = str(fence(site, f"calculator: {id}", "docs/x.md", 1, Assets()))
        assert f">{words}" in html or f", {words}</option>" in html, id
    html = str(fence(site, "calculator: decoding", "docs/x.md", 1, Assets()))
    points = re.search(r'data-points="([^"]*)"', html)
    assert points
    assert len(json.loads(unescape(points[1]))[0][2]) >= 3
    assert "Nearest measured machine: " in html
    assert "MI300X" in html


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "law: read-time, symbols: {bytes: size, bandwidth: rate}}",
            "law: read-tim, symbols: {}}",
            "unknown law 'read-tim'",
        ),
        ("{bytes: size, bandwidth: rate}}", "{bytes: size}}", "lacks 'bandwidth'"),
        ("{bytes: size, bandwidth: rate}}", "{bytes: rate, bandwidth: size}}", "where B is expected"),
        (
            "{bytes: size, bandwidth: rate}}",
            "{bytes: sise, bandwidth: rate}}",
            "unknown value 'sise'; did you mean 'size'",
        ),
        ("value: 140", "value: 0.5", "outside of 1 to 10000"),
        ("unit: min}", "unit: GB}", "slowly is"),
        ("value: 3350", "value: 0", "divides by zero"),
        ("{rate: 200 MB/s}", "{rat: 200 MB/s}", "unknown input 'rat'; did you mean 'rate'"),
        ("once: the first", "onces: the first", "unknown step 'onces'"),
        ("unit: GB/s", "unit: GB/seconde", "unknown unit"),
        ("y: once", "y: onces", "unknown step 'onces'; did you mean 'once'"),
        ("x: size", "x: sise", "unknown input 'sise'; did you mean 'size'"),
        ("most: 8000", "most: 20000", "where 1 to 10000 is allowed"),
    ],
)
def test_what_does_not_match_is_refused(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in CALCULATOR
    found = [str(problem) for problem in problems_of(project(tmp_path, CALCULATOR.replace(before, after, 1)))]
    assert any(words in text for text in found), found
    assert all("docs/data/calculators.yml:" in text for text in found), found


@pytest.mark.parametrize(
    ("value", "text"),
    [(70e9, "70e9"), (16.0, "16"), (0.25, "0.25"), (26800.0, "26800"), (1e5, "100e3"), (2e-6, "2e-6")],
)
def test_a_field_shows_a_number_as_one_would_type_it(value: float, text: str) -> None:
    assert engineering(value) == text
    assert float(text) == pytest.approx(value)
