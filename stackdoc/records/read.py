"""Decodes records from JSON and checks every field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.reading.decode import adapter, decode
from stackdoc.reading.document import Document
from stackdoc.records.identity import id_of
from stackdoc.records.sanity import impossible_values


def decode_record(fields: Mapping[str, Any], file: str) -> Record:
    """Return the record. Raises StackdocError for fields that are unknown, of a wrong type or impossible."""
    problems: list[Problem] = []
    record = decode(Record, Document(file, dict(fields)), problems, written=False)
    if record is not None:
        problems += [Problem(file, 0, where, message) for where, message in impossible_values(record)]
    if record is None or problems:
        raise StackdocError(problems)
    return record


def load_validated(content: bytes, digest: str) -> Record:
    """Return the record in a file that passed all checks earlier. Raises ValueError for another id, digest or type."""
    record: Record = adapter(Record).validate_json(content, strict=True)
    if record.sha256 not in (digest, "") or record.id != id_of(digest, is_first=not record.sha256):
        raise ValueError("has another id or digest")
    return replace(record, sha256=digest)
