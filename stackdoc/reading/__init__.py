"""Files to types. Every fault is reported with file and line, all of them at once. No example imports this."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackdoc.errors import Problem, StackdocError
from stackdoc.reading.alternatives import read_alternatives, read_texts
from stackdoc.reading.configuration import read_configuration
from stackdoc.reading.decisions import read_decisions
from stackdoc.reading.decode import adapter, decode
from stackdoc.reading.document import Document
from stackdoc.reading.environments import read_creations, read_environments
from stackdoc.reading.examples import check_layers, read_example, read_examples
from stackdoc.reading.lists import (
    read_claims,
    read_contributions,
    read_facts,
    read_redirects,
    read_terms,
    read_withdrawals,
)
from stackdoc.reading.numbers import read_numbers
from stackdoc.reading.plausible import implausible, yet_to_come
from stackdoc.reading.stack import read_stack
from stackdoc.reading.systems import old_statuses, read_systems
from stackdoc.reading.taxonomies import read_taxonomies, read_taxonomy
from stackdoc.record import Record

__all__ = [
    "check_layers",
    "decode_record",
    "implausible",
    "old_statuses",
    "read_alternatives",
    "read_claims",
    "read_configuration",
    "read_contributions",
    "read_creations",
    "read_decisions",
    "read_environments",
    "read_example",
    "read_examples",
    "read_facts",
    "read_numbers",
    "read_record",
    "read_redirects",
    "read_stack",
    "read_systems",
    "read_taxonomies",
    "read_taxonomy",
    "read_terms",
    "read_texts",
    "read_withdrawals",
    "record_of",
    "yet_to_come",
]


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


def read_record(file: str, text: str) -> Record:
    """A record from JSON text; its hash is not looked at. Raises StackdocError."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StackdocError([Problem(file, 0, "", f"is no JSON: {error}")]) from error
    if not isinstance(fields, dict):
        raise StackdocError([Problem(file, 0, "", "is no JSON object")])
    return decode_record(fields, file)
