"""The list of the records that the project vouches for: `docs/data/vouched.txt`, one SHA-256 a line.

It lists digests, since a machine is one of a class and an id is short: neither proves who measured. Without a list the
project vouches for all records that are not marked as contributed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.files import write_atomically
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.reading.text import read_text
from stackdoc.records.identity import SHA256
from stackdoc.records.lists import read_contributions
from stackdoc.records.signatures.signature import PROJECT, sign
from stackdoc.records.store import record_path

UNKNOWN = "an unknown person"  # by whom a record on neither list was contributed
HEADER = "# SHA-256 of the records that the project vouches for; `stackdoc records --vouch` adds to it.\n"
MAXIMUM_BYTES = 32 << 20  # half a million records


def contributions(
    layout: Layout, problems: list[Problem], records: Mapping[str, Record], here: Collection[str]
) -> dict[str, Contribution]:
    """Return the contributions by the id of their record, with an entry for each record on neither list.

    `here` are the ids of the records measured in this checkout, which need not be listed.
    """
    contributed = read_contributions(layout, problems)
    vouched = read_vouched(layout, problems)
    if vouched is None:
        return contributed
    for id in contributed.keys() & records.keys():
        if records[id].sha256 in vouched:
            message = f"vouches for record {id}, which is listed as contributed"
            problems.append(Problem(layout.vouched, 0, "", message, "remove it from one of the two lists"))
    unknown = (record.id for record in _unlisted(records.values(), vouched, contributed) if record.id not in here)
    return contributed | {id: Contribution(id, UNKNOWN) for id in unknown}


def read_vouched(layout: Layout, problems: list[Problem]) -> frozenset[str] | None:
    """Return the digests on the list, None if the project has no list."""
    if not (layout / layout.vouched).exists():
        return None
    text = read_text(layout.root, layout.vouched, problems, most_bytes=MAXIMUM_BYTES) or ""
    lines = {number: line for number, line in enumerate(text.splitlines(), 1) if line and not line.startswith("#")}
    for number, line in lines.items():
        if not SHA256.fullmatch(line):
            hint = "write 64 lower-case hexadecimal digits"
            problems.append(Problem(layout.vouched, number, "", f"{line[:80]!r} is not a SHA-256", hint))
    return frozenset(lines.values())


def unvouched(layout: Layout, records: Iterable[Record]) -> tuple[Record, ...]:
    """Return those of the records that are not on the list."""
    vouched = read_vouched(layout, []) or frozenset()
    return tuple(record for record in records if record.sha256 not in vouched)


def vouch(layout: Layout, records: Iterable[Record], key: Path | None = None) -> None:
    """Add records to the list, which is made if there is none, and sign it if a key is given.

    Raises StackdocError if the key can't sign, and OSError.
    """
    vouched = read_vouched(layout, []) or frozenset()
    lines = "".join(f"{digest}\n" for digest in sorted(vouched | {record.sha256 for record in records}))
    content = f"{HEADER}{lines}".encode()
    signature = sign(content, key, PROJECT) if key else None
    write_atomically(layout / layout.vouched, content)
    if signature:
        write_atomically(layout / layout.vouched_signature, signature)


def unlisted_problems(layout: Layout, records: Mapping[str, Record]) -> dict[str, Problem]:
    """Return the problem of each record on neither list, by id; none if the project has no list."""
    vouched = read_vouched(layout, [])
    if vouched is None:
        return {}
    message = f"is neither in {layout.vouched} nor in {layout.collection('contributed')}"
    hint = "run `stackdoc records --vouch` if it is the project's own, else list who contributed it"
    return {
        record.id: Problem(record_path(layout, record).as_posix(), 0, "", message, hint)
        for record in _unlisted(records.values(), vouched, read_contributions(layout, []))
    }


def _unlisted(records: Iterable[Record], vouched: Collection[str], contributed: Collection[str]) -> Iterator[Record]:
    return (record for record in records if record.sha256 not in vouched and record.id not in contributed)
