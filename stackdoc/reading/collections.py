"""Collections of data, such as claims: each is one file, or a directory of files, of a list each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.decode import NAMES, decode_each
from stackdoc.reading.document import Document
from stackdoc.reading.strict_yaml import MOST_VALUES, parse
from stackdoc.reading.text import MAXIMUM_BYTES, read_text

T = TypeVar("T")


@dataclass(frozen=True)
class FileLimits:
    """How many bytes and values a file may have."""

    bytes: int
    values: int


WRITTEN = FileLimits(MAXIMUM_BYTES, MOST_VALUES)  # of what people write
LISTED = FileLimits(512 << 20, 100 * MOST_VALUES)  # of what grows by a line for each record


@dataclass(frozen=True)
class Listed(Generic[T]):
    """The valid entries, each with its place in its file; `ids` includes those of invalid entries."""

    entries: tuple[tuple[Document, T], ...]
    ids: frozenset[str]

    @property
    def values(self) -> tuple[T, ...]:
        return tuple(value for _, value in self.entries)


def read_list(
    layout: Layout, name: str, kind: type[T], problems: list[Problem], limits: FileLimits = WRITTEN
) -> Listed[T]:
    """Return the entries of `data/NAME.yml` and of the files in `data/NAME/`, in the order of the files' names.

    A collection without files is empty. An id, label or term must be unique over all files.
    """
    files = layout.collection_files(name)
    texts = {file: read_text(layout.root, file, problems, most_bytes=limits.bytes) for file in files}
    parsed = (parse(file, text, problems, limits.values) for file, text in texts.items() if text is not None)
    documents = [document for document in parsed if document]
    entries = tuple(entry for document in documents for entry in decode_each(kind, document, problems))
    problems.extend(_duplicates_across_files(documents))
    return Listed(entries, frozenset(str(data["id"]) for _, data in _mappings(documents) if "id" in data))


def _mappings(documents: list[Document]) -> list[tuple[Document, dict[str, object]]]:
    items = (item for document in documents for _, item in document.items())
    return [(item, dict(item.data)) for item in items if isinstance(item.data, dict)]


def _duplicates_across_files(documents: list[Document]) -> list[Problem]:
    """Return the names that an earlier file has too; `decode_each` reports duplicates within one file."""
    first: dict[tuple[str, str], Document] = {}
    duplicates = []
    for item, data in _mappings(documents):
        for name in NAMES:
            if isinstance(value := data.get(name), str):
                other = first.setdefault((name, value), item)
                if other.file != item.file:
                    hint = f"first defined in {other.file}:{other.line((name,))}"
                    duplicates.append(item.problem((name,), f"duplicate {name} {value!r}", hint))
    return duplicates
