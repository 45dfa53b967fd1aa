"""Records from their JSON: every field of its type, none unknown, none impossible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.reading.decode import adapter, decode
from stackdoc.reading.document import Document
from stackdoc.records.sanity import implausible


def decode_record(fields: Mapping[str, Any], file: str) -> Record:
    """A record from its JSON object: every field of its type, none unknown, none impossible. Raises StackdocError."""
    problems: list[Problem] = []
    record = decode(Record, Document(file, dict(fields)), problems, written=False)
    if record is not None:
        problems += [Problem(file, 0, where, message) for where, message in implausible(record)]
    if record is None or problems:
        raise StackdocError(problems)
    return record


def record_of(content: bytes) -> Record:
    """The record in a file that has passed all checks before. Raises ValueError for another."""
    record: Record = adapter(Record).validate_json(content, strict=True)
    return record
