"""The arithmetic of laws: a small language, parsed once into a tree that everything else walks.

Numbers, symbols, `+ - * / **`, parentheses and eight functions. Python's own parser reads the text, and only what is
named here is taken from its tree; nothing is ever executed.
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
DEEPEST = 40  # operations within one another
MOST = 200  # numbers, symbols and operations
STEEPEST = 64  # the largest exponent that may be written down
FUNCTIONS = {"min": 2, "max": 2, "sqrt": 1, "log": 1, "log2": 1, "exp": 1, "ceil": 1, "floor": 1}
OPERATORS: dict[type[ast.operator], Operator] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
CHARACTERS = re.compile(r"[A-Za-z0-9_ \t\n.,+*/()-]*")
SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Malformed(ValueError):
    """A text that is no expression; the message says why, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Number:
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
    """`function` is a key of FUNCTIONS, which says how many arguments it takes at least; only min and max take more."""

    function: str
    arguments: tuple[Tree, ...]


Tree = Number | Name | Operation | Negative | Call


def parse(text: str) -> Tree:
    """The tree of an expression. Raises Malformed for anything else."""
    if not text.strip() or len(text) > LONGEST:
        raise Malformed(f"an expression has 1 to {LONGEST} characters, this one {len(text)}")
    if "^" in text:
        raise Malformed("'^' is no operator", "write ** for a power")
    known = CHARACTERS.match(text)
    if known and known.end() < len(text):
        raise Malformed(f"{text[known.end()]!r} has no place in an expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is refused below
            parsed = ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Malformed(f"{_short(text)} is no expression", "operators, parentheses or operands are missing") from None
    nodes = sum(isinstance(node, ast.expr) for node in ast.walk(parsed))
    if nodes > MOST:
        raise Malformed(f"has {nodes} numbers, symbols and operations; {MOST} are the most")
    return _tree(parsed, 1)


def symbols(tree: Tree) -> list[str]:
    """The names in it, each once, in the order in which they first occur."""
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
        raise Malformed(f"nests deeper than {DEEPEST} operations")
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
    raise Malformed(f"{kind} is not allowed", "only + - * / **, parentheses and functions are")


def _number(node: ast.Constant) -> Number:
    if type(node.value) not in (int, float):
        raise Malformed(f"{_short(repr(node.value))} is no number")
    try:
        value = float(cast(float, node.value))
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Malformed("a number is too large")
    return Number(value)


def _operation(operator: Operator, left: Tree, right: Tree) -> Operation:
    power = right.of if isinstance(right, Negative) else right
    if operator == "**" and isinstance(power, Number) and power.value > STEEPEST:
        raise Malformed(f"the exponent {power.value:g} is over {STEEPEST}")
    return Operation(operator, left, right)


def _call(name: str, arguments: tuple[Tree, ...]) -> Call:
    if name not in FUNCTIONS:
        raise Malformed(f"unknown function {_short(name)}", did_you_mean(name, FUNCTIONS))
    least = FUNCTIONS[name]
    if len(arguments) < least or (least == 1 and len(arguments) > 1):
        raise Malformed(f"{name} takes {'one argument' if least == 1 else 'two arguments or more'}")
    return Call(name, arguments)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 60 else f"{words[:59]}…")
