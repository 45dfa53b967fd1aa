"""The terms of the glossary."""

from __future__ import annotations

from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.reading.collections import read_list
from stackdoc.stack.glossary.term import Term


def read_terms(root: Path, problems: list[Problem]) -> dict[str, Term]:
    """The glossary by term."""
    terms, _ = read_list(root, "glossary", Term, problems)
    return {term.term: term for _, term in terms}
