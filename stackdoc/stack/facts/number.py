"""A row of the page of numbers: what is measured and what is cited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """`quantity` of `point` (a name with parameters, `library n=512`) of `example`; without an example the row only
    cites. `fact` is the cited counterpart. `against` is another row of the same unit, in multiples of which this row is
    also given; `as_unit` is the name of this row as such a unit (`dispatches`). `line` is its line in the file.
    """

    id: str
    layer: str
    what: str
    example: str = ""
    point: str = ""
    quantity: str = ""
    fact: str = ""
    against: str = ""
    as_unit: str = ""
    note: str = ""
    line: int = 0
