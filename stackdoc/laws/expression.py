"""Parses the expressions of laws into trees.

The language has numbers, symbols, `+ - * / **`, parentheses and eight functions. Python's parser reads the text, and
every node that is not listed here is refused; nothing is ever executed.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from stackdoc.errors import did_you_mean

Operator = Literal["+", "-", "*", "/", "**"]

LONGEST = 500  # characters
DEEPEST = 40  # nested operations
MOST = 200  # numbers, symbols and operations
STEEPEST = 64  # the largest exponent
FUNCTIONS = {"min": 2, "max": 2, "sqrt": 1, "log": 1, "log2": 1, "exp": 1, "ceil": 1, "floor": 1}
OPERATORS: dict[type[ast.operator], Operator] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
CHARACTERS = re.compile(r"[A-Za-z0-9_ \t\n.,+*/()-]*")
SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class InvalidExpression(ValueError):
    """Raised for text that is not a valid expression; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Constant:
    value: float


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Operation:
    operator: Operator
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Negative:
    of: Tree


@dataclass(frozen=True)
class Call:
    """`function` is a key of FUNCTIONS, which has the least number of arguments; only min and max take more."""

    function: str
    arguments: tuple[Tree, ...]


Tree = Constant | Name | Operation | Negative | Call


def parse(text: str) -> Tree:
    """Return the tree of an expression. Raises InvalidExpression."""
    if not text.strip() or len(text) > LONGEST:
        raise InvalidExpression(f"an expression has 1 to {LONGEST} characters, this one {len(text)}")
    if "^" in text:
        raise InvalidExpression("'^' is not an operator", "write ** for a power")
    valid = CHARACTERS.match(text)
    if valid and valid.end() < len(text):
        raise InvalidExpression(f"{text[valid.end()]!r} is not allowed in an expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about syntax that is refused below
            parsed = ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = "operators, parentheses or operands are missing"
        raise InvalidExpression(f"{_short(text)} is not an expression", hint) from None
    nodes = sum(isinstance(node, ast.expr) for node in ast.walk(parsed))
    if nodes > MOST:
        raise InvalidExpression(f"has {nodes} numbers, symbols and operations; at most {MOST} are allowed")
    return _tree(parsed, 1)


def symbols(tree: Tree) -> list[str]:
    """Return the names in the expression, each once, in the order of their first use."""
    return list(dict.fromkeys(_names(tree)))


def _names(tree: Tree) -> Iterator[str]:
    match tree:
        case Name(name):
            yield name
        case Operation(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Negative(of):
            yield from _names(of)
        case Call(_, arguments):
            for argument in arguments:
                yield from _names(argument)


def _tree(node: ast.expr, depth: int) -> Tree:
    if depth > DEEPEST:
        raise InvalidExpression(f"nests deeper than {DEEPEST} operations")
    match node:
        case ast.Constant():
            return _number(node)
        case ast.Name(name):
            return Name(name)
        case ast.UnaryOp(ast.USub(), operand):
            return Negative(_tree(operand, depth + 1))
        case ast.BinOp(left, operator, right) if type(operator) in OPERATORS:
            return _operation(OPERATORS[type(operator)], _tree(left, depth + 1), _tree(right, depth + 1))
        case ast.Call(ast.Name(name), arguments, []):
            return _call(name, tuple(_tree(argument, depth + 1) for argument in arguments))
    kind = type(getattr(node, "op", node)).__name__
    raise InvalidExpression(f"{kind} is not allowed", "only + - * / **, parentheses and functions are")


def _number(node: ast.Constant) -> Constant:
    if type(node.value) not in (int, float):
        raise InvalidExpression(f"{_short(repr(node.value))} is not a number")
    try:
        value = float(cast(float, node.value))
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidExpression("a number is too large")
    return Constant(value)


def _operation(operator: Operator, left: Tree, right: Tree) -> Operation:
    power = right.of if isinstance(right, Negative) else right
    if operator == "**" and isinstance(power, Constant) and power.value > STEEPEST:
        raise InvalidExpression(f"the exponent {power.value:g} is over {STEEPEST}")
    return Operation(operator, left, right)


def _call(name: str, arguments: tuple[Tree, ...]) -> Call:
    if name not in FUNCTIONS:
        raise InvalidExpression(f"unknown function {_short(name)}", did_you_mean(name, FUNCTIONS))
    least = FUNCTIONS[name]
    if len(arguments) < least or (least == 1 and len(arguments) > 1):
        raise InvalidExpression(f"{name} takes {'one argument' if least == 1 else 'two arguments or more'}")
    return Call(name, arguments)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 60 else f"{words[:59]}…")
