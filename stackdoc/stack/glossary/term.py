"""A term of the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """`definition` is a sentence or two. An `everyday` word is not linked, since it often means something else."""

    term: str
    definition: str
    everyday: bool = False
