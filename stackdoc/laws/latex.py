"""A law as LaTeX: its symbols in words, or with the numbers that were put in."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.laws.expression import Call, Name, Negative, Number, Operation, Tree

BINDING = {"+": 1, "-": 1, "*": 2, "/": 4, "**": 3}  # a fraction holds together by itself
ATOM = 4
BRACKETS = {"ceil": (r"\left\lceil", r"\right\rceil"), "floor": (r"\left\lfloor", r"\right\rfloor")}


def latex(tree: Tree, words: Mapping[str, str] | None = None) -> str:
    """The formula; `words` are what stands for each symbol, by default its name."""
    return _written(tree, words or {})[0]


def text(words: str) -> str:
    """Words in a formula, with what LaTeX would take for a command made harmless."""
    return rf"\text{{{''.join(_escaped(one) for one in words)}}}"


def _escaped(letter: str) -> str:
    if letter in "%#&$":
        return rf"\{letter}"
    return {"_": " ", "\\": "/", "{": "(", "}": ")", "^": "", "~": " "}.get(letter, letter)


def _written(tree: Tree, words: Mapping[str, str]) -> tuple[str, int]:
    """The text with how firmly it holds together."""
    match tree:
        case Number(value):
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


def _inside(tree: Tree, words: Mapping[str, str], binding: int) -> str:
    written, own = _written(tree, words)
    return written if own >= binding else rf"\left( {written} \right)"


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
