"""Numbers in text and the fences: what is printed is the record's, and what is unknown is refused in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.record import Energy, Record
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import role
from stackdoc.render.html.element import clean
from stackdoc.site.site import Site
from stackdoc.statistics import format_figure, quantity
from tests.made import two_machines

DATA = re.compile(
    r'<data class="sd-value" value="([^"]+)" data-record="(\w+)"'
    r' data-quantity="([^"]+)" data-machine="([^"]+)">(.*?)</data>'
)


def refusal(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(StackdocError) as caught:
        call(*arguments)
    return str(caught.value)


def measured(site: Site, text: str) -> str:
    return role(site, "measured", text, "docs/layers/kernels.md", 12)


def test_a_number_carries_the_record_it_comes_from(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    found = DATA.search(measured(site, "kernels/gemm library n=512 time"))
    assert found is not None
    value, record, key, machine, text = found.groups()
    assert (record, key, machine) == ("aaaaaaaaaaaa", "library;n=512;time", "here")
    assert float(value) == pytest.approx(2 * 512**3 / 80e9)
    assert text == "3.36 ms"


def test_every_number_of_a_table_is_its_record_rounded(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    html = fence(site, "example: kernels/gemm", "docs/x.md", 5)
    found = DATA.findall(html)
    assert {record for _, record, *_ in found} == {"aaaaaaaaaaaa", "bbbbbbbbbbbb"}
    roofs = two_machines.roofs(site)
    for value, record, spoken, _, text in found:
        key, _, name = spoken.rpartition(";")
        figure = quantity(site.records[record], key, name, roofs[record])
        assert figure is not None
        assert float(value) == figure.value
        assert re.sub(r"<[^>]+>", "", text).replace("\xa0", " ") == format_figure(figure)


def test_a_changed_record_changes_the_page(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    faster = two_machines.another(
        90e9,
        measured_at="2026-11-21T00:00:00Z",
    )
    newer = two_machines.site(tmp_path, faster)
    text = "kernels/gemm library n=512 rate"
    assert ">80 GFLOP/s<" in measured(site, text)
    assert ">90 GFLOP/s<" in measured(newer, text)
    assert ">80 GFLOP/s<" in measured(newer, f"{text}@aaaaaaaaaaaa")


@pytest.mark.case(25)
def test_another_machine_is_named_where_this_one_has_no_record(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    elsewhere = replace(site, records={"bbbbbbbbbbbb": site.records["bbbbbbbbbbbb"]})
    html = measured(elsewhere, "kernels/gemm library n=512 rate")
    assert "(on NVIDIA H200)" in html
    assert 'data-machine="sapphire-16c-128g-h200-77aa"' in html


def test_a_site_without_records_says_so_and_builds(tmp_path: Path) -> None:
    bare = replace(two_machines.site(tmp_path), records={}, measured_here=frozenset())
    assert "not measured here" in measured(bare, "kernels/gemm library n=512 rate")
    assert "Not measured here on cpu" in fence(bare, "example: kernels/gemm\nfigure: timing", "docs/x.md", 5)
    assert "not measurable here" in role(bare, "verdict", "libraries-beat-plain-code", "docs/x.md", 5)


def test_a_point_that_quick_runs_leave_out_is_no_fault_of_the_page(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    quick = {id: replace(record, profile="quick") for id, record in site.records.items()}
    quick_site = replace(site, records=quick)
    assert "not measured here" in measured(quick_site, "kernels/gemm library n=4096 rate")
    assert "has no point 'library n=4096'" in refusal(measured, site, "kernels/gemm library n=4096 rate")


def test_a_point_that_the_script_has_gained_since_it_was_measured_is_no_fault_of_the_page(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    examples = {id: replace(example, digest="0" * 64) for id, example in site.examples.items()}
    assert "not measured here" in measured(replace(site, examples=examples), "kernels/gemm gained n=512 rate")
    assert "has no point 'gained'" in refusal(measured, site, "kernels/gemm gained n=512 rate")


def test_a_machine_without_an_energy_counter_is_no_fault_of_the_page(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)

    def uncounted(record: Record) -> Record:
        points = [replace(point, energy=Energy(reason="no RAPL counter")) for point in record.points]
        return replace(record, points=tuple(points))

    records = {id: uncounted(record) for id, record in site.records.items()}
    html = measured(replace(site, records=records), "kernels/gemm library n=512 energy")
    assert "not measured here" in html
    assert "no RAPL counter" in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kernels/gem library n=512 rate", "did you mean 'kernels/gemm'?"),
        ("kernels/gemm libary n=512 rate", "did you mean 'library'?"),
        ("kernels/gemm library n=512 rat", "did you mean 'rate'?"),
        ("kernels/gemm library n=513 rate", "did you mean 'library;n=512'?"),
        ("kernels/gemm library rate", "names 4 points"),
        ("kernels/gemm library n=512 energy", "has no energy"),
        ("kernels/gemm library 512 rate", "write name=value"),
        ("kernels/gemm library n=512 rate@ffffffffffff", "has no record"),
        ("kernels/gemm", "too short"),
    ],
)
def test_what_is_unknown_in_a_role_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    message = refusal(measured, two_machines.site(tmp_path), text)
    assert message.startswith("docs/layers/kernels.md:12: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("exampel: kernels/gemm", 7, "did you mean 'example'?"),
        ("example: kernels/gem", 7, "did you mean 'kernels/gemm'?"),
        ("example: kernels/gemm\nfigur: timing", 8, "did you mean 'figure'?"),
        ("example: kernels/gemm\nfigure: timming", 8, "did you mean 'timing'?"),
        ("example: kernels/gemm\n\n# why\npoints: [libary]", 10, "did you mean 'library'?"),
        ("example: kernels/gemm\nfigure: sweep\nx: m", 8, "no point has the parameter 'm'; known: n"),
        ("example: kernels/gemm\nfigure: bars\nquantity: value\npoints: library", 8, "no point of it has a value"),
        ("example: kernels/gemm\nquantity: speed\nfigure: sweep", 8, "unknown quantity 'speed'"),
        ("example: kernels/gemm\ndevice: cud", 8, "did you mean 'cuda'?"),
        ("example: kernels/gemm\ntable: 3", 8, "it must be true or false"),
        ("claim: libraries-beat-plain-cod", 7, "did you mean 'libraries-beat-plain-code'?"),
        ("facts: silicn", 7, "did you mean 'silicon'?"),
        ("systems: kernel", 7, "did you mean 'kernels'?"),
        ("cite: kernelz", 7, "did you mean 'kernels'?"),
        ("code: kernels/gemm\ncell: 9", 8, "its cells are 1 to 2"),
        ("machines:\nfigure: timing", 8, "it takes no further keys"),
        ("- example", 7, "contains a YAML mapping"),
        ("example: a\nexample: b", 8, "duplicate key"),
        ("example: *a", 7, "alias"),
    ],
)
def test_what_is_unknown_in_a_fence_is_one_line_with_its_place(tmp_path: Path, body: str, line: int, said: str) -> None:
    message = refusal(fence, two_machines.site(tmp_path), body, "docs/layers/kernels.md", 7)
    first = next(one for one in message.splitlines() if said in one)
    assert first.startswith(f"docs/layers/kernels.md:{line}: ")


def test_all_problems_of_a_fence_are_named_at_once(tmp_path: Path) -> None:
    message = refusal(
        fence, two_machines.site(tmp_path), "example: kernels/gemm\nfigur: x\ntabel: true", "docs/x.md", 1
    )
    assert [line.split(": ")[0] for line in message.splitlines()] == ["docs/x.md:2", "docs/x.md:3"]


def test_what_a_machine_lacks_stands_beside_its_figures(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, outcomes={"kernels/gemm@cuda": "skipped: needs cuda"})
    html = fence(site, "example: kernels/gemm", "docs/x.md", 5)
    assert "Not measured here on cuda: skipped: needs cuda." in html
    assert "torch 2.12.0 (there 2.13.0)" in html


def test_shared_figures_are_bounds_and_say_so(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, two_machines.shared("eeeeeeeeeeee"))
    html = measured(site, "kernels/gemm library n=512 time@eeeeeeeeeeee")
    assert "best block, as the machine was shared" in html
    assert "shared, slowest launch" in fence(site, "example: kernels/gemm", "docs/x.md", 5)


def test_a_fact_keeps_the_value_as_printed(tmp_path: Path) -> None:
    html = role(two_machines.site(tmp_path), "fact", "h100-bf16-dense", "docs/x.md", 5)
    assert ">989\xa0TFLOP/s</data>" in html
    assert "NVIDIA, 2023-03" in html


def test_a_verdict_has_its_reason(tmp_path: Path) -> None:
    html = role(two_machines.site(tmp_path), "verdict", "libraries-beat-plain-code", "docs/x.md", 5)
    assert "sd-verdict--holds" in html
    assert "speed-up (n\u00a0=\u00a0256) is 100×" in html
    other = role(two_machines.site(tmp_path), "verdict", "dear", "docs/x.md", 5)
    assert "restated, not tested" in other
    assert "sd-verdict--not-measurable-here" in other
    assert "needs a meter" in other


def test_controls_overrides_and_surrogates_are_made_harmless() -> None:
    assert clean("a\x00b\x1b[31mc\u202ed\ud800e\u2066f\ufeff") == "a�b�[31mc�d�e�f�"
    assert clean("a\tb\nc é 中") == "a\tb\nc é 中"
