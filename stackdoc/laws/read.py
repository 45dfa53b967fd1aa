"""Laws read from `data/laws.yml` and the files of `data/laws/`, well-formed ones only."""

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
    """Every entry of the right form, with its place; whether it is true is for `check.py`."""
    return read_list(layout, "laws", Law, problems)


def known_laws(root: Path, files: Iterable[str]) -> dict[str, KnownLaw]:
    """The laws of those of the files that hold laws, as launches know them. What is wrong with a file is said by
    `stackdoc check`; here it only lacks."""
    named = [file for file in files if any(PurePosixPath(file).match(pattern) for pattern in FILES)]
    return {law.id: KnownLaw(law.expression, tuple(law.symbols)) for file in named for law in _laws(root, file)}


def _laws(root: Path, file: str) -> Iterator[Law]:
    text = read_text(root, file, [])
    document = parse(file, text, []) if text is not None else None
    if document:
        yield from (law for _, law in decode_each(Law, document, []))


def laws_of_script(script: str) -> Mapping[str, KnownLaw]:
    """The laws of the files that a script names in its header, for one that runs alone.

    Raises ValueError where the script lies in no project.
    """
    path = Path(script).resolve()
    root = next((place.parent for place in path.parents if place.name == EXAMPLES), None)
    if root is None:
        raise ValueError(f"{path.name} lies in no project: a script with laws is examples/<folder>/<name>.py")
    header = read_header(path.name, path.read_text("utf-8"), [])
    return known_laws(root, header.options.data if header else ())
