"""Comparisons between machines and between records: a ratio only where one may be said."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.model.provenance import Withdrawal
from stackdoc.render.pages.compare import index
from stackdoc.render.pages.compare.strip import Axis
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.statistics import compare
from tests.made import two_machines


def pages(site: Site) -> dict[str, str]:
    return {page.path: page.text for page in index.pages(site)}


def test_two_machines_have_a_page_with_every_point_they_share(tmp_path: Path) -> None:
    found = pages(two_machines.site(tmp_path))
    path = "compare/sapphire-16c-128g-h200-77aa.cuda-against-here.cpu.md"
    assert set(found) == {"compare/index.md", path, path.replace(".md", ".csv")}
    assert f'href="/{path.removesuffix(".md")}/"' in found["compare/index.md"]
    (row,) = re.findall(r'<tr id="kernels-gemm.library;n=512"[^>]*>.*?</tr>', found[path])
    assert re.findall('data-record="([^"]+)"', row) == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]
    assert re.search(r"500× \(", row)
    assert "faster" in row
    assert "device: cpu and cuda" in found[path]
    assert "torch: 2.13.0 and 2.12.0" in found[path]
    assert "silicon/roofs" not in found[path]


def test_a_point_of_one_side_alone_is_counted_and_has_no_row(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    less = replace(site.records["bbbbbbbbbbbb"], points=site.records["bbbbbbbbbbbb"].points[:-2])
    text = "".join(pages(replace(site, records={**site.records, less.id: less})).values())
    assert "Only in the base: 2 points." in text
    assert 'id="kernels-gemm"' in text
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
    quick = two_machines.another(80e9, profile="quick")
    assert "compare/here.cpu.full-against-here.cpu.quick.md" in pages(two_machines.site(tmp_path, quick))


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


def test_a_time_is_a_speed_up_and_the_summary_counts_it(tmp_path: Path) -> None:
    found = pages(two_machines.site(tmp_path))
    text = found["compare/sapphire-16c-128g-h200-77aa.cuda-against-here.cpu.md"]
    assert "<strong>faster in 6</strong> of 6 timings and <strong>slower in 0</strong>" in text
    assert "The middle timing is 500× as fast." in text
    assert "The largest gain: 500×, " in text
    assert "The largest loss" not in text


def test_the_picture_has_a_row_for_each_layer_and_a_dot_for_each_timing(tmp_path: Path) -> None:
    found = pages(two_machines.site(tmp_path))
    text = found["compare/sapphire-16c-128g-h200-77aa.cuda-against-here.cpu.md"]
    assert text.count('<li class="sd-strip__row">') == 1
    assert text.count("sd-strip__dot--faster") == 6
    assert 'aria-label="Kernels: 6 faster of 6; the middle timing is 500×"' in text


def test_the_table_is_a_file_with_a_row_for_each_point(tmp_path: Path) -> None:
    found = pages(two_machines.site(tmp_path))
    path = "compare/sapphire-16c-128g-h200-77aa.cuda-against-here.cpu"
    rows = list(csv.DictReader(found[f"{path}.csv"].splitlines()))
    assert f'href="/{path}.csv"' in found[f"{path}.md"]
    by_point = {row["point"]: row for row in rows}
    assert float(by_point["library;n=512"]["gain"]) == pytest.approx(500, rel=1e-3)
    assert by_point["bytes-per-token"]["kind"] == "value"
    assert float(by_point["bytes-per-token"]["gain"]) == 1


def test_the_matrix_counts_both_ways_round(tmp_path: Path) -> None:
    text = pages(two_machines.site(tmp_path))["compare/index.md"]
    assert "6 faster, 0 slower" in text
    assert "0 faster, 6 slower" in text


def test_an_axis_has_few_round_values_and_clips_what_is_outside() -> None:
    axis = Axis(0.5, 2.0)
    assert axis.ticks == [0.5, 1.0, 2.0]
    assert axis.at(1.0) == "50.00%"
    assert axis.at(1e9) == axis.at(2.0)
    wide = Axis(0.5, 2000.0)
    assert wide.ticks == [1.0, 10.0, 100.0, 1000.0]
