"""A law: a formula with the units of its symbols, its source, and published numbers that it must reproduce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from stackdoc.laws.expression import Tree, parse


@dataclass(frozen=True)
class Symbol:
    """`unit` applies to a number given without one; `means` describes the symbol in words."""

    unit: str
    means: str


@dataclass(frozen=True)
class Vector:
    """A published example of the law: from `given` it must compute `result`.

    Both are text with a unit, or numbers in the law's own units. The computed result may differ by `tolerance`, a
    fraction of it, since publications round.
    """

    given: dict[str, float | str]
    result: float | str
    source: str
    tolerance: float = 0.01
    url: str = ""


@dataclass(frozen=True)
class Law:
    """An `expression` over `symbols`, in the language of `expression.py`; its result is in `unit`.

    `source` names who published it, or says that it is plain counting; `note` says where it does not apply.
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
        """The parsed expression. Raises InvalidExpression."""
        return parsed(self.expression)

    @property
    def units(self) -> Mapping[str, str]:
        return {name: symbol.unit for name, symbol in self.symbols.items()}


@lru_cache(maxsize=1000)
def parsed(expression: str) -> Tree:
    return parse(expression)
