"""Stores records, each in a file named after its own hash."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.git import git
from stackdoc.model.machine import Machine
from stackdoc.model.record import (
    FIRST_ID_DIGITS,
    FIRST_SCHEMA,
    SCHEMA,
    SCHEMAS,
    SINCE_SECOND,
    SINCE_THIRD,
    Launch,
    Record,
)
from stackdoc.model.stored import optional_fields
from stackdoc.project import LEDGER, Layout
from stackdoc.records.canonical import SAFE, dumps
from stackdoc.records.identity import digest_of, digest_of_file, id_of, is_intact
from stackdoc.records.read import decode_record, load_validated
from stackdoc.records.sanity import dated_in_future, misnamed, unnamed
from stackdoc.records.stored import StoredRecord
from stackdoc.records.summaries import KnownFile, Summaries
from stackdoc.records.transaction import unfinished

MAXIMUM_BYTES = 32 << 20
DIRECTORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def file_content(record: Record) -> bytes:
    """Return the bytes of the record's file: canonical JSON with the id, and a newline."""
    return dumps(record.fields()) + b"\n"


def record_path(layout: Layout, record: Record) -> Path:
    """Return `docs/records/<machine>/<layer>/<name>/<id>.json`, relative to the root."""
    return layout.records / record.machine.id / record.example / f"{record.id}.json"


def write(layout: Layout, record: Record) -> Path:
    """Store a record, completely or not at all, and return its path relative to the root.

    Raises StackdocError if its id is not its hash, if its path would be unsafe, or if other content is stored there.
    """
    path = record_path(layout, record)
    if not is_intact(record):
        _refuse(path, "id", "is not the hash of the record")
    check_path(layout, record)
    content = file_content(record)
    if not (layout / path).exists():
        with _writing(path):
            write_atomically(layout / path, content)
    elif (layout / path).read_bytes() != content:
        _refuse(path, "", "already exists with other content", "it was edited or damaged; remove it")
    return path


def check_path(layout: Layout, record: Record) -> None:
    """Raise StackdocError if a part of the record's path is not safe as the name of a directory."""
    for part in (record.machine.id, *record.example.split("/")):
        if not DIRECTORY_NAME.fullmatch(part):
            _refuse(record_path(layout, record), "", f"{part!r} is not a valid directory name")


def ensure_writable(layout: Layout) -> None:
    """Check that records and ledger can be written, before time is spent on measuring. Raises StackdocError."""
    for directory in (layout.records, LEDGER.parent):
        with _writing(directory):
            (layout / directory).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=layout / directory):
                pass


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn an OSError into a StackdocError about `path`."""
    try:
        yield
    except OSError as error:
        _refuse(path, "", f"can't be written: {error.strerror or error}")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn an OSError into a StackdocError about `path`."""
    try:
        yield
    except OSError as error:
        _refuse(path, "", f"can't be read: {error.strerror or error}")


def read_all(
    layout: Layout,
    problems: list[Problem],
    known: Mapping[str, Record] | None = None,
    *,
    summarised: bool = False,
) -> dict[str, Record]:
    """Return every intact record by id, in the order of their paths. Report all others in `problems`.

    Of two records whose ids begin with the same 12 digits neither is returned: the meaning of a cited id must not
    change. `known` are records that were read before: records never change, so they are not read again.

    Each file is hashed, and all its samples are in memory. With `summarised`, as in a build, samples stay in the files,
    and a file whose size and times have not changed since it was validated in this checkout is not read.
    """
    records: dict[str, list[Record]] = defaultdict(list)
    read = _read_summarised if summarised else _read
    paths = list(_files(layout, problems))
    with Summaries(layout) as summaries:
        for path in paths:
            try:
                earlier = known.get(path.stem) if known else None
                is_known = earlier and record_path(layout, earlier) == path
                with _reading(path):
                    record = earlier if earlier and is_known else read(layout, path, summaries)
            except StackdocError as error:
                problems.extend(error.problems)
            else:
                records[record.id[:FIRST_ID_DIGITS]].append(record)
        summaries.keep_only(path.as_posix() for path in paths)
    problems += [_duplicate(layout, first, other) for first, *others in records.values() for other in others]
    return {record.id: record for record, *others in records.values() if not others}


def _duplicate(layout: Layout, first: Record, second: Record) -> Problem:
    """Return the problem of two stored records under one address; the history of the repository shows the later one."""
    paths = [record_path(layout, record).as_posix() for record in (first, second)]
    later = added_later(layout, *paths)
    hint = (
        f"{later} was added later; remove it" if later else "keep the one that was stored first, and remove the other"
    )
    return duplicate_id(layout, paths[1], "id", second.id, first, hint)


def duplicate_id(layout: Layout, file: str, where: str, id: str, stored: Record, hint: str = "") -> Problem:
    """Return the problem of another record in `file` whose `id` begins like that of a stored record."""
    path = record_path(layout, stored).as_posix()
    message = f"{id!r} is also the id of {path}, a record with other content"
    if id != stored.id:
        message = f"{id!r} begins with the same {FIRST_ID_DIGITS} digits as the id of {path}, another record"
    return Problem(file, 0, where, message, hint)


