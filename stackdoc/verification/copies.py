"""Checks copies of records in a document: their content must hash to their id, and to the digest of the record."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from stackdoc.model.record import Record
from stackdoc.records.identity import digest_of, id_of
from stackdoc.records.store import without_duplicates

MARK = re.compile(r'"schema"\s*:\s*"stackdoc\.record/')
ATTEMPTS = 200  # to find where a pasted record begins
MOST_DIFFERENCES = 3  # shown


@dataclasses.dataclass(frozen=True)
class Copy:
    """A copy at the offsets `start` to `end` of the document; `fields` is empty if the JSON is incomplete."""

    start: int
    end: int
    fields: dict[str, Any]


def copies(text: str) -> tuple[Copy, ...]:
    """Return the records that the text contains as JSON, with any indentation."""
    result: list[Copy] = []
    position, attempts = 0, 0
    while (mark := MARK.search(text, position)) and attempts < ATTEMPTS:
        copy = None
        for brace in re.finditer(r"\{", text[position : mark.start()]):
            attempts += 1
            copy = _at(text, position + brace.start(), mark.start())
            if copy or attempts >= ATTEMPTS:
                break
        result.append(copy or Copy(mark.start(), mark.end(), {}))
        position = result[-1].end
    return tuple(result)


def _at(text: str, start: int, mark: int) -> Copy | None:
    try:
        fields, end = json.JSONDecoder(object_pairs_hook=without_duplicates).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return Copy(start, end, fields) if end > mark and isinstance(fields, dict) else None


def fault(copy: Copy, record: Record | None) -> str:
    """Return what is wrong with the copy itself, or with it as a copy of the record; nothing if it is genuine."""
    if not copy.fields:
        return "is not a complete JSON document"
    try:
        digest = digest_of(copy.fields)
    except (ValueError, RecursionError):
        return "has no canonical form"
    hashed = id_of(digest, is_first="sha256" not in copy.fields)
    is_intact = copy.fields.get("id") == hashed and copy.fields.get("sha256", digest) == digest
    if not is_intact:
        return f"its content hashes to {hashed}"
    return "" if record is None or record.sha256 in (digest, "") else f"the digest of the record is {record.sha256}"


def differences(copy: Copy, record: Record) -> tuple[str, ...]:
    """Return the first few differences of the copy from the record."""
    stored = json.loads(json.dumps(record.fields()))
    every = [f"{path}: {value}, recorded: {recorded}" for path, value, recorded in _compare(copy.fields, stored, "")]
    more = f"and {len(every) - MOST_DIFFERENCES} more" if len(every) > MOST_DIFFERENCES else ""
    return tuple(filter(None, [*every[:MOST_DIFFERENCES], more]))


def _compare(copied: Any, stored: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(copied, dict) and isinstance(stored, dict):
        for key in sorted(copied.keys() | stored.keys()):
            yield from _compare(copied.get(key), stored.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(copied, list) and isinstance(stored, list) and len(copied) == len(stored):
        for index, pair in enumerate(zip(copied, stored, strict=True)):
            yield from _compare(*pair, f"{path}[{index}]")
    elif copied != stored:
        yield path, json.dumps(copied)[:40], json.dumps(stored)[:40]
