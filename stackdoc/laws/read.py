"""Laws read from `data/laws.yml` and the files of `data/laws/`, well-formed ones only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackdoc.errors import Problem
from stackdoc.laws.known import KnownLaw
from stackdoc.laws.law import Law
from stackdoc.project import Layout
from stackdoc.reading.collections import Listed, read_list

NAME = "laws"


def read_laws(layout: Layout, problems: list[Problem]) -> Listed[Law]:
    """Every entry of the right form, with its place; whether it is true is for `check.py`."""
    return read_list(layout, NAME, Law, problems)


def known_laws(layout: Layout, files: Sequence[str]) -> Mapping[str, KnownLaw]:
    """The laws of those files, as launches know them; nothing is read where none of the files is a file of laws."""
    named = [file for file in files if file in layout.collection_files(NAME)]
    if not named:
        return {}
    entries = read_laws(layout, []).entries
    return {
        law.id: KnownLaw(law.name, law.expression, tuple(law.symbols)) for entry, law in entries if entry.file in named
    }