def added_later(layout: Layout, *paths: str) -> str:
    """Return which of the files was added last to the repository, one not yet committed if there is one.

    The result is empty if the history does not tell.
    """
    selection = ("--diff-filter=A", "--name-only", "--no-renames", "--relative", "--", *paths)
    log = git(layout.root, "log", "--format=%x00", *selection) or ""
    commits = [set(commit.split("\n")) & set(paths) for commit in log.split("\0")]
    committed = set[str]().union(*commits)
    new = (set(paths) - committed) or next((files for files in commits if files), set())
    return new.pop() if len(new) == 1 else ""


def future_problems(layout: Layout, records: Iterable[Record], now: datetime) -> dict[str, Problem]:
    """Return the problem of each record dated more than a day after `now`, by id."""
    hint = "the clock was wrong then or is wrong now; withdraw the record"
    return {
        record.id: Problem(record_path(layout, record).as_posix(), 0, where, message, hint)
        for record in records
        for where, message in dated_in_future(record, now)
    }


def misnamed_problems(layout: Layout, records: Iterable[Record], known: Iterable[Machine] = ()) -> list[Problem]:
    """Return the problem of each record whose machine has an id that is not its own, or that of another machine.

    `known` are machines whose ids count too, such as those of withdrawn records.
    """
    hint = "remove or withdraw the record that does not belong here"
    valid = tuple(records)
    return [
        Problem(record_path(layout, record).as_posix(), 0, where, message, hint)
        for record, (where, message) in (*misnamed(valid, {}), *unnamed(valid, known))
    ]


def _files(layout: Layout, problems: list[Problem]) -> Iterator[Path]:
    """Yield the records' files, relative to the root; links to other places and other files are problems.

    Those of an import that has not ended are left out.
    """
    base = (layout / layout.records).resolve()
    incomplete = unfinished(layout)
    entries = sorted(_entries(layout / layout.records), key=lambda found: Path(found.path).parts)
    incomplete |= unfinished(layout)  # of an import that began meanwhile
    for entry in entries:
        path = Path(entry.path)
        relative = path.relative_to(layout.root)
        target = _resolved(path) if entry.is_symlink() else base  # resolving each of ten thousand paths takes seconds
        if target is None:
            problems.append(Problem(relative.as_posix(), 0, "", "is a link that leads back to itself", "remove it"))
        elif not target.is_relative_to(base):
            problems.append(Problem(relative.as_posix(), 0, "", "is a link out of the records' directory"))
        elif entry.is_file() and path.suffix == ".json":
            if relative not in incomplete:
                yield relative
        elif entry.is_file() and not entry.name.startswith("."):
            problems.append(Problem(relative.as_posix(), 0, "", "is not a record", "records are named <id>.json"))


