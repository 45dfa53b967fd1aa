"""A claim of a source, and the verdict that measurement gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["holds", "holds in part", "does not hold here", "undecided", "not measurable here"]


@dataclass(frozen=True)
class Predicate:
    """`quantity` of every point in `points` of `example` stands in relation `op` to `value` (SI base units)."""

    example: str
    quantity: str
    points: tuple[str, ...]
    op: Literal["<", "<=", ">", ">="]
    value: float


@dataclass(frozen=True)
class Claim:
    """`text` restates the source in our words; `sources` are qualified source layers."""

    id: str
    layer: str
    text: str
    sources: tuple[str, ...]
    predicate: Predicate | None = None
    not_measurable: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer on one machine, the reason in words, the records it rests on."""

    answer: Answer
    reason: str
    records: tuple[str, ...] = ()
