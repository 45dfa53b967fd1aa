"""The page of numbers: each row is its record's on the machine chosen, or says that nothing measured it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.facts import numbers_page
from stackdoc.stack.facts.number import Number
from stackdoc.stack.facts.read import read_numbers
from stackdoc.stack.handbook import handbook
from tests.made import two_machines
from tests.made.choices import HERE, THERE, parts

LARGE = Number("large", "kernels", "A product", "kernels/gemm", "library n=512", "time", "h100-bf16-dense", "small", "")
SMALL = Number("small", "kernels", "A small one", "kernels/gemm", "library n=128", "time", as_unit="small products")
CITED = Number("cited", "silicon", "A rate", fact="h100-bf16-dense")


def site(root: Path, *rows: Number) -> Site:
    return two_machines.site(root, numbers={row.id: row for row in rows})


def row(text: str, id: str) -> str:
    found = re.search(rf'<tr id="{id}">.*?</tr>', text)
    assert found
    return found[0]


def test_a_row_has_the_value_of_each_machine_and_what_is_cited_beside_it(tmp_path: Path) -> None:
    found = row(numbers_page.page(site(tmp_path, SMALL, LARGE)).text, "large")
    assert set(parts(found.replace("<br>", ""))) == {HERE, THERE}
    assert {"aaaaaaaaaaaa", "bbbbbbbbbbbb"} == set(re.findall('data-record="([^"]+)"', found))
    assert 'data-fact="h100-bf16-dense"' in found
    assert "about 64 small products" in found


def test_a_row_without_an_example_says_so(tmp_path: Path) -> None:
    found = row(numbers_page.page(site(tmp_path, CITED)).text, "cited")
    assert "not measured" in found
    assert "989" in found


def test_a_row_whose_example_has_no_record_says_so(tmp_path: Path) -> None:
    bare = replace(site(tmp_path, SMALL), records={}, measured_here=frozenset())
    assert "not measured here" in row(numbers_page.page(bare).text, "small")


def test_an_unknown_point_is_named_with_the_nearest(tmp_path: Path) -> None:
    (problem,) = numbers_page.problems(site(tmp_path, replace(SMALL, point="libary n=128", line=7)))
    assert str(problem) == (
        "docs/data/numbers.yml:7: example 'kernels/gemm' has no point 'libary'; did you mean 'library'?"
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("fact: h100-bf16-dens", "unknown fact 'h100-bf16-dens'; did you mean 'h100-bf16-dense'?"),
        ("example: kernels/gem\n  point: a\n  quantity: time", "unknown example 'kernels/gem'; did you mean"),
        ("example: kernels/gemm\n  point: a\n  quantity: tim", "unknown quantity 'tim'; did you mean 'time'?"),
        ("example: kernels/gemm", "needs all of example, point and quantity"),
        ("fact: h100-bf16-dense\n  against: b", "unknown against 'b'"),
        ("note: x", "has neither an example nor a fact"),
        ("fact: h100-bf16-dense\n  line: 3", "unknown key 'line'"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, written: str, said: str) -> None:
    found = two_machines.site(tmp_path)
    (tmp_path / "docs/data").mkdir(parents=True)
    (tmp_path / "docs/data/numbers.yml").write_text(f"- id: a\n  layer: kernels\n  what: A\n  {written}\n", "utf-8")
    problems: list[Problem] = []
    read_numbers(Layout(tmp_path), problems, handbook(found).stack, found.examples, handbook(found).facts)
    assert said in "\n".join(map(str, problems))
    assert all(problem.line for problem in problems)
