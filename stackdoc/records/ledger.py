"""The ledger: which records were measured in this checkout. It is never under version control."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import NoReturn

from filelock import FileLock

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.git import tracks
from stackdoc.model.record import Record
from stackdoc.project import LEDGER, Layout
from stackdoc.records.identity import ID, SHA256

log = logging.getLogger(__name__)
SCHEMA = "stackdoc.ledger/1"
REMADE = "so nothing counts as measured here; the next measurement makes a new one"


def measured_here(layout: Layout, records: Mapping[str, Record]) -> frozenset[str]:
    """Return the ids of those of the records that this checkout measured."""
    known = entries(layout)
    return frozenset(id for id, record in records.items() if record.sha256 in known or id in known)


def enter(layout: Layout, records: Iterable[Record]) -> None:
    """Add records to the ledger, safely even from two processes. Raises StackdocError if it can't be written.

    An entry is the record's digest; older ones are ids, which another record may have too.
    """
    path = layout / LEDGER
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            known = sorted(entries(layout) | {record.sha256 or record.id for record in records})
            write_atomically(path, json.dumps({"schema": SCHEMA, "records": known}, indent=1).encode() + b"\n")
    except OSError as error:
        _refuse(f"can't be written: {error.strerror or error}")


def entries(layout: Layout) -> frozenset[str]:
    """Return the entries. A ledger that is damaged, or that came with the repository, has none."""
    try:
        content = (layout / LEDGER).read_bytes()
    except OSError:
        return frozenset()
    if tracks(layout.root, LEDGER):
        log.warning("%s is under version control, %s; remove it from the repository", LEDGER, REMADE)
        return frozenset()
    try:
        fields = json.loads(content)
        listed = {SCHEMA: fields["records"]}[fields["schema"]]
        return frozenset(entry for entry in listed if ID.fullmatch(entry) or SHA256.fullmatch(entry))
    except (ValueError, RecursionError, KeyError, TypeError):
        log.warning("%s is damaged, %s", LEDGER, REMADE)
        return frozenset()


def _refuse(message: str) -> NoReturn:
    raise StackdocError([Problem(LEDGER.as_posix(), 0, "", message)])
