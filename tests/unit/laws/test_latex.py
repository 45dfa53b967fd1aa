"""Laws as LaTeX."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from stackdoc.laws.expression import Tree, parse
from stackdoc.laws.latex import latex
from stackdoc.render.html.formulas import formula
from stackdoc.render.values.points import Location
from tests.made.laws import TREES, laws_of_handbook


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_every_tree_can_be_set(tree: Tree) -> None:
    source = latex(tree)
    if len(source) < 900:
        assert "<math" in formula(source, Location("x.md", 1))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a * (b + c)", r"\text{a} \cdot \left( \text{b} + \text{c} \right)"),
        ("a - (b - c)", r"\text{a} - \left( \text{b} - \text{c} \right)"),
        ("a / b / c", r"\frac{\frac{\text{a}}{\text{b}}}{\text{c}}"),
        ("(a + b) ** 2", r"{\left( \text{a} + \text{b} \right)}^{2}"),
        ("1e9 * kv_heads", r"1000000000 \cdot \text{kv heads}"),
        ("1e20 * a", r"1 \cdot {10}^{20} \cdot \text{a}"),
        ("ceil(a) + sqrt(b) - log2(c)", r"\left\lceil \text{a} \right\rceil + \sqrt{\text{b}}"),
    ],
)
def test_a_formula_keeps_its_parentheses(text: str, found: str) -> None:
    assert found in latex(parse(text))


def test_every_law_of_the_handbook_can_be_set() -> None:
    for law in laws_of_handbook():
        assert "<math" in formula(latex(law.tree, {name: name for name in law.symbols}), Location("x.md", 1))
