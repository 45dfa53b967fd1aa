"""What dimension a law's result has, from those of its symbols; a sum of unlike things is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackdoc.laws.expression import Call, Name, Negative, Number, Operation, Tree
from stackdoc.laws.units import COUNTS, BadUnit, registry, unit

Dimensions = Any  # pint's mapping of dimensions to powers


def dimensions(tree: Tree, units: Mapping[str, str]) -> Dimensions:
    """The dimensions of the expression whose symbols have those units. Raises BadUnit for a sum of unlike things, and
    for a power, root or logarithm of what has none."""
    match tree:
        case Number():
            return unit("1").dimensionality
        case Name(name):
            return unit(units[name]).dimensionality
        case Negative(of):
            return dimensions(of, units)
        case Operation("**", left, right):
            return _power(dimensions(left, units), dimensions(right, units), right)
        case Operation(operator, left, right):
            return _joined(operator, dimensions(left, units), dimensions(right, units))
        case Call(function, arguments):
            return _called(function, [dimensions(argument, units) for argument in arguments])


def check_result(found: Dimensions, expected: str) -> None:
    """Raises BadUnit when what the expression gives is not what the law says; counts are the law's own affair."""
    if _measured(found) != _measured(unit(expected).dimensionality):
        raise BadUnit(f"the expression gives {_said(found)}, not {expected}")


def _joined(operator: str, one: Dimensions, other: Dimensions) -> Dimensions:
    if operator == "*":
        return one * other
    if operator == "/":
        return one / other
    return _alike("adds" if operator == "+" else "subtracts", one, other)


def _called(function: str, found: list[Dimensions]) -> Dimensions:
    if function == "sqrt":
        return found[0] ** 0.5
    if function in ("min", "max"):
        for other in found[1:]:
            _alike("compares", found[0], other)
        return found[0]
    if _measured(found[0]):
        raise BadUnit(f"{function} of {_said(found[0])}", "divide first by something of the same kind")
    return found[0] if function in ("ceil", "floor") else unit("1").dimensionality


def _power(base: Dimensions, power: Dimensions, exponent: Tree) -> Dimensions:
    if _measured(power):
        raise BadUnit(f"the exponent is {_said(power)}, no plain number")
    sign, number = (-1, exponent.of) if isinstance(exponent, Negative) else (1, exponent)
    if isinstance(number, Number):
        return base ** (sign * number.value)
    if _measured(base):
        raise BadUnit(f"{_said(base)} to a power that is not written down", "divide first by something of its kind")
    return unit("1").dimensionality


def _alike(does: str, one: Dimensions, other: Dimensions) -> Dimensions:
    counted = [_only_count(side) for side in (one, other)]
    if _measured(one) != _measured(other) or (all(counted) and counted[0] != counted[1]):
        raise BadUnit(f"{does} {_said(one)} and {_said(other)}")
    return one


def _measured(found: Dimensions) -> dict[str, float]:
    """Without counts, which multiply as plain numbers do."""
    counts = {f"[{count}]" for count in COUNTS}
    return {name: power for name, power in found.items() if name not in counts}


def _only_count(found: Dimensions) -> str:
    """`[token]` of a plain number of tokens; nothing of anything else."""
    powers = dict(found.items())
    return next(iter(powers)) if list(powers.values()) == [1] and not _measured(found) else ""


def _said(found: Dimensions) -> str:
    if not found:
        return "a plain number"
    return str(registry().UnitsContainer({name.strip("[]"): power for name, power in found.items()}))
