"""The grammar of laws: what is read, what is refused, and at which depth."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackdoc.laws.evaluate import evaluate
from stackdoc.laws.expression import (
    DEEPEST,
    Call,
    Constant,
    InvalidExpression,
    Name,
    Negative,
    Operation,
    Tree,
    parse,
    symbols,
)
from stackdoc.laws.javascript import javascript
from stackdoc.laws.latex import latex
from tests.made.laws import TREES


def test_powers_bind_before_signs_and_products_before_sums() -> None:
    assert evaluate(parse("-2 ** 2 + 3 * 4 - 10 / 5"), {}) == 6
    assert evaluate(parse("2 ** 3 ** 2"), {}) == 512
    assert evaluate(parse("8 - 3 - 2"), {}) == 3
    assert symbols(parse("b * min(a, b) + c")) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1 to 500 characters"),
        ("1 + " * 200 + "1", "1 to 500 characters"),
        ("a ^ 2", "not an operator"),
        ("a if b else c", "IfExp is not allowed"),
        ("a, b", "Tuple is not allowed"),
        ("a // b", "FloorDiv is not allowed"),
        ("+a", "UAdd is not allowed"),
        ("a.b", "Attribute is not allowed"),
        ("lambda x: x", "':' is not allowed in"),
        ("__import__('os')", '"\'" is not allowed in'),
        ("[1][0]", "'[' is not allowed in"),
        ("a % b", "'%' is not allowed in"),
        ("x := 1", "':' is not allowed in"),
        ("a = 1", "'=' is not allowed in"),
        ("eval(a)", "unknown function 'eval'"),
        ("srt(a)", "unknown function 'srt'"),
        ("sqrt(*a)", "Starred is not allowed"),
        ("sqrt(a, b)", "sqrt takes one argument"),
        ("sqrt()", "sqrt takes one argument"),
        ("max(a)", "max takes two arguments or more"),
        ("sqrt(a)(b)", "Call is not allowed"),
        ("True", "'True' is not a number"),
        ("1j", "'1j' is not a number"),
        ("1e999", "too large"),
        ("9" * 400, "too large"),
        ("2 ** 65", "the exponent 65 is over 64"),
        ("2 ** -65", "the exponent 65 is over 64"),
        ("(" * 150 + "1" + ")" * 150 + " +", "is not an expression"),
        ("-" * 60 + "1", "nests deeper than 40"),
        ("1 +" * 100 + "1", "numbers, symbols and operations"),
        ("a +", "is not an expression"),
        ("a b", "is not an expression"),
        ("not a", "Not is not allowed"),
        ("a and b", "And is not allowed"),
        ("ａ", "is not allowed in"),
    ],
)
def test_what_is_no_arithmetic_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidExpression, match=re.escape(said)):
        parse(text)


def written(tree: Tree) -> str:
    """The text of a tree, each operation in parentheses."""
    match tree:
        case Constant(value):
            return repr(value)
        case Name(name):
            return name
        case Negative(of):
            return f"(-{written(of)})"
        case Operation(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Call(called, arguments):
            return f"{called}({', '.join(map(written, arguments))})"


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_a_tree_that_is_written_out_is_read_again(tree: Tree) -> None:
    text = written(tree)
    if len(text) <= 500:
        assert parse(text) == tree


@given(st.text(alphabet="ab1.+-*/()min sqrt,_e", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except InvalidExpression:
        return
    assert javascript(tree)
    assert latex(tree)


def test_nothing_nests_deeper_than_it_may() -> None:
    parse("-" * (DEEPEST - 1) + "1")
    with pytest.raises(InvalidExpression):
        parse("-" * DEEPEST + "1")
