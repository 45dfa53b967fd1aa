"""A claim of a source, and how the handbook tests it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["tested", "proxy", "arithmetic", "restated"]
Operator = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True)
class Predicate:
    """`quantity` of every point in `points` of `example` satisfies `op` `value` (SI base units).

    `possible` is the range that the quantity could take; `value` is strictly inside.
    """

    example: str
    quantity: str
    points: tuple[str, ...]
    op: Operator
    value: float
    possible: tuple[float, float] | None = None


@dataclass(frozen=True)
class Claim:
    """`text` restates the source in our words; `sources` are qualified source layers.

    `test` explains how `predicate` judges the claim, `shows` what a proxy can and cannot show; `sum` is the arithmetic
    that it follows from, `missing` what would test it. `doubt` is the best objection to the test, or to having none,
    and `answer` our reply. `devices` are the devices that the claim is about; none means all. The texts are Markdown
    with roles.
    """

    id: str
    layer: str
    text: str
    sources: tuple[str, ...]
    state: State
    test: str = ""
    predicate: Predicate | None = None
    shows: str = ""
    sum: str = ""
    missing: str = ""
    doubt: str = ""
    answer: str = ""
    devices: tuple[str, ...] = ()
