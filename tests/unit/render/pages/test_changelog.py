"""Comparisons between machines and between records: a ratio only where one may be said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from stackdoc.model.record import Control
from stackdoc.render.pages import changelog
from stackdoc.render.pages.compare import index
from tests.made import two_machines


def test_the_changelog_tells_what_moved_and_what_else_differs(tmp_path: Path) -> None:
    slower = two_machines.another(
        40e9,
        measured_at="2026-11-22T00:00:00Z",
        software=replace(two_machines.SOFTWARE, kernel="6.6"),
    )
    text = changelog.page(two_machines.site(tmp_path, slower)).text
    assert "{ #dddddddddddd }" in text
    assert "6 of 7 compared figures moved" in text
    assert "kernel: 6.1 and 6.6" in text
    (row,) = re.findall(r'<tr id="dddddddddddd.library;n=512">.*?</tr>', text)
    assert re.findall('data-record="([^"]+)"', row) == ["aaaaaaaaaaaa", "dddddddddddd"]
    assert "slower" in row
    assert "bytes-per-token" not in text


def controls(slower: float) -> tuple[Control, ...]:
    launches = two_machines.timed("dispatch", 23e-6 * slower).launches
    return (Control("dispatch", "controls/1, Python 3.11.2, NumPy 2.3.1", launches),)


def test_where_the_machine_itself_moved_the_pages_say_so_and_call_nothing_slower(tmp_path: Path) -> None:
    made: dict[str, Any] = {
        "measured_at": "2026-11-22T00:00:00Z",
        "points": (two_machines.timed("chain", 600e-6), two_machines.timed("sum", 2e-3)),
    }
    older = replace(
        two_machines.record("dddddddddddd", "kernels/gemm", two_machines.ZEN, ()), **made, controls=controls(1.0)
    )
    slow = (two_machines.timed("chain", 840e-6), two_machines.timed("sum", 5e-3))
    newer = replace(older, id="eeeeeeeeeeee", measured_at="2026-11-23T00:00:00Z", points=slow, controls=controls(1.4))
    text = changelog.page(two_machines.site(tmp_path, older, newer)).text
    assert "The machine itself was 1.40 times slower (control dispatch, 1.3" in text
    assert "1 of 2 compared figures moved" in text
    assert '<tr id="eeeeeeeeeeee.sum">' in text
    assert '<tr id="eeeeeeeeeeee.chain">' not in text

    quick = replace(newer, profile="quick")
    full = replace(older, profile="full")
    found = {page.path: page.text for page in index.pages(two_machines.site(tmp_path, quick, full))}
    text = found["compare/here.cpu.full-against-here.cpu.quick.md"]
    assert "The machine itself was 1.40 times faster (control dispatch, 1.3" in text
    (row,) = re.findall(r'<tr id="kernels-gemm.chain"[^>]*>.*?</tr>', text)
    assert "<td>the machine itself was 1.40 times faster (control dispatch" in row
    assert "One run differs from the next by " in row


def test_a_changed_source_is_no_move(tmp_path: Path) -> None:
    other = two_machines.another(
        40e9,
        measured_at="2026-11-22T00:00:00Z",
        digest="d2",
    )
    text = changelog.page(two_machines.site(tmp_path, other)).text
    assert "The source of the example changed, so they are not compared" in text
    assert "slower" not in text


def test_without_a_second_record_the_changelog_says_so(tmp_path: Path) -> None:
    assert "No example has been measured twice" in changelog.page(two_machines.site(tmp_path)).text
