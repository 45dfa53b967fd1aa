"""The choice of a machine: each one's numbers stand in the page, the default's in sight, the others out of the way."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import role
from stackdoc.render.pages.example import head
from stackdoc.render.values.machine_switch import choices, switch
from stackdoc.render.values.record_view import view_of
from stackdoc.site.site import Site
from stackdoc.statistics import quantity
from tests.made import two_machines
from tests.made.choices import HERE, THERE, parts, tree


def measured(site: Site, text: str) -> str:
    return role(site, "measured", text, "docs/x.md", 1)


def alone(site: Site) -> Site:
    """The same without the machine that has an accelerator."""
    return replace(site, records={id: one for id, one in site.records.items() if one.machine == two_machines.ZEN})


def test_both_numbers_stand_in_the_text_and_each_is_its_record_s(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    found = parts(measured(site, "kernels/gemm library n=512 time"))
    assert list(found) == [HERE, THERE]
    for key, record in ((HERE, "aaaaaaaaaaaa"), (THERE, "bbbbbbbbbbbb")):
        (number,) = found[key].iter("data")
        figure = quantity(site.records[record], "library;n=512", "time", view_of(site, site.records[record]).roofs)
        assert figure is not None
        assert (number.get("data-record"), float(number.get("value", ""))) == (record, figure.value)
        assert number.get("data-machine") == key.rpartition(".")[0]
    assert "hidden" not in found[HERE].attrib
    assert {"hidden", "data-search-exclude"} <= found[THERE].attrib.keys()


@pytest.mark.parametrize("body", ["example: kernels/gemm", "example: kernels/gemm\nfigure: timing"])
def test_a_block_is_open_for_the_default_and_a_fold_for_the_others(tmp_path: Path, body: str) -> None:
    html = fence(two_machines.site(tmp_path), body, "docs/x.md", 1)
    folds = [one for one in tree(html).iter("details") if "data-choice" in one.attrib]
    assert [one.get("data-choice") for one in folds] == [HERE, THERE]
    assert ["open" in one.attrib for one in folds] == [True, False]
    assert ["hidden" in one[0].attrib for one in folds] == [True, False]


def test_a_verdict_is_there_for_each_machine(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    slow = replace(site.records["bbbbbbbbbbbb"], ratios=())
    html = role(replace(site, records={**site.records, slow.id: slow}), "verdict", "libraries-beat-plain-code", "x", 1)
    found = parts(html)
    assert "".join(found[HERE].itertext()) == "holds"
    assert "".join(found[THERE].itertext()) == "not measurable here"
    rows = [one.get("data-choice") for one in tree(fence(site, "claim: libraries-beat-plain-code", "x", 1)).iter("tr")]
    assert rows == [None, HERE, THERE]


def test_equal_words_are_said_once(tmp_path: Path) -> None:
    html = role(two_machines.site(tmp_path), "verdict", "dear", "docs/x.md", 1)
    assert "data-choice" not in html


def test_an_example_without_a_record_there_says_why_in_its_place(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    said = "ot measured on NVIDIA H200, CUDA: it runs on cpu only, and has no record there"
    inline = parts(measured(site, "silicon/roofs gemm time"))
    assert "".join(inline[THERE].itertext()) == f"n{said}"
    block = parts(fence(site, "example: silicon/roofs", "docs/x.md", 1))
    assert "".join(block[THERE].itertext()) == f"N{said}."
    assert {"hidden", "data-search-exclude"} <= block[THERE].attrib.keys()


def test_what_runs_on_no_accelerator_shows_the_processor_of_the_same_machine(tmp_path: Path) -> None:
    roofs = two_machines.record(
        "dddddddddddd", "silicon/roofs", two_machines.HOPPER, (two_machines.timed("gemm", 1e-3, n=512),)
    )
    site = two_machines.site(tmp_path)
    site = replace(site, records={**site.records, roofs.id: roofs})
    found = parts(measured(site, "silicon/roofs gemm n=512 time"))
    assert "".join(found[THERE].itertext()) == "1.00 ms (on 16-core Sapphirerapids server CPU, 128 GiB)"


def test_a_number_pinned_to_its_record_follows_nobody(tmp_path: Path) -> None:
    assert "data-choice" not in measured(two_machines.site(tmp_path), "kernels/gemm library n=512 rate@bbbbbbbbbbbb")


def test_one_machine_has_neither_switch_nor_marks(tmp_path: Path) -> None:
    site = alone(two_machines.site(tmp_path))
    assert switch(site) == ""
    for html in (
        measured(site, "kernels/gemm library n=512 time"),
        fence(site, "example: kernels/gemm\nfigure: timing\ntable: true", "docs/x.md", 1),
        fence(site, "claim: libraries-beat-plain-code", "docs/x.md", 1),
        head(site, "kernels/gemm"),
    ):
        assert "sd-value" in html
        assert not re.search("data-choice|sd-other|search-exclude", html)


def test_the_switch_names_machines_for_people(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    html = str(switch(site))
    assert re.findall(r'<option value="([^"]+)">([^<]+)<', html) == [
        (HERE, "This machine · full runs · 2026-11-20"),
        (THERE, "NVIDIA H200, CUDA · full runs · 2026-11-20"),
    ]
    assert '<label for="sd-machine">Machine</label>' in html
    published = replace(site, measured_here=frozenset(), default_machine=two_machines.HOPPER.id)
    assert [one.label for one in choices(published)] == ["NVIDIA H200, CUDA", "2-core Zen 4 server CPU, 24 GiB"]


def test_two_machines_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    twin = two_machines.record(
        "dddddddddddd",
        "kernels/gemm",
        replace(two_machines.HOPPER, id="twin"),
        two_machines.gemm_points(4e13),
        device="cuda",
    )
    site = two_machines.site(tmp_path)
    labels = [one.label for one in choices(replace(site, records={**site.records, twin.id: twin}))]
    assert labels[1:] == ["NVIDIA H200, CUDA (sapphire-16c-128g-h200-77aa)", "NVIDIA H200, CUDA (twin)"]


def test_figures_of_two_machines_of_one_name_are_told_apart_too(tmp_path: Path) -> None:
    twin = two_machines.record(
        "dddddddddddd",
        "kernels/gemm",
        replace(two_machines.HOPPER, id="twin"),
        two_machines.gemm_points(4e13),
        device="cuda",
    )
    site = replace(two_machines.site(tmp_path, twin), measured_here=frozenset(), default_machine=two_machines.ZEN.id)
    labels = [view_of(site, site.records[id]).label for id in ("bbbbbbbbbbbb", "dddddddddddd", "aaaaaaaaaaaa")]
    assert labels == [
        "NVIDIA H200 (sapphire-16c-128g-h200-77aa)",
        "NVIDIA H200 (twin)",
        "2-core Zen 4 server CPU, 24 GiB",
    ]


def test_what_the_default_lacks_names_it_where_it_is_not_this_machine(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    assert "Not measured here on cuda: needs cuda." in fence(site, "example: kernels/gemm", "docs/x.md", 1)
    published = replace(site, measured_here=frozenset(), default_machine=two_machines.ZEN.id)
    html = fence(published, "example: kernels/gemm", "docs/x.md", 1)
    assert "Not measured on 2-core Zen 4 server CPU, 24 GiB, CUDA: needs cuda." in html
    assert not re.search("(?i)this machine|measured here", html)
    elsewhere = replace(published, default_machine=two_machines.HOPPER.id)
    html = fence(elsewhere, "example: silicon/roofs", "docs/x.md", 1)
    assert "Not measured on 16-core Sapphirerapids server CPU, 128 GiB: no record." in html


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"profile": "full"}, "on cuda the example measures other points"),
        ({"profile": "quick"}, "its quick run left this out"),
        ({"profile": "full", "digest": "0" * 64}, "its record is of another version of the example"),
    ],
)
def test_a_sentence_says_why_the_record_of_a_device_lacks_its_point(
    tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    site = two_machines.site(tmp_path)
    there = site.records["bbbbbbbbbbbb"]
    without = replace(there, points=tuple(one for one in there.points if one.name != "library"), **changes)  # type: ignore[arg-type]
    html = measured(replace(site, records={**site.records, there.id: without}), "kernels/gemm library n=512 time")
    assert f"not measured on NVIDIA H200, CUDA: {reason}<" in html


def test_a_quantity_that_a_record_of_a_device_lacks_is_named(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    there = site.records["bbbbbbbbbbbb"]
    idle = replace(there, points=tuple(replace(one, work=None) for one in there.points))
    html = measured(replace(site, records={**site.records, there.id: idle}), "kernels/gemm library n=512 rate")
    assert "not measured on NVIDIA H200, CUDA: its record has no rate<" in html


def test_a_hostile_machine_stays_a_text(tmp_path: Path) -> None:
    machine = replace(two_machines.HOPPER, id=two_machines.HOSTILE, cpu=two_machines.HOSTILE, accelerators=())
    bad = two_machines.record("dddddddddddd", "kernels/gemm", machine, two_machines.gemm_points(4e13))
    site = two_machines.site(tmp_path)
    site = replace(site, records={**site.records, bad.id: bad})
    html = switch(site) + measured(site, "kernels/gemm library n=512 time")
    assert "<script" not in html
    assert "<img" not in html
    assert all(re.fullmatch(r"[\w.~-]+", one.key) for one in choices(site))
