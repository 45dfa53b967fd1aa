"""A law: a formula with the units of its symbols, where it is from, and published numbers that it must reproduce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from stackdoc.laws.expression import Tree, parse


@dataclass(frozen=True)
class Symbol:
    """`unit` is that of a number put in without one; `means` says what it is, in words."""

    unit: str
    means: str


@dataclass(frozen=True)
class Vector:
    """`given` and `result` as published, as text with a unit or as numbers in the law's own units; the law's result
    may differ by `tolerance`, a share of it, since publications round."""

    given: dict[str, float | str]
    result: float | str
    source: str
    tolerance: float = 0.01
    url: str = ""


@dataclass(frozen=True)
class Law:
    """`expression` in the language of `expression.py` over `symbols`; its result is in `unit`.

    `source` says who published it, or that it is counting; `note` where it stops being true.
    """

    id: str
    layer: str
    name: str
    expression: str
    unit: str
    symbols: dict[str, Symbol]
    source: str
    vectors: tuple[Vector, ...]
    url: str = ""
    note: str = ""

    @property
    def tree(self) -> Tree:
        """Raises Malformed where the expression is none."""
        return parsed(self.expression)

    @property
    def units(self) -> Mapping[str, str]:
        return {name: symbol.unit for name, symbol in self.symbols.items()}


@lru_cache(maxsize=1000)
def parsed(expression: str) -> Tree:
    return parse(expression)
