"""Records pasted into a document or saved beside it: their content must hash to their id."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from stackdoc.model.record import Record
from stackdoc.records.store import record_id, without_duplicates

MARK = re.compile(r'"schema"\s*:\s*"stackdoc\.record/')
ATTEMPTS = 200  # at finding where a pasted record begins
SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Copy:
    """`start` and `end` are offsets in the document; `fields` is empty where the JSON is not whole."""

    start: int
    end: int
    fields: dict[str, Any]


def copies(text: str) -> tuple[Copy, ...]:
    """The records that stand in the text as JSON, however they are indented."""
    found: list[Copy] = []
    position, attempts = 0, 0
    while (mark := MARK.search(text, position)) and attempts < ATTEMPTS:
        copy = None
        for brace in re.finditer(r"\{", text[position : mark.start()]):
            attempts += 1
            copy = _at(text, position + brace.start(), mark.start())
            if copy or attempts >= ATTEMPTS:
                break
        found.append(copy or Copy(mark.start(), mark.end(), {}))
        position = found[-1].end
    return tuple(found)


def _at(text: str, start: int, mark: int) -> Copy | None:
    try:
        fields, end = json.JSONDecoder(object_pairs_hook=without_duplicates).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return Copy(start, end, fields) if end > mark and isinstance(fields, dict) else None


def fault(copy: Copy) -> str:
    """What is wrong with the copy in itself, or nothing."""
    if not copy.fields:
        return "is no whole JSON document"
    try:
        hashed = record_id(copy.fields)
    except (ValueError, RecursionError):
        return "has no canonical form"
    return "" if copy.fields.get("id") == hashed else f"its content hashes to {hashed}"


def differences(copy: Copy, record: Record) -> tuple[str, ...]:
    """Where the copy says something else than the record, the first few places."""
    stored = json.loads(json.dumps(record.fields()))
    found = [f"{place}: {now}, recorded: {then}" for place, now, then in _differing(copy.fields, stored, "")]
    more = f"and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return tuple(filter(None, [*found[:SHOWN], more]))


def _differing(one: Any, other: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differing(one.get(key), other.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _differing(*pair, f"{place}[{index}]")
    elif one != other:
        yield place, json.dumps(one)[:40], json.dumps(other)[:40]
