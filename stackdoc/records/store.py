"""Records on disk, each under its own hash, and the ledger of those that this checkout measured."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from filelock import FileLock

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.model.record import FIRST_SCHEMA, SCHEMA, SCHEMAS, SINCE_SECOND, SINCE_THIRD, Record
from stackdoc.project import LEDGER, VALIDATED, Layout
from stackdoc.records.canonical import SAFE, dumps
from stackdoc.records.read import decode_record, record_of
from stackdoc.records.sanity import yet_to_come
from stackdoc.records.validated import Checked

LEDGER_SCHEMA = "stackdoc.ledger/1"
MAXIMUM_BYTES = 32 << 20
ID_DIGITS = 12  # few enough that two records of one id can be made on purpose, so both are refused
ID = re.compile(r"[0-9a-f]{12}")
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def canonical(record: Record) -> bytes:
    """The record without its id as canonical JSON (RFC 8785). Raises ValueError for NaN and infinity."""
    fields = record.fields()
    del fields["id"]
    return dumps(fields)


def content_of(record: Record) -> bytes:
    """The file of the record: canonical JSON with the id, and a newline."""
    return dumps(record.fields()) + b"\n"


def identified(record: Record) -> Record:
    """The record under its own hash: the first 12 hex digits of the SHA-256 over its canonical JSON."""
    return dataclasses.replace(record, id=hashlib.sha256(canonical(record)).hexdigest()[:ID_DIGITS])


def hash_of(fields: dict[str, Any]) -> str:
    """The id that the fields of a record call for, whatever its own says. Raises ValueError without canonical form."""
    return hashlib.sha256(dumps({key: fields[key] for key in fields if key != "id"})).hexdigest()[:ID_DIGITS]


def path_of(layout: Layout, record: Record) -> Path:
    """`docs/records/<machine>/<layer>/<name>/<id>.json`, relative to the root."""
    return layout.records / record.machine.id / record.example / f"{record.id}.json"


def write(layout: Layout, record: Record) -> Path:
    """Stores a record for good: complete or not at all, and never over another. Returns its path below root.

    Raises StackdocError when its id is not its hash, or when a part of its path is no slug.
    """
    path = path_of(layout, record)
    if identified(record).id != record.id:
        _refuse(path, "id", "is not the hash of the record")
    check_place(layout, record)
    content = content_of(record)
    if not (layout / path).exists():
        with _writing(path):
            write_atomically(layout / path, content)
    elif (layout / path).read_bytes() != content:
        _refuse(path, "", "stands there with another content", "it was edited or damaged; remove it")
    return path


def check_place(layout: Layout, record: Record) -> None:
    """Raises StackdocError when a part of the record's path is no slug."""
    for part in (record.machine.id, *record.example.split("/")):
        if not SLUG.fullmatch(part):
            _refuse(path_of(layout, record), "", f"{part!r} is no name for a directory")


def make_ready(layout: Layout) -> None:
    """Makes sure that records and ledger can be written, before any time is spent. Raises StackdocError."""
    for directory in (layout.records, LEDGER.parent):
        with _writing(directory):
            (layout / directory).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=layout / directory):
                pass


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Says of which file it was that the operating system refused to write it."""
    try:
        yield
    except OSError as error:
        _refuse(path, "", f"can't be written: {error.strerror or error}")


def read_all(layout: Layout, problems: list[Problem], known: Mapping[str, Record] | None = None) -> dict[str, Record]:
    """Every intact record by id, in the order of their paths; the others are named in `problems`, never changed.

    Of two records with one id neither is given: an id that is cited must not change what it means. `known` are those
    that were read a moment ago: a record never changes, so they are not read again.
    """
    found: dict[str, list[Record]] = defaultdict(list)
    checked = Checked.read(layout)
    for path in _files(layout, problems):
        try:
            before = known.get(path.stem) if known else None
            record = before if before and path_of(layout, before) == path else _read(layout, path, checked)
        except StackdocError as error:
            problems.extend(error.problems)
        else:
            found[record.id].append(record)
    problems += [
        twin(layout, path_of(layout, other).as_posix(), "id", one)
        for one, *others in found.values()
        for other in others
    ]
    if checked.changed and not known:
        with suppress(OSError):  # of a checkout that can only be read
            write_atomically(layout / VALIDATED, checked.written())
    return {id: one for id, (one, *others) in found.items() if not others}


def twin(layout: Layout, file: str, where: str, stored: Record) -> Problem:
    """The fault of a record in `file` that has the id of a stored one and another content."""
    message = f"{stored.id!r} is also the id of {path_of(layout, stored).as_posix()}, a record with other content"
    return Problem(file, 0, where, message, "keep the one that was stored first, and remove the other")


def of_the_future(layout: Layout, records: Iterable[Record], now: datetime) -> dict[str, Problem]:
    """By id the problem of each record that is dated more than a day after `now`."""
    hint = "the clock was wrong then, or is now; withdraw the record"
    return {
        record.id: Problem(path_of(layout, record).as_posix(), 0, where, message, hint)
        for record in records
        for where, message in yet_to_come(record, now)
    }


def _files(layout: Layout, problems: list[Problem]) -> Iterator[Path]:
    """The files below the records' directory, relative to the root, without what leads outside."""
    base = (layout / layout.records).resolve()
    for path in sorted((layout / layout.records).rglob("*")):
        relative = path.relative_to(layout.root)
        if not path.resolve().is_relative_to(base):
            problems.append(Problem(relative.as_posix(), 0, "", "leads outside of the records' directory"))
        elif path.is_file() and path.suffix == ".json":
            yield relative
        elif path.is_file() and not path.name.startswith("."):
            problems.append(Problem(relative.as_posix(), 0, "", "is no record", "records are named <id>.json"))


