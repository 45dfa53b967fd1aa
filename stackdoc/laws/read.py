"""Reads laws from `data/laws.yml` and the files of `data/laws/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from stackdoc.errors import Problem
from stackdoc.examples.header import read_header
from stackdoc.laws.known import KnownLaw
from stackdoc.laws.law import Law
from stackdoc.project import EXAMPLES, Layout
from stackdoc.reading.collections import Listed, read_list
from stackdoc.reading.decode import decode_each
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text

FILES = ("data/laws.yml", "data/laws/*.yml")


def read_laws(layout: Layout, problems: list[Problem]) -> Listed[Law]:
    """Return every well-formed entry with its place; `check.py` checks what they state."""
    return read_list(layout, "laws", Law, problems)


def known_laws(root: Path, files: Iterable[str]) -> dict[str, KnownLaw]:
    """Return the laws of those `files` that contain laws, as launches use them.

    Invalid entries are left out; `stackdoc check` reports them.
    """
    law_files = [file for file in files if any(PurePosixPath(file).match(pattern) for pattern in FILES)]
    return {law.id: KnownLaw(law.expression, tuple(law.symbols)) for file in law_files for law in _laws(root, file)}


def _laws(root: Path, file: str) -> Iterator[Law]:
    text = read_text(root, file, [])
    document = parse(file, text, []) if text is not None else None
    if document:
        yield from (law for _, law in decode_each(Law, document, []))


def laws_of_script(script: str) -> Mapping[str, KnownLaw]:
    """Return the laws of the files that a script's header names, for a script that is run on its own.

    Raises ValueError if the script is not part of a project.
    """
    path = Path(script).resolve()
    root = next((directory.parent for directory in path.parents if directory.name == EXAMPLES), None)
    if root is None:
        raise ValueError(f"{path.name} is not part of a project: scripts with laws are examples/<folder>/<name>.py")
    header = read_header(path.name, path.read_text("utf-8"), [])
    return known_laws(root, header.options.data if header else ())
