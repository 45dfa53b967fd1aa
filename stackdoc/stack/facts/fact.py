"""A cited number: never without its unit, its conditions, its source and its date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fact:
    """`value` as the source prints it (a text such as "989" or "20.4 to 38.2"), `unit` beside it.

    `kind` tells a data sheet from a paper; `as_of` is the date of the source, ISO 8601.
    """

    id: str
    layer: str
    quantity: str
    value: str
    unit: str
    conditions: str
    kind: Literal["datasheet", "paper", "report", "derived"]
    source: str
    as_of: str
    url: str = ""
    note: str = ""
