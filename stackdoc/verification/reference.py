"""The record that a user names: by its id, by a link to its page or a figure of it, or by its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.files import is_file
from stackdoc.model.record import Record
from stackdoc.records import store
from stackdoc.records.identity import named
from stackdoc.verification.citations import citations


def referenced_record(reference: str, records: Mapping[str, Record]) -> Record:
    """Return the record; one that is named by its file need not be stored here. Raises StackdocError."""
    if is_file(reference):
        return _from_file(Path(reference))
    cited = citations(reference)
    id = cited[0].id if cited else reference
    if record := named(id, records):
        return record
    hint = "save the `.json` beside its page and name that file" if cited else did_you_mean(id, records)
    raise StackdocError([Problem("record", 0, repr(reference[:200]), "is not a record of this project", hint)])


def _from_file(path: Path) -> Record:
    """Return the record in a file of any name, checked like a stored one. Raises StackdocError."""
    try:
        if path.stat().st_size > store.MAXIMUM_BYTES:
            raise StackdocError([Problem(str(path), 0, "", f"is larger than {store.MAXIMUM_BYTES >> 20} MiB")])
        content = path.read_bytes()
    except OSError as error:
        raise StackdocError([Problem(str(path), 0, "", f"can't be read: {error.strerror or error}")]) from None
    try:
        id = str(json.loads(content)["id"])
    except (ValueError, RecursionError, KeyError, TypeError):
        id = path.stem
    return store.parse(content, str(path), id)
