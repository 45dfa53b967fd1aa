"""What holds for diagrams of every kind: texts, accessibility, stability, and no text outside of its drawing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.diagrams.diagram import KINDS
from stackdoc.render.diagrams.label import Label, plain_label
from stackdoc.render.diagrams.metrics import text_width
from stackdoc.render.fences.block import fence
from tests.made.diagrams import LINE, PAGE, SVG, drawn, overflowing, refused, site_of

LONG = "a long label with many words and Donaudampfschifffahrtsgesellschaftskapitaen inside"
EVERY = {
    "bars": f"unit: ms\nbars: [{{label: {LONG}, value: 3 ms, kind: wait, note: {LONG}}}, {{label: B, value: 1}}]",
    "flow": (
        f"boxes: [{{id: a, label: {LONG}, note: {LONG}, kind: risk}}, {{id: b, label: B}}]\n"
        f"arrows: [{{from: a, to: b, label: {LONG}}}, {{from: b, to: a, label: {LONG}, back: true}}]"
    ),
    "nest": f"boxes: [{{label: {LONG}, times: 3, boxes: [{{label: {LONG}, kind: data, note: {LONG}}}, {{label: C}}]}}]",
    "timeline": f"unit: s\nlanes: [{{label: {LONG}, spans: [{{label: {LONG}, length: 1}}, {{label: B, length: 9}}]}}]",
    "grid": f"columns: [{LONG}, B]\nrows: [{{label: {LONG}, cells: [{LONG}, {{label: c, kind: network}}]}}]",
    "tokens": f"lines: [{{label: {LONG}, tokens: [{LONG}{LONG}, ' b'], note: {LONG}}}]",
}
WITH_LAWS = {"curves"}  # tested beside the laws it needs


def test_every_kind_is_tested() -> None:
    assert set(EVERY) | WITH_LAWS == set(KINDS)


@pytest.mark.parametrize("kind", EVERY)
def test_no_text_leaves_its_drawing(tmp_path: Path, kind: str) -> None:
    assert list(overflowing(drawn(site_of(tmp_path), EVERY[kind], kind))) == []


@pytest.mark.parametrize("kind", EVERY)
def test_a_picture_has_a_name_a_description_and_a_table(tmp_path: Path, kind: str) -> None:
    html = drawn(site_of(tmp_path), EVERY[kind], kind)
    for svg in SVG.findall(html):
        root = ElementTree.fromstring(svg.replace(" data-search-exclude", ""))
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == root[0].text == "A message"
        assert root[1].text == "What it shows."
    table = html.split("<summary>In words</summary>")[1]
    assert "<p>What it shows.</p>" in table
    assert LONG in table or kind == "tokens"


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_text_is_drawn_as_the_same_bytes(tmp_path: Path, kind: str) -> None:
    site = site_of(tmp_path)
    assert drawn(site, EVERY[kind], kind) == drawn(site, EVERY[kind], kind)


@pytest.mark.parametrize("kind", EVERY)
def test_markup_in_a_label_is_text(tmp_path: Path, kind: str) -> None:
    html = drawn(site_of(tmp_path), EVERY[kind].replace(LONG, "'<script>alert(1)</script>'"), kind)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_colours_are_classes_and_no_attribute_sets_one(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    for kind, body in EVERY.items():
        assert not re.search(r'(?:fill|stroke|style)="|#[0-9a-f]{3,6}\b', drawn(site, body, kind))


def test_code_and_roles_in_a_label(tmp_path: Path) -> None:
    body = "boxes: [{label: 'The `item` of {given}`4 GB`'}]"
    html = drawn(site_of(tmp_path), body, "nest")
    assert '<tspan class="sd-mono">item</tspan>' in html
    assert "4 GB" in SVG.findall(html)[0]


def test_an_anchor_is_an_id(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert 'id="the-steps"' in drawn(site, EVERY["nest"] + "\nanchor: the-steps", "nest")
    assert "anchor is 'The Steps'" in refused(site, EVERY["nest"] + "\nanchor: The Steps", "nest")[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("diagram: barz", "unknown kind of diagram 'barz'; did you mean 'bars'?"),
        ("diagram: tokens\ntitle: T\nlines: [{tokens: [a]}]", "lacks 'alt'"),
        ("diagram: tokens\nalt: A\nlines: [{tokens: [a]}]", "lacks 'title'"),
        ("diagram: tokens\ntitle: T\nalt: ' '\nlines: [{tokens: [a]}]", "is empty"),
        ("diagram: tokens\ntitle: T\nalt: A\nboxes: []\nlines: [{tokens: [a]}]", "unknown key 'boxes'"),
        ("diagram: tokens\ntitle: T\nalt: A\nlinse: []", "unknown key 'linse'; did you mean 'lines'?"),
        ("diagram: tokens\ntitle: T\nalt: A\nlines: [{label: '{fct}`x`', tokens: [a]}]", "unknown role 'fct'"),
        (
            "diagram: nest\ntitle: T\nalt: A\nboxes: [{label: '{measured}`kernels/gemm library n=512 time`'}]",
            "a diagram can't show a measured value",
        ),
    ],
)
def test_a_fault_is_one_line(tmp_path: Path, body: str, expected: str) -> None:
    with pytest.raises(StackdocError) as caught:
        fence(site_of(tmp_path), body, PAGE, LINE)
    assert any(expected in str(problem) for problem in caught.value.problems), str(caught.value)
    assert all(problem.line >= LINE for problem in caught.value.problems)


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    body = "unit: ms\nbars: [{label: A, value: 1 GB}, {label: '{nope}`x`', value: soon}]"
    assert len(refused(site_of(tmp_path), body, "bars")) == 3


def test_lines_are_not_wider_than_their_room() -> None:
    label = plain_label(LONG)
    for room in (40, 90, 200):
        for line in label.lines(room):
            assert sum(piece.width(13.5, False) for piece in line) <= room + 0.01
    assert "".join(piece.text for line in label.lines(90) for piece in line).replace(" ", "") == LONG.replace(" ", "")


def test_widths_follow_the_font() -> None:
    assert text_width("iii", 10) < text_width("nnn", 10) < text_width("WWW", 10)
    assert text_width("漢字", 10) >= 20
    assert Label().lines(10) == []