def _read(layout: Layout, path: Path, checked: Checked) -> Record:
    """One record, checked against its schema, its hash, its name and its place."""
    if (layout / path).stat().st_size > MAXIMUM_BYTES:
        _refuse(path, "", f"is larger than {MAXIMUM_BYTES >> 20} MiB")
    content = (layout / path).read_bytes()
    if checked.holds(path, content):
        return record_of(content)
    record = parse(content, path.as_posix(), path.stem)
    check_place(layout, record)
    if path_of(layout, record) != path:
        _refuse(path, "", f"the record belongs at {path_of(layout, record).as_posix()}")
    checked.add(path, content)
    return record


def parse(content: bytes, file: str, name: str) -> Record:
    """The record in a file, checked against its schema, its hash and its `name`, the id. Raises StackdocError."""
    path = Path(file)
    fields = _load(content, path)
    schema = fields.get("schema")
    if schema not in SCHEMAS:
        _refuse(path, "schema", f"is {schema!r}; this version of stackdoc reads {' and '.join(map(repr, SCHEMAS))}")
    hashed = _hash(fields, path)
    if fields.get("id") != hashed:
        found = fields.get("id")
        _refuse(path, "id", f"is {found!r}, but the content hashes to {hashed!r}", "it was edited or damaged")
    if name != hashed:
        _refuse(path, "", f"the record's id is {hashed!r}", "the file was renamed")
    record = decode_record(fields, file)
    if any(_foreign(schema, point) for point in fields["points"]):
        _refuse(path, "points", "hold a field of another schema")
    if _foreign_controls(schema, fields):
        _refuse(path, "controls", "are of another schema")
    return record


def _foreign(schema: str, point: dict[str, Any]) -> bool:
    """Whether a point has a field that its schema has not: it would be lost when the record is published."""
    foreign: tuple[str, ...] = () if schema == FIRST_SCHEMA else ("memory_bytes",)
    foreign += () if schema == SCHEMA else SINCE_THIRD
    if any(name in launch for launch in point["launches"] for name in foreign):
        return True
    if schema == FIRST_SCHEMA:
        return any(name in point for name in SINCE_SECOND)
    return schema != SCHEMA and "idle_watts" in (point["energy"] or {})


def _foreign_controls(schema: str, fields: dict[str, Any]) -> bool:
    """Whether the record lacks the controls of its schema, or has some that its schema has not."""
    if schema != SCHEMA:
        return "controls" in fields
    launches = (launch for control in fields.get("controls", ()) for launch in control["launches"])
    return "controls" not in fields or any("memory_bytes" in launch for launch in launches)


def _load(content: bytes, path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_whole_number,
        )
    except (ValueError, RecursionError) as error:
        _refuse(path, "", f"is no whole JSON document ({_first_line(error)})")
    if not isinstance(fields, dict):
        _refuse(path, "", "is no JSON object")
    return fields


def _hash(fields: dict[str, Any], path: Path) -> str:
    try:
        return hash_of(fields)
    except (ValueError, RecursionError) as error:
        _refuse(path, "", f"has no canonical form ({_first_line(error)})")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _whole_number(text: str) -> int | float:
    """Canonical JSON writes the float 1e20 as a whole number; one that no integer of a record can have is a float."""
    return int(text) if len(text) < len(str(SAFE)) or abs(int(text[:100])) <= SAFE else float(text)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def _refuse(path: Path, where: str, message: str, hint: str = "") -> NoReturn:
    raise StackdocError([Problem(path.as_posix(), 0, where, message, hint)])


def read_ledger(layout: Layout) -> frozenset[str]:
    """Ids of the records measured in this checkout. A missing or broken ledger: none."""
    try:
        fields = json.loads((layout / LEDGER).read_text(encoding="utf-8"))
        ids = fields["records"] if fields["schema"] == LEDGER_SCHEMA else ()
        return frozenset(id for id in ids if ID.fullmatch(id))
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return frozenset()


def enter_in_ledger(layout: Layout, ids: Iterable[str]) -> None:
    """Adds ids to the ledger; two processes may do so at once. Raises StackdocError when it can't be written."""
    with _writing(LEDGER):
        (layout / LEDGER).parent.mkdir(parents=True, exist_ok=True)
        with FileLock(layout / LEDGER.with_suffix(".lock")):
            known = sorted(read_ledger(layout) | set(ids))
            content = json.dumps({"schema": LEDGER_SCHEMA, "records": known}, indent=1)
            write_atomically(layout / LEDGER, content.encode() + b"\n")