def _entries(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """Yield everything below the folder, without following links."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)


def _resolved(path: Path) -> Path | None:
    """Return the path with all links followed, None if they are a loop."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
    return path.resolve()


def _read_summarised(layout: Layout, path: Path, summaries: Summaries) -> Record:
    """Return a record without its samples, from the summaries unless the file has changed."""
    name, status = path.as_posix(), (layout / path).stat()
    entry = summaries.entries.get(name)
    head = summaries.head(name) if entry and entry.is_current(status) else None
    if not entry or not head or head.sha256 != entry.sha256 or record_path(layout, head) != path:
        record = _validated(layout, path, entry)
        if not summaries.usable:
            return record
        head = summaries.add(name, status, record)
    return StoredRecord(head, summaries.file, partial(_complete, layout, path, head.sha256))


def _complete(layout: Layout, path: Path, digest: str) -> Record:
    """Return the record in a file that was validated before. Raises StackdocError if it has changed since."""
    with _reading(path):
        content = (layout / path).read_bytes()
    if digest_of_file(content) == digest:
        with suppress(ValueError):
            return load_validated(content, digest)
    record = parse(content, path.as_posix(), path.stem)
    if record.sha256 != digest:
        _refuse(path, "", "was replaced while it was in use", "try again")
    return record


def _read(layout: Layout, path: Path, summaries: Summaries) -> Record:
    """Return a record after checking its schema, hash, name and path."""
    name, status = path.as_posix(), (layout / path).stat()
    entry = summaries.entries.get(name)
    record = _validated(layout, path, entry)
    if entry is None or entry.sha256 != record.sha256:
        summaries.add(name, status, record)
    return record


def _validated(layout: Layout, path: Path, entry: KnownFile | None) -> Record:
    """Return the record in a file, whose fields are not examined again if the `entry` has its digest."""
    if (layout / path).stat().st_size > MAXIMUM_BYTES:
        _refuse(path, "", f"is larger than {MAXIMUM_BYTES >> 20} MiB")
    content = (layout / path).read_bytes()
    if entry and digest_of_file(content) == entry.sha256:
        with suppress(ValueError):  # the digest does not cover id and digest, which may be edited
            return load_validated(content, entry.sha256)
    record = parse(content, path.as_posix(), path.stem)
    check_path(layout, record)
    if record_path(layout, record) != path:
        _refuse(path, "", f"the record belongs at {record_path(layout, record).as_posix()}")
    return record


def parse(content: bytes, file: str, name: str) -> Record:
    """Return the record in a file after checking its schema, hash and `name`, the id. Raises StackdocError."""
    path = Path(file)
    fields = _load(content, path)
    schema = fields.get("schema")
    if schema not in SCHEMAS:
        _refuse(path, "schema", f"is {schema!r}; this version of stackdoc reads {' and '.join(map(repr, SCHEMAS))}")
    digest = _digest(fields, path)
    id = id_of(digest, is_first="sha256" not in fields)
    for where, hashed in (("id", id), ("sha256", digest)):
        if fields.get(where, digest) != hashed:
            message = f"is {fields.get(where)!r:.80}, but the content hashes to {hashed!r}"
            _refuse(path, where, message, "it was edited or damaged")
    if name != id:
        _refuse(path, "", f"the record's id is {id!r}", "the file was renamed")
    record = dataclasses.replace(decode_record(fields, file), sha256=digest)
    if any(_foreign(schema, point) for point in fields.get("points", ())):
        _refuse(path, "points", "have a field of another schema")
    if _foreign_controls(schema, fields):
        _refuse(path, "controls", "are of another schema")
    for where, known, kind in _with_optional_fields(fields):
        for name in optional_fields(kind):
            if name in known and (schema != SCHEMA or known[name] is None):
                _refuse(path, f"{where}{name}", "is null or of another schema", "leave it out")
    if not is_intact(record):
        where = next(_differences(fields, record.fields()), "")
        _refuse(path, where, "is left out or not as its schema has it", "it would be published under another hash")
    return record


def _differences(stored: object, written: object, where: str = "") -> Iterator[str]:
    """Yield the places at which a file differs from the one that would be written for its record."""
    if isinstance(stored, dict) and isinstance(written, dict):
        for name in sorted(stored.keys() | written.keys()):
            place = f"{where}.{name}".lstrip(".")
            if (name in stored) != (name in written):
                yield place
            yield from _differences(stored.get(name), written.get(name), place)
    elif isinstance(stored, list) and isinstance(written, list | tuple) and len(stored) == len(written):
        for index, (item, other) in enumerate(zip(stored, written, strict=True)):
            yield from _differences(item, other, f"{where}[{index}]")
    elif stored != written:
        yield where


def _with_optional_fields(fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield the parts of a record whose types may have fields that are left out if unknown, each with its place."""
    yield "", fields, Record
    yield "machine.", fields["machine"], Machine
    for place in ("points", "controls"):
        for item in fields.get(place, ()):
            yield from ((f"{place}.launches.", launch, Launch) for launch in item.get("launches", ()))


def _foreign(schema: str, point: dict[str, Any]) -> bool:
    """Whether a point has a field that its schema lacks, which would be lost when the record is published."""
    foreign: tuple[str, ...] = () if schema == FIRST_SCHEMA else ("memory_bytes",)
    foreign += () if schema == SCHEMA else SINCE_THIRD
    if any(name in launch for launch in point.get("launches", ()) for name in foreign):
        return True
    if schema == FIRST_SCHEMA:
        return any(name in point for name in SINCE_SECOND)
    return schema != SCHEMA and "idle_watts" in (point.get("energy") or {})


def _foreign_controls(schema: str, fields: dict[str, Any]) -> bool:
    """Whether the record lacks the controls of its schema, or has controls that its schema lacks."""
    if schema != SCHEMA:
        return "controls" in fields
    launches = (launch for control in fields.get("controls", ()) for launch in control.get("launches", ()))
    return "controls" not in fields or any("memory_bytes" in launch for launch in launches)


def _load(content: bytes, path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_integer_or_float,
        )
    except (ValueError, RecursionError) as error:
        _refuse(path, "", f"is not a complete JSON document ({_first_line(error)})")
    if not isinstance(fields, dict):
        _refuse(path, "", "is not a JSON object")
    return fields


def _digest(fields: dict[str, Any], path: Path) -> str:
    try:
        return digest_of(fields)
    except (ValueError, RecursionError) as error:
        _refuse(path, "", f"has no canonical form ({_first_line(error)})")


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object as a dictionary. Raises ValueError for a duplicate key."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("duplicate key")
    return fields


def _integer_or_float(text: str) -> int | float:
    """Return integers beyond SAFE as floats, since canonical JSON writes the float 1e20 as an integer."""
    return int(text) if len(text) < len(str(SAFE)) or abs(int(text[:100])) <= SAFE else float(text)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def _refuse(path: Path, where: str, message: str, hint: str = "") -> NoReturn:
    raise StackdocError([Problem(path.as_posix(), 0, where, message, hint)])
