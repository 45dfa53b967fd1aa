"""What a launch knows of a law: with the standard library alone, since an environment may hold nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackdoc.errors import did_you_mean
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.expression import parse

HINT = "name its file in data, such as docs/data/laws/kernels.yml"


@dataclass(frozen=True)
class KnownLaw:
    """`symbols` are the names of what it takes, each a number in SI base units."""

    expression: str
    symbols: tuple[str, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KnownLaw:
        return cls(data["expression"], tuple(data["symbols"]))


class Lawful(float):
    """What a law gave; `formula` is the law in words, which a prediction shows."""

    formula: str

    def __new__(cls, value: float, formula: str) -> Lawful:
        made = super().__new__(cls, value)
        made.formula = formula
        return made


def value_of(laws: Mapping[str, KnownLaw], id: str, symbols: Mapping[str, float]) -> Lawful:
    """The law's value in SI base units. Raises ValueError for a law or symbol that is not known, or has no number."""
    if id not in laws:
        near = did_you_mean(id, laws)
        raise ValueError(f"unknown law {id!r}; {near if near.startswith('did') else HINT}")
    law = laws[id]
    for name in symbols:
        if name not in law.symbols:
            raise ValueError(f"law {id!r} has no symbol {name!r}; {did_you_mean(name, law.symbols)}")
    if missing := [name for name in law.symbols if name not in symbols]:
        raise ValueError(f"law {id!r} lacks {', '.join(missing)}")
    try:
        found = evaluate(parse(law.expression), symbols)
    except NoValue as reason:
        raise ValueError(f"law {id!r} {reason}") from None
    return Lawful(found, f"{id}: {' '.join(law.expression.split())}")
