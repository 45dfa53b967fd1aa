"""Evaluates a law with plain numbers in base units. Needs the standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from stackdoc.laws.expression import Call, Constant, Name, Negative, Operation, Tree

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log": math.log,
    "log2": math.log2,
    "exp": math.exp,
    "ceil": lambda x: float(math.ceil(x)),
    "floor": lambda x: float(math.floor(x)),
}
OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": math.pow,
}


class NoValue(ValueError):
    """Raised if the law has no value: division by zero, a root of a negative number, overflow."""


def evaluate(tree: Tree, values: Mapping[str, float]) -> float:
    """Return the value of the expression, all of whose symbols are in `values`. Raises NoValue."""
    try:
        value = _value(tree, values)
    except ZeroDivisionError:
        raise NoValue("divides by zero") from None
    except (ValueError, OverflowError) as error:
        raise NoValue(f"has no value: {error}") from None
    if not math.isfinite(value):
        raise NoValue("is too large")
    return value


def _value(tree: Tree, values: Mapping[str, float]) -> float:
    match tree:
        case Constant(value):
            return value
        case Name(name):
            return float(values[name])
        case Negative(of):
            return -_value(of, values)
        case Operation(operator, left, right):
            return OPERATORS[operator](_value(left, values), _value(right, values))
        case Call(function, arguments):
            return FUNCTIONS[function](*(_value(argument, values) for argument in arguments))
