"""The terms of the glossary."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list


@dataclass(frozen=True)
class GlossaryTerm:
    """`definition` is a sentence or two. An `everyday` word is not linked, since it often means something else.

    `also` are other words for the term, such as its abbreviation.
    """

    term: str
    definition: str
    everyday: bool = False
    also: tuple[str, ...] = ()


def read_terms(layout: Layout, problems: list[Problem]) -> dict[str, GlossaryTerm]:
    """Return the terms by their name."""
    return {term.term: term for term in read_list(layout, "glossary", GlossaryTerm, problems).values}
