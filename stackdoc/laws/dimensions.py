"""Derives the dimensions of an expression from those of its symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackdoc.laws.expression import Call, Constant, Name, Negative, Operation, Tree
from stackdoc.laws.units import COUNTS, BadUnit, registry, unit

Dimensions = Any  # pint's mapping of dimensions to powers


def dimensions(tree: Tree, units: Mapping[str, str]) -> Dimensions:
    """Return the dimensions of the expression, given the units of its symbols.

    Raises BadUnit for sums of unlike things, and for operations that need a plain number, such as logarithms.
    """
    match tree:
        case Constant():
            return unit("1").dimensionality
        case Name(name):
            return unit(units[name]).dimensionality
        case Negative(of):
            return dimensions(of, units)
        case Operation("**", left, right):
            return _power(dimensions(left, units), dimensions(right, units), right)
        case Operation(operator, left, right):
            return _combined(operator, dimensions(left, units), dimensions(right, units))
        case Call(function, arguments):
            return _called(function, [dimensions(argument, units) for argument in arguments])


def check_result(actual: Dimensions, expected: str) -> None:
    """Raise BadUnit unless the dimensions are those of the unit `expected`, apart from counts."""
    if _without_counts(actual) != _without_counts(unit(expected).dimensionality):
        raise BadUnit(f"the expression gives {_in_words(actual)}, not {expected}")


def _combined(operator: str, left: Dimensions, right: Dimensions) -> Dimensions:
    if operator == "*":
        return left * right
    if operator == "/":
        return left / right
    return _alike("adds" if operator == "+" else "subtracts", left, right)


def _called(function: str, arguments: list[Dimensions]) -> Dimensions:
    first, *rest = arguments
    if function == "sqrt":
        return first**0.5
    if function in ("min", "max"):
        for other in rest:
            _alike("compares", first, other)
        return first
    if _without_counts(first):
        raise BadUnit(f"{function} of {_in_words(first)}", "divide first by something of the same kind")
    return first if function in ("ceil", "floor") else unit("1").dimensionality


def _power(base: Dimensions, power: Dimensions, exponent: Tree) -> Dimensions:
    if _without_counts(power):
        raise BadUnit(f"the exponent is {_in_words(power)}, not a plain number")
    sign, number = (-1, exponent.of) if isinstance(exponent, Negative) else (1, exponent)
    if isinstance(number, Constant):
        return base ** (sign * number.value)
    if _without_counts(base):
        raise BadUnit(f"{_in_words(base)} to a power that is not a number", "divide first by something of its kind")
    return unit("1").dimensionality


def _alike(verb: str, left: Dimensions, right: Dimensions) -> Dimensions:
    counts = [_only_count(side) for side in (left, right)]
    if _without_counts(left) != _without_counts(right) or (all(counts) and counts[0] != counts[1]):
        raise BadUnit(f"{verb} {_in_words(left)} and {_in_words(right)}")
    return left


def _without_counts(powers: Dimensions) -> dict[str, float]:
    """Return the dimensions without counts, which multiply as plain numbers do."""
    counts = {f"[{count}]" for count in COUNTS}
    return {name: power for name, power in powers.items() if name not in counts}


def _only_count(powers: Dimensions) -> str:
    """Return `[token]` for the dimensions of tokens alone, and so for each count; else nothing."""
    exponents = dict(powers.items())
    return next(iter(exponents)) if list(exponents.values()) == [1] and not _without_counts(powers) else ""


def _in_words(powers: Dimensions) -> str:
    if not powers:
        return "a plain number"
    return str(registry().UnitsContainer({name.strip("[]"): power for name, power in powers.items()}))
