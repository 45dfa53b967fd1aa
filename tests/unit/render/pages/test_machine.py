"""The page of a machine."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from stackdoc.adapters.deferred import defer_parts
from stackdoc.render.fences.block import fence
from stackdoc.render.pages import machine as machine_page
from stackdoc.render.pages.all import generated
from stackdoc.site.site import Site
from tests.made import two_machines


def test_a_machine_page_lists_its_figures_its_roofs_and_its_gaps(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    pages = {page.path: page for page in machine_page.pages(site)}
    assert set(pages) == {
        "machines/index.md",
        "machines/zen4-2c-24g-9f3a.md",
        "machines/sapphire-16c-128g-h200-77aa.md",
    }
    zen = pages["machines/zen4-2c-24g-9f3a.md"].text
    assert "This is the machine that built these pages." in zen
    assert zen.count('class="sd-measured"') == len(two_machines.gemm_points(1e9)) + 1 + 2
    assert "needs cuda" in zen
    hopper = pages["machines/sapphire-16c-128g-h200-77aa.md"].text
    assert "No roof was measured on it." in hopper
    assert "NVIDIA H200" in hopper


def machine_of_many_examples(root: Path, examples: int, points: int) -> Site:
    """A machine that has measured many examples of many points, and lacks as many."""
    ids = [f"many/e{number}" for number in range(examples)]
    known = [two_machines.example(id, title=f"{id} with a title") for id in ids]
    lacking = [replace(example, id=f"{example.id}-gpu", devices=("cuda",)) for example in known]
    values = tuple(two_machines.value(f"value-{number}", 1.0 + number, "B") for number in range(points))
    records = [
        two_machines.record(f"{number:012x}", example.id, two_machines.ZEN, values)
        for number, example in enumerate(known)
    ]
    site = two_machines.site(root)
    return replace(
        site,
        examples={example.id: example for example in (*site.examples.values(), *known, *lacking)},
        records={**site.records, **{record.id: record for record in records}},
        measured_here=site.measured_here | {record.id for record in records},
    )


def test_the_page_of_a_machine_stays_small_however_much_it_has_measured(tmp_path: Path) -> None:
    site = machine_of_many_examples(tmp_path, 200, 40)
    page = next(page for page in machine_page.pages(site) if two_machines.ZEN.id in page.path)
    parts: dict[str, str] = {}
    shown = defer_parts(page.text, f"machines/{two_machines.ZEN.id}/", parts.__setitem__)
    assert len(parts) >= 200
    assert len(shown.encode()) < 250_000  # with the frame of the theme at most 300 kB


def test_a_published_site_calls_no_machine_this_one(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, measured_here=frozenset(), default_machine=two_machines.ZEN.id)
    pages = [*generated(site, ()), *two_machines.record_pages(site)]
    assert len(pages) > 10
    assert [page.path for page in pages if re.search(r"this\s+machine", page.text, re.IGNORECASE)] == []


def test_a_site_of_forty_machines_has_one_list_of_the_others_at_each_figure(tmp_path: Path) -> None:
    machines = [replace(two_machines.ZEN, id=f"zen4-{cores}c-24g-{cores:04x}", cores=cores) for cores in range(2, 42)]
    records = [
        two_machines.record(f"{number:012x}", "kernels/gemm", machine, two_machines.gemm_points(80e9))
        for number, machine in enumerate(machines)
    ]
    first = machines[0].id
    site = two_machines.site(tmp_path, default_machine=first, measured_here=frozenset())
    site = replace(site, records={record.id: record for record in records})
    html = fence(site, "example: kernels/gemm\nfigure: timing\npoints: library", "docs/x.md", 1)
    assert html.count('class="sd-machines"') == 1
    assert html.count('class="sd-other"') == 40
    before, _, _ = html.partition('class="sd-machines"')
    assert before.count('class="sd-other"') == 1
    shown = defer_parts(html, "x/", lambda *_: None)
    assert len(shown) < 60_000
    index = next(page for page in machine_page.pages(site) if page.path == "machines/index.md")
    assert index.text.count("/machines/zen4-") == 40


def test_a_site_without_records_says_so(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, records={}, measured_here=frozenset())
    (index,) = machine_page.pages(site)
    assert "No machine has been measured yet." in index.text
    html = fence(site, "example: kernels/gemm\nfigure: timing", "docs/x.md", 1)
    assert "Not measured" in html
    assert "sd-machines" not in html
