"""Checks copies of records in a document: their content must hash to their id."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from stackdoc.model.record import Record
from stackdoc.records.store import record_id, without_duplicates

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


def fault(copy: Copy) -> str:
    """Return what is wrong with the copy itself, or nothing."""
    if not copy.fields:
        return "is not a complete JSON document"
    try:
        hashed = record_id(copy.fields)
    except (ValueError, RecursionError):
        return "has no canonical form"
    return "" if copy.fields.get("id") == hashed else f"its content hashes to {hashed}"


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
