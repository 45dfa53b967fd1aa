"""The index of systems: each with an anchor, its places, its state and whether it runs here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.reading import read_systems
from stackdoc.render import systems
from stackdoc.site import Site
from stackdoc.system import System
from tests.unit import made_up


def site(root: Path) -> Site:
    made = made_up.site(root)
    more = (
        System("torch", "PyTorch", "framework", "", "kernels", examples=("kernels/gemm",)),
        System("land", "Land", "hardware", "", "silicon", runs="nothing runs on land"),
    )
    return replace(made, systems={**made.systems, **{one.id: one for one in more}})


def test_every_system_has_a_row_of_its_own_and_stands_in_the_lists(tmp_path: Path) -> None:
    index, _ = systems.pages(site(tmp_path))
    for id in ("cublas", "torch", "land"):
        assert f'<tr id="{id}">' in index.text
        assert f'id="system-{id}"' in index.text
    by_state = index.text.partition("{ #by-state }")[2]
    assert re.search(r'<dt>active</dt><dd>1: <a href="#cublas">', by_state)
    by_runs = index.text.partition("{ #by-runs }")[2]
    assert re.search(r'An example runs it</dt><dd>1: <a href="#torch">', by_runs)
    assert re.search(r'with the reason</dt><dd>1: <a href="#land">', by_runs)
    assert "nothing runs on land" in index.text


def test_a_system_with_an_example_has_a_page_with_its_figures(tmp_path: Path) -> None:
    _, page = systems.pages(site(tmp_path))
    assert page.path == "systems/torch.md"
    assert 'data-record="aaaaaaaaaaaa"' in page.text
    assert 'href="/examples/kernels/gemm/"' in page.text


def test_an_unknown_example_and_a_reason_beside_one_are_refused(tmp_path: Path) -> None:
    made = made_up.site(tmp_path)
    (tmp_path / "docs/data").mkdir(parents=True)
    written = "- id: a\n  name: A\n  kind: library\n  examples: [kernels/gem]\n  runs: it does not\n"
    (tmp_path / "docs/data/systems.yml").write_text(written, "utf-8")
    problems: list[Problem] = []
    read_systems(tmp_path, problems, None, made.examples)
    assert [(one.line, one.message) for one in sorted(problems)] == [
        (4, "unknown example 'kernels/gem'"),
        (5, "has examples and a reason why none runs it"),
    ]
