"""Comparisons between machines and between records: a ratio only where one may be said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from stackdoc.model.provenance import Withdrawal
from stackdoc.model.record import Control
from stackdoc.render.pages import comparisons
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.statistics import compare
from tests.made import two_machines


def pages(site: Site) -> dict[str, str]:
    return {page.path: page.text for page in comparisons.pages(site)}


def test_two_machines_have_a_page_with_every_point_they_share(tmp_path: Path) -> None:
    found = pages(two_machines.site(tmp_path))
    path = "compare/sapphire-16c-128g-h200-77aa.cuda-against-here.cpu.md"
    assert set(found) == {"compare/index.md", path}
    assert f'href="/{path.removesuffix(".md")}/"' in found["compare/index.md"]
    (row,) = re.findall(r'<tr id="kernels-gemm.library;n=512">.*?</tr>', found[path])
    assert re.findall('data-record="([^"]+)"', row) == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]
    assert re.search(r"0\.0020× \(0\.001[78] to 0\.0022\)", row)
    assert "faster" in row
    assert "device: cpu and cuda" in found[path]
    assert "torch: 2.13.0 and 2.12.0" in found[path]
    assert "silicon/roofs" not in found[path]


def test_a_point_of_one_side_alone_is_counted_and_has_no_row(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    less = replace(site.records["bbbbbbbbbbbb"], points=site.records["bbbbbbbbbbbb"].points[:-2])
    text = "".join(pages(replace(site, records={**site.records, less.id: less})).values())
    assert "Only in the base: 2 points." in text
    assert re.search(r'<a href="#kernels-gemm">.*?</tr>', text)
    assert "has no point" not in text


def test_what_must_not_be_compared_says_why(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    records = {**site.records, "bbbbbbbbbbbb": replace(site.records["bbbbbbbbbbbb"], digest="d2")}
    text = "".join(pages(replace(site, records=records)).values())
    assert "not compared: digest differs" in text
    assert "faster" not in text


def test_the_old_clock_of_a_device_is_compared_with_itself_alone(tmp_path: Path) -> None:
    """It left out what a program waits for its launches, which the time of a processor holds."""
    site = two_machines.site(tmp_path)
    cpu, cuda = site.records["aaaaaaaaaaaa"], replace(site.records["bbbbbbbbbbbb"], method="timer/1")
    key = "library;n=512"
    assert compare(cpu, cuda, key).refused == "method differs: timer/1 on cpu and timer/1 on cuda"
    assert compare(cuda, replace(cuda, id="d" * 12), key).refused == ""


def test_one_machine_says_how_to_add_another(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    alone = replace(site, records={id: one for id, one in site.records.items() if one.machine == two_machines.ZEN})
    (text,) = pages(alone).values()
    assert "Only one machine has records" in text
    assert "stackdoc measure" in text


def test_the_profiles_of_one_machine_are_compared(tmp_path: Path) -> None:
    quick = two_machines.record(
        "dddddddddddd", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9), profile="quick"
    )
    assert "compare/here.cpu.full-against-here.cpu.quick.md" in pages(two_machines.site(tmp_path, quick))


def test_the_changelog_tells_what_moved_and_what_else_differs(tmp_path: Path) -> None:
    slower = two_machines.record(
        "dddddddddddd",
        "kernels/gemm",
        two_machines.ZEN,
        two_machines.gemm_points(40e9),
        measured_at="2026-11-22T00:00:00Z",
        software=replace(two_machines.SOFTWARE, kernel="6.6"),
    )
    text = comparisons.changelog(two_machines.site(tmp_path, slower)).text
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
    text = comparisons.changelog(two_machines.site(tmp_path, older, newer)).text
    assert "The machine itself was 1.40 times slower (control dispatch, 1.3" in text
    assert "1 of 2 compared figures moved" in text
    assert '<tr id="eeeeeeeeeeee.sum">' in text
    assert '<tr id="eeeeeeeeeeee.chain">' not in text

    quick = replace(newer, profile="quick")
    full = replace(older, profile="full")
    found = pages(two_machines.site(tmp_path, quick, full))
    text = found["compare/here.cpu.full-against-here.cpu.quick.md"]
    assert "The machine itself was 1.40 times faster (control dispatch, 1.3" in text
    (row,) = re.findall(r'<tr id="kernels-gemm.chain">.*?</tr>', text)
    assert "<td>the machine itself was 1.40 times faster (control dispatch" in row
    assert "One run differs from the next by " in row


def test_a_withdrawn_record_says_nothing_of_how_runs_differ(tmp_path: Path) -> None:
    days = [f"2026-11-2{day}T00:00:00Z" for day in range(1, 6)]
    made = [
        two_machines.record(
            f"{day[9] * 12}", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9), measured_at=day
        )
        for day in days
    ]
    site = two_machines.site(tmp_path, *made)
    withdrawn = {made[0].id: Withdrawal(made[0].id, "2026-11-26", "Wrong.")}
    for known, number in ((site, 4), (replace(site, withdrawn=withdrawn), 3)):
        found = compare(made[3], made[4], "library;n=512", run_history(known))
        assert found.between.endswith(f", according to {number} other records")


def test_a_changed_source_is_no_move(tmp_path: Path) -> None:
    other = two_machines.record(
        "dddddddddddd",
        "kernels/gemm",
        two_machines.ZEN,
        two_machines.gemm_points(40e9),
        measured_at="2026-11-22T00:00:00Z",
        digest="d2",
    )
    text = comparisons.changelog(two_machines.site(tmp_path, other)).text
    assert "The source of the example changed, so they are not compared" in text
    assert "slower" not in text


def test_without_a_second_record_the_changelog_says_so(tmp_path: Path) -> None:
    assert "No example has been measured twice" in comparisons.changelog(two_machines.site(tmp_path)).text
