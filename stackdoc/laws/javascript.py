"""A law as JavaScript, for calculators in pages: one pure expression over its symbols, which are in SI base units."""

from __future__ import annotations

from stackdoc.laws.expression import Call, Name, Negative, Number, Operation, Tree, symbols

# What no symbol may be called, since one of the languages that laws are written out in means something else by it.
WORDS = """
abstract and arguments as assert async await boolean break byte case catch char class const continue debugger def
default del delete do double elif else enum eval except export extends false final finally float for from function
global goto if implements import in instanceof int interface is lambda let long native new nonlocal not null or package
pass private protected public raise return short static super switch synchronized this throw throws transient true try
typeof undefined var void volatile while with yield None True False Math NaN Infinity Number Object Function
"""
RESERVED = frozenset(WORDS.split())


def javascript(tree: Tree) -> str:
    """`(2 * layers) * Math.pow(width, 2)`: each symbol is a variable of its name."""
    match tree:
        case Number(value):
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
    """`({layers, width}) => …`: a function of one object that names the symbols."""
    return f"({{{', '.join(symbols(tree))}}}) => {javascript(tree)}"
