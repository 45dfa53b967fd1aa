"""Laws as a launch uses them. Needs the standard library only, since an environment may have nothing else."""

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
    """A law without its units: `symbols` are the names of its arguments, which are numbers in base units."""

    expression: str
    symbols: tuple[str, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KnownLaw:
        return cls(data["expression"], tuple(data["symbols"]))


class LawValue(float):
    """The value of a law, with the `formula` that a prediction shows."""

    formula: str

    def __new__(cls, value: float, formula: str) -> LawValue:
        instance = super().__new__(cls, value)
        instance.formula = formula
        return instance


def law_value(laws: Mapping[str, KnownLaw], id: str, symbols: Mapping[str, float]) -> LawValue:
    """Return the law's value in base units. Raises ValueError for unknown laws and for unknown or missing symbols."""
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
        value = evaluate(parse(law.expression), symbols)
    except NoValue as reason:
        raise ValueError(f"law {id!r} {reason}") from None
    return LawValue(value, f"{id}: {' '.join(law.expression.split())}")
