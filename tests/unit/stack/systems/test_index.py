"""The index of systems: each with an anchor, its places, its state and whether it runs here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from stackdoc.errors import Problem
from stackdoc.model.environment import Creation, Environment
from stackdoc.project import Layout
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import environments as environments_page
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems import index as systems_index
from stackdoc.stack.systems import page as system_page
from stackdoc.stack.systems.alternatives import Alternatives
from stackdoc.stack.systems.read import old_statuses, read_systems
from stackdoc.stack.systems.types import Status, System
from tests.made import two_machines


def site(root: Path) -> Site:
    made = two_machines.site(root)
    more = (
        System(
            "torch",
            "PyTorch",
            "framework",
            "",
            "kernels",
            also=("silicon",),
            reason="For the sake of an example.",
            examples=("kernels/gemm",),
            purpose="Tensors in Python.",
            home="https://pytorch.org/",
            licence="BSD-3-Clause",
            aliases=("ATen", "<b>Caffe2</b>"),
            environment="low",
            status=Status("active", "2026-10", "release 2 <b>; https://pytorch.org/blog/, read twice"),
        ),
        System("land", "Land", "hardware", "", "silicon", runs="nothing runs on land, as kernels/gemm shows"),
    )
    return two_machines.changed(made, systems={**handbook(made).systems, **{one.id: one for one in more}})


def test_every_system_has_a_row_of_its_own_and_stands_in_the_lists(tmp_path: Path) -> None:
    index, _ = systems_index.pages(site(tmp_path))
    for id in ("cublas", "torch", "land"):
        assert f'<tr id="{id}" ' in index.text
        assert f'id="system-{id}"' in index.text
    by_state = index.text.partition("{ #by-state }")[2]
    assert re.search(r'<dt>active</dt><dd>2: <a href="#cublas">', by_state)
    assert re.search(r'<dt>none: hardware has no releases</dt><dd>1: <a href="#land">', by_state)
    by_runs = index.text.partition("{ #by-runs }")[2]
    assert re.search(r'An example runs it</dt><dd>1: <a href="#torch">', by_runs)
    assert re.search(r'with the reason</dt><dd>1: <a href="#land">', by_runs)
    assert 'nothing runs on land, as <a href="/examples/kernels/gemm/">kernels/gemm</a> shows' in index.text


def test_selects_hide_rows_without_a_script_and_count_what_they_show(tmp_path: Path) -> None:
    assets = Assets()
    index = systems_index.pages(site(tmp_path), assets)[0].text
    rules = assets.by_path["assets/systems.css"].content.decode()
    assert '<link rel="stylesheet" href="/assets/systems.css">' in index
    for mark, words, ids in (
        ("by-layer-silicon", "Silicon (2)", {"torch", "land"}),
        ("by-runs-an-example-runs-it", "An example runs it (1)", {"torch"}),
        ("by-state-active", "active (2)", {"cublas", "torch"}),
    ):
        assert f'<option value="{mark}">{words}</option>' in index
        shown = {id for id, marks in re.findall(r'<tr id="([^"]+)" data-is="([^"]+)"', index) if mark in marks.split()}
        assert shown == ids
        assert f'option[value="{mark}"]:checked)~* tr[data-is]:not([data-is~="{mark}"])' in rules


def test_a_row_has_the_figure_of_its_example_with_its_record(tmp_path: Path) -> None:
    row = systems_index.pages(site(tmp_path))[0].text.partition('<tr id="torch"')[2].partition("</tr>")[0]
    assert 'data-record="aaaaaaaaaaaa"' in row
    assert 'href="/r/aaaaaaaaaaaa/#' in row


def test_what_no_source_names_stands_apart_and_is_not_counted(tmp_path: Path) -> None:
    made = site(tmp_path)
    extra = System("qdrant", "Qdrant", "library", layer="kernels", examples=("kernels/gemm",), compared=True)
    made = two_machines.changed(made, systems={**handbook(made).systems, "qdrant": extra})
    index = systems_index.pages(made)[0].text
    named, _, others = index.partition("{ #beside }")
    assert 'id="qdrant"' not in named
    assert '<tr id="qdrant">' in others.partition("</table>")[0]
    assert "not named by any; included for a comparison" in str(system_page.head(made, extra))


def test_a_text_has_what_is_known_around_it_and_only_the_figures_that_it_does_not_show(tmp_path: Path) -> None:
    made = site(tmp_path)
    one = replace(handbook(made).systems["torch"], examples=("kernels/gemm", "silicon/roofs"))
    compared = {"products": Alternatives("products", "Products", ("torch", "cublas"))}
    made = two_machines.changed(
        made, systems={**handbook(made).systems, "torch": one}, alternatives=compared, system_texts=("torch",)
    )
    head = str(system_page.head(made, one, "2026-11-20"))
    assert "Text reviewed 2026-11-20." in head
    assert '<a href="/alternatives/products/">Products</a>' in head
    text = "# PyTorch\n\n```stackdoc\nexample: kernels/gemm\nfigure: timing\n```\n"
    tail = "\n\n".join(str(block) for block in system_page.tail(made, one, text) if block)
    assert "{ #silicon-roofs }" in tail
    assert "{ #kernels-gemm }" not in tail
    assert '<a href="/systems/#cublas">cuBLAS</a>' in tail.partition("{ #beside }")[2]
    framed = system_page.framed('<h1 id="a">PyTorch</h1><p>Text.</p>', Markup("<p>Known.</p>"))
    assert framed == '<h1 id="a">PyTorch</h1><p>Known.</p><p>Text.</p>'


def test_an_environment_is_said_with_what_it_took_and_where(tmp_path: Path) -> None:
    made = site(tmp_path)
    creation = Creation(
        "low", "d1", "zen4", "AMD EPYC, 2 cores", "2026-11-27", 31.4, 3 << 30, 74, "3.11.2", "pip 23.0", True
    )
    examples = {**made.examples, "kernels/gemm": replace(made.examples["kernels/gemm"], environment="low")}
    made = replace(
        made,
        examples=examples,
        environments={"low": Environment("low", "d1", ("jax==0.10.2",), "Below frameworks.")},
        creations=(creation, replace(creation, digest="of an older lock", seconds=999.0)),
    )
    head = str(system_page.head(made, handbook(made).systems["torch"]))
    assert '<a href="/environments/#low">low</a>: 3.0 GiB, made in 31 s on AMD EPYC, 2 cores' in head
    assert "<code>stackdoc env create low</code>" in head
    page = environments_page.page(made).text
    assert "all packages downloaded" in page
    assert "999" not in page
    assert '<a href="/examples/kernels/gemm/">' in page.partition("{ #low }")[2]


def test_row_and_page_say_what_a_system_is_for_under_which_names_and_who_says_that_it_lives(tmp_path: Path) -> None:
    for page in systems_index.pages(site(tmp_path)):
        text = page.text.partition('<tr id="torch"')[2].partition("</tr>")[0] or page.text
        assert "Tensors in Python." in text
        assert 'href="https://pytorch.org/"' in text
        assert "BSD-3-Clause" in text
        assert "ATen, &lt;b&gt;Caffe2&lt;/b&gt;" in text
        assert ": For the sake of an example." in text
        assert 'active, <span class="sd-date">2026-10</span>: release 2 &lt;b&gt;; ' in text
        assert '<a href="https://pytorch.org/blog/">pytorch.org</a>, read twice' in text
    assert "low, without an example yet" in text


def test_a_state_that_nobody_looked_at_for_a_year_is_named_with_its_line_whatever_the_clock_says(
    tmp_path: Path,
) -> None:
    (tmp_path / "docs/data").mkdir(parents=True)
    entry = "- {{id: {0}, name: A, kind: b, runs: c, status: {{state: active, as_of: '{1}', source: d}}}}\n"
    days = {"old": "2025-09-30", "month": "2025-10", "edge": "2025-10-01", "new": "2026-10-01"}
    written = "".join(entry.format(*pair) for pair in days.items())
    (tmp_path / "docs/data/systems.yml").write_text(written, "utf-8")
    assert [(one.line, one.where) for one in old_statuses(Layout(tmp_path))] == [(1, "[0].status.as_of")]
    assert "last checked on 2025-09-30, more than a year before 2026-10-01" in str(old_statuses(Layout(tmp_path))[0])
    assert [one.line for one in old_statuses(Layout(tmp_path), "2026-11-01")] == [1, 2, 3]  # a record is newer


def test_a_system_with_an_example_has_a_page_with_its_figures(tmp_path: Path) -> None:
    _, page = systems_index.pages(site(tmp_path))
    assert page.path == "systems/torch.md"
    assert 'data-record="aaaaaaaaaaaa"' in page.text
    assert 'href="/examples/kernels/gemm/"' in page.text


def test_an_unknown_example_and_a_reason_beside_one_are_refused(tmp_path: Path) -> None:
    made = two_machines.site(tmp_path)
    (tmp_path / "docs/data").mkdir(parents=True)
    written = "- id: a\n  name: A\n  kind: library\n  examples: [kernels/gem]\n  runs: it does not\n"
    (tmp_path / "docs/data/systems.yml").write_text(written, "utf-8")
    problems: list[Problem] = []
    read_systems(Layout(tmp_path), problems, None, made.examples)
    assert [(one.line, one.message) for one in sorted(problems)] == [
        (4, "unknown example 'kernels/gem'"),
        (5, "has examples and a reason why none runs it"),
    ]
