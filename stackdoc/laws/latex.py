"""Writes a law as LaTeX, with its symbols in words or as numbers."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.laws.expression import Call, Constant, Name, Negative, Operation, Tree

ATOM = 4  # the precedence of what never needs parentheses; powers have 3, products 2, sums 1
BRACKETS = {"ceil": (r"\left\lceil", r"\right\rceil"), "floor": (r"\left\lfloor", r"\right\rfloor")}


def latex(tree: Tree, words: Mapping[str, str] | None = None) -> str:
    """Return the formula; `words` replace symbols, which are shown by name otherwise."""
    return _written(tree, words or {})[0]


def text(words: str) -> str:
    """Return words as text in a formula, with LaTeX's special characters escaped or replaced."""
    return rf"\text{{{''.join(map(_escaped, words))}}}"


def _escaped(letter: str) -> str:
    if letter in "%#&$":
        return rf"\{letter}"
    return {"_": " ", "\\": "/", "{": "(", "}": ")", "^": "", "~": " "}.get(letter, letter)


def _written(tree: Tree, words: Mapping[str, str]) -> tuple[str, int]:
    """Return the LaTeX and its precedence."""
    match tree:
        case Constant(value):
            return _number(value)
        case Name(name):
            return text(words.get(name, name)), ATOM
        case Negative(of):
            return f"-{_inside(of, words, 2)}", 1
        case Operation("/", left, right):
            return rf"\frac{{{latex(left, words)}}}{{{latex(right, words)}}}", ATOM
        case Operation("**", left, right):
            return f"{{{_inside(left, words, ATOM)}}}^{{{latex(right, words)}}}", 3
        case Operation("*", left, right):
            return rf"{_inside(left, words, 2)} \cdot {_inside(right, words, 2)}", 2
        case Operation(operator, left, right):
            return f"{_inside(left, words, 1)} {operator} {_inside(right, words, 1 if operator == '+' else 2)}", 1
        case Call(function, arguments):
            return _call(function, [latex(argument, words) for argument in arguments]), ATOM


def _inside(tree: Tree, words: Mapping[str, str], least: int) -> str:
    """Return the LaTeX of an operand, in parentheses if its precedence is below `least`."""
    written, precedence = _written(tree, words)
    return written if precedence >= least else rf"\left( {written} \right)"


def _number(value: float) -> tuple[str, int]:
    shown = f"{value:.12g}"
    digits, _, power = shown.partition("e")
    return (rf"{digits} \cdot {{10}}^{{{int(power)}}}", 2) if power else (shown, ATOM)


def _call(function: str, arguments: list[str]) -> str:
    if function in BRACKETS:
        left, right = BRACKETS[function]
        return f"{left} {arguments[0]} {right}"
    if function == "sqrt":
        return rf"\sqrt{{{arguments[0]}}}"
    if function == "exp":
        return f"{{e}}^{{{arguments[0]}}}"
    name = {"log": r"\ln", "log2": r"{\log}_{2}"}.get(function, rf"\{function}")
    return rf"{name} \left( {', '.join(arguments)} \right)"
