"""A word of the field, said once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """`definition` is a sentence or two."""

    term: str
    definition: str
