"""The identity of a record: the SHA-256 of its content. The first digits are its id, which is its address."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from stackdoc.model.record import FIRST_ID_DIGITS, Record
from stackdoc.records.canonical import dumps

ID_DIGITS = 16  # short enough to forge a second record with the same id, so both are refused
ID = re.compile(r"[0-9a-f]{12}([0-9a-f]{4})?")
SHA256 = re.compile(r"[0-9a-f]{64}")
MEMBERS = ("id", "sha256")  # all that the digest does not cover


def digest_of(fields: Mapping[str, Any]) -> str:
    """Return the SHA-256 that identifies the record. Raises ValueError if the fields have no canonical form."""
    return hashlib.sha256(dumps({key: fields[key] for key in fields if key not in MEMBERS})).hexdigest()


def id_of(digest: str, is_first: bool) -> str:
    """Return the id that belongs to the digest; `is_first` is a record whose file lacks the digest."""
    return digest[: FIRST_ID_DIGITS if is_first else ID_DIGITS]


def with_id(record: Record) -> Record:
    """Return the record with the digest and id of its content. Raises ValueError for NaN and infinity."""
    digest = digest_of(record.fields())
    return dataclasses.replace(record, id=digest[:ID_DIGITS], sha256=digest)


def is_intact(record: Record) -> bool:
    """Whether id and digest are those of the record's content. Raises ValueError for NaN and infinity."""
    fields = record.fields()
    digest = digest_of(fields)
    return record.id == id_of(digest, "sha256" not in fields) and record.sha256 in (digest, "")


def digest_of_file(content: bytes) -> str:
    """Return the digest of a record from the bytes of its file, without decoding them.

    It is that of the record only if the bytes are canonical; other bytes have another digest.
    """
    for name in MEMBERS:
        before, found, after = content.partition(f',"{name}":"'.encode())
        content = before + after.partition(b'"')[2] if found else content
    return hashlib.sha256(content.removesuffix(b"\n")).hexdigest()


def named(id: str, records: Mapping[str, Record]) -> Record | None:
    """Return the record that an id or more digits of its SHA-256 name; None if there is none.

    An id with digits appended that are not those of the record names nothing.
    """
    id = id.lower()
    if id in records:
        return records[id]
    record = next((records[id[:digits]] for digits in _lengths(id) if id[:digits] in records), None)
    return record if record and SHA256.match(record.sha256) and record.sha256.startswith(id) else None


def _lengths(id: str) -> Iterable[int]:
    return (digits for digits in (ID_DIGITS, FIRST_ID_DIGITS) if len(id) > digits)
