"""The dimension of an expression."""

from __future__ import annotations

import pytest

from stackdoc.laws.dimensions import check_result, dimensions
from stackdoc.laws.expression import parse
from stackdoc.laws.units import BadUnit

UNITS = {"n": "1", "b": "B", "t": "s", "k": "token", "r": "request", "f": "FLOP", "bw": "B/s", "peak": "FLOP/s"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2 * n * b * k", "B"),
        ("6 * n * k", "FLOP"),
        ("max(f / peak, b / bw)", "s"),
        ("peak / bw", "FLOP/B"),
        ("2 * n * k + 4 * n * k ** 2", "FLOP"),
        ("sqrt(2 * t * t)", "s"),
        ("1 - n ** k", "1"),
        ("k * t + t", "s"),
        ("floor(b / b)", "token"),
        ("exp(-t / t) * log(n)", "1"),
        ("b ** 2 / b", "B"),
    ],
)
def test_dimensions_of_lawful_expressions(text: str, result: str) -> None:
    check_result(dimensions(parse(text), UNITS), result)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b + t", "adds byte and second"),
        ("k + b", "adds token and byte"),
        ("k - r", "subtracts token and request"),
        ("max(b, t)", "compares byte and second"),
        ("1 + b", "adds a plain number and byte"),
        ("log(b)", "log of byte"),
        ("ceil(t)", "ceil of second"),
        ("2 ** t", "the exponent is second"),
        ("b ** n", "byte to a power that is not a number"),
    ],
)
def test_a_sum_of_unlike_things_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUnit) as refused:
        dimensions(parse(text), UNITS)
    assert said in str(refused.value).replace("information", "byte").replace("time", "second")


def test_a_result_of_another_dimension_is_refused() -> None:
    with pytest.raises(BadUnit, match="not s"):
        check_result(dimensions(parse("b * k"), UNITS), "s")
