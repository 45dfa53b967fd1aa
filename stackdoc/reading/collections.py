"""Files of one list each, from claims to contributions. A file that is not there is an empty one."""

from __future__ import annotations

from typing import TypeVar

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.decode import decode_each
from stackdoc.reading.document import Document
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text

T = TypeVar("T")


def read_list(
    layout: Layout, name: str, kind: type[T], problems: list[Problem]
) -> tuple[tuple[tuple[int, T], ...], Document]:
    """The well-formed entries with their indices, and the document, empty where the file is missing or is not YAML."""
    file = layout.collection(name)
    text = read_text(layout.root, file, problems) if (layout / file).exists() else None
    document = parse(file, text, problems) if text is not None else None
    return (decode_each(kind, document, problems), document) if document else ((), Document(file, None))


def names_in(document: Document) -> set[str]:
    """The ids in the file, of ill-formed entries too."""
    entries = document.data if isinstance(document.data, list) else []
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}
