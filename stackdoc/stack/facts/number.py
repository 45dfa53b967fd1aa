"""A number that every engineer should know: where its measurement stands, and what is cited beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """`quantity` of `point` (a name with parameters, `library n=512`) of `example`; without an example the row is
    cited only. `fact` is the cited counterpart. `against` is another row with the same unit, of which this one is
    said to be so many; `as_unit` is what one of this row is called there (`dispatches`). `line` is where it stands.
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
