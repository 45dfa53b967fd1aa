"""What the check of a law refuses, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.laws.check import law_problems
from stackdoc.laws.read import read_laws
from stackdoc.project import Layout
from tests.made.laws import KV, checked
from tests.made.repository import ROOT


def test_the_laws_of_the_handbook_are_lawful() -> None:
    problems: list[Problem] = []
    entries = read_laws(Layout(ROOT), problems).entries
    assert [str(one) for entry, law in entries for one in law_problems(entry, law)] == []
    assert entries


def test_a_lawful_law_has_no_faults(tmp_path: Path) -> None:
    assert checked(tmp_path, KV) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("* tokens", "* token", "kernels.yml:5: [0].expression: unknown symbol 'token'; did you mean 'tokens'?"),
        ("* tokens", "", "kernels.yml:10: [0].symbols.tokens: the expression has no 'tokens'"),
        ("* tokens", "* (tokens", "kernels.yml:5: [0].expression: '2 * layers * bytes_per_number * (tokens' is no"),
        ("  unit: B\n", "  unit: s\n", "kernels.yml:5: [0].expression: the expression gives"),
        ("  unit: B\n", "  unit: Bt\n", "kernels.yml:6: [0].unit: unknown unit 'Bt'; did you mean"),
        ("unit: token", "unit: tokn", "kernels.yml:10: [0].symbols.tokens.unit: unknown unit 'tokn'; did you mean"),
        ("unit: B,", "units: B,", "kernels.yml:9: [0].symbols.bytes_per_number.units: unknown key 'units'"),
        ("tokens: {unit", "import: {unit", "'import' is not a valid symbol"),
        ("120 B", "121 B", "kernels.yml:14: [0].vectors[0].result: the law gives 120, the source 121 B, 0.83% off"),
        ("120 B", "120 s", "120 s is [time], where B is expected"),
        ("120 B", "many", "'many' is not a quantity"),
        (", tokens: 10", "", "kernels.yml:13: [0].vectors[0].given: lacks 'tokens'"),
        ("tokens: 10", "tokens: 10 request", "10 request is [request], where token is expected"),
        ("tokens: 10", "tokens: 10, width: 3", "unknown symbol 'width'"),
        ("result: 120 B", "result: 120 B\n      tolerance: 0.5", "found 0.5; a fraction from 0 to 0.2 is expected"),
        ("2 * layers", "2 / (layers - 3)", "the law divides by zero"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = KV.replace(old, new, 1)
    if "121" in new:
        text = text.replace("result: 121 B", "result: 121 B\n      tolerance: 0.001")
    assert said in checked(tmp_path, text)


def test_a_law_without_a_vector_is_refused(tmp_path: Path) -> None:
    bare = KV.partition("  vectors:")[0] + "  vectors: []\n"
    assert "a law needs a vector; give one published number" in checked(tmp_path, bare)
