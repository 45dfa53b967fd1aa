"""Read the glossary."""

from __future__ import annotations

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.stack.glossary.term import Term


def read_terms(layout: Layout, problems: list[Problem]) -> dict[str, Term]:
    """Return the terms by their name."""
    terms = read_list(layout, "glossary", Term, problems)
    return {term.term: term for term in terms.values}
