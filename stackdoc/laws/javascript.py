"""Writes a law as a JavaScript expression over its symbols in base units, for the calculators in pages."""

from __future__ import annotations

from stackdoc.laws.expression import Call, Constant, Name, Negative, Operation, Tree, symbols

# Names that no symbol may have, since they are reserved in Python or JavaScript.
WORDS = """
abstract and arguments as assert async await boolean break byte case catch char class const continue debugger def
default del delete do double elif else enum eval except export extends false final finally float for from function
global goto if implements import in instanceof int interface is lambda let long native new nonlocal not null or package
pass private protected public raise return short static super switch synchronized this throw throws transient true try
typeof undefined var void volatile while with yield None True False Math NaN Infinity Number Object Function
"""
RESERVED = frozenset(WORDS.split())


def javascript(tree: Tree) -> str:
    """Return the expression: `(2 * layers) * Math.pow(width, 2)`."""
    match tree:
        case Constant(value):
            return repr(value)
        case Name(name):
            return name
        case Negative(of):
            return f"(-{javascript(of)})"
        case Operation("**", left, right):
            return f"Math.pow({javascript(left)}, {javascript(right)})"
        case Operation(operator, left, right):
            return f"({javascript(left)} {operator} {javascript(right)})"
        case Call():
            return f"Math.{tree.function}({', '.join(map(javascript, tree.arguments))})"


def function(tree: Tree) -> str:
    """Return a function of an object with the symbols as keys: `({layers, width}) => …`."""
    return f"({{{', '.join(symbols(tree))}}}) => {javascript(tree)}"
