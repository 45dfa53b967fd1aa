"""A cited number with its unit, conditions, source and date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Fact:
    """`value` as the source prints it (a text such as "989" or "20.4 to 38.2"), `unit` beside it.

    `kind` is the kind of source; `as_of` is its date, ISO 8601.
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
