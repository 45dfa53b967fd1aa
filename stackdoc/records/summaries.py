"""Summaries of validated records in a database of this checkout, so that unchanged files need not be read again.

A summary is everything of a record but the blocks of its launches. It belongs to the SHA-256 of the record and to the
code that made it, and is made again from the record's file if it is missing or damaged.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from stackdoc.git import is_ignored
from stackdoc.model.record import Launch, Record
from stackdoc.project import SUMMARIES, Layout, make_state_folder
from stackdoc.reading.decode import adapter
from stackdoc.statistics.condensed import CondensedControl, CondensedLaunch, CondensedPoint, Content, Timing
from stackdoc.statistics.extent import bounds
from stackdoc.statistics.samples import sample

WAIT_SECONDS = 10.0  # for another process that writes
RECENT_NS = 2_000_000_000  # a file that changed so shortly before it was read may change again within the same tick
BATCH = 100  # summaries in one transaction
DAMAGED = (sqlite3.DatabaseError, zlib.error, ValueError, TypeError)
BLOCKS = ("wall_ns", "cpu_ns", "switches", "device_ns")
NUMBERS = "size INTEGER, modified_ns INTEGER, changed_ns INTEGER, read_ns INTEGER"
TABLES = (
    *(f"DROP TABLE IF EXISTS {table}" for table in ("made", "files", "contents")),
    "CREATE TABLE made (by TEXT)",
    f"CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT, {NUMBERS}, head BLOB)",
    "CREATE TABLE contents (sha256 TEXT PRIMARY KEY, content BLOB, controls BLOB)",
)
ENTRIES = "SELECT path, sha256, size, modified_ns, changed_ns, read_ns FROM files"
CONTROLS = tuple[CondensedControl, ...]
QUERIES = {
    "content": "SELECT content FROM contents, made WHERE sha256 = ? AND by = ?",
    "controls": "SELECT controls FROM contents, made WHERE sha256 = ? AND by = ?",
}


@dataclass(frozen=True)
class KnownFile:
    """What is known of a record's file: the record's digest, and the file's size and times when it was read."""

    sha256: str
    size: int
    modified_ns: int
    changed_ns: int
    read_ns: int

    @classmethod
    def of(cls, sha256: str, status: os.stat_result) -> KnownFile:
        """Return the entry of a file whose `status` was taken just before it was read."""
        return cls(sha256, status.st_size, status.st_mtime_ns, status.st_ctime_ns, time.time_ns())

    def is_current(self, status: os.stat_result) -> bool:
        """Whether the file has not changed since it was read, by its size and times."""
        then = self.size, self.modified_ns, self.changed_ns
        now = status.st_size, status.st_mtime_ns, status.st_ctime_ns
        return then == now and self.changed_ns < self.read_ns - RECENT_NS


@dataclass(frozen=True)
class SummaryFile:
    """The database as the records of a site use it: opened for each access, so that it survives forks and threads."""

    path: Path

    def content(self, sha256: str) -> Content | None:
        """Return the points, ratios and outputs of a record; None if the database lacks them."""
        content: Content | None = self._decoded(Content, "content", sha256)
        return content

    def controls(self, sha256: str) -> tuple[CondensedControl, ...] | None:
        """Return the controls of a record; None if the database lacks them."""
        controls: tuple[CondensedControl, ...] | None = self._decoded(CONTROLS, "controls", sha256)
        return controls

    def _decoded(self, kind: Any, column: str, sha256: str) -> Any:
        address = f"file:{quote(str(self.path.absolute()))}?mode=ro"
        try:
            with closing(sqlite3.connect(address, timeout=WAIT_SECONDS, uri=True)) as connection:
                row = connection.execute(QUERIES[column], (sha256, code_digest())).fetchone()
            return unpacked(kind, row[0]) if row else None
        except sqlite3.OperationalError:  # it is missing, locked or of another form
            return None
        except DAMAGED:
            self.remove()
            return None

    def remove(self) -> None:
        """Remove a damaged database; the next reading of the records rebuilds it."""
        with suppress(OSError):
            self.path.unlink()


class Summaries:
    """The database while the records of a checkout are read.

    It has no entries if it is missing, damaged or made by other code; what can't be written is not kept. It is not
    `usable` if it is part of the repository, or locked. Two processes may write at once.
    """

    def __init__(self, layout: Layout) -> None:
        self.file = SummaryFile(layout / SUMMARIES)
        self.entries: dict[str, KnownFile] = {}
        self._root = layout.root
        self._rows: list[tuple[Any, ...]] = []
        self._connection = self._opened() if self.file.path.exists() else None
        self.usable = self._connection is not None or not self.file.path.exists()

    def __enter__(self) -> Summaries:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        if self._connection:
            self._connection.close()
            self._connection = None

    def head(self, path: str) -> Record | None:
        """Return the record in a file without its points, ratios, outputs and controls; None if that is not known."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT head FROM files WHERE path = ?", (path,)).fetchone()
            return unpacked(Record, row[0]) if row else None
        except sqlite3.OperationalError:
            return None
        except DAMAGED:
            self.file.remove()
            return None

    def add(self, path: str, status: os.stat_result, record: Record) -> Record:
        """Add a record that passed validation, and return its head. `status` was taken just before it was read."""
        head = replace(record, points=(), ratios=(), outputs=(), controls=())
        if self.usable:
            entry = KnownFile.of(record.sha256, status)
            values = [getattr(entry, field.name) for field in fields(entry)]
            controls = packed(CONTROLS, condensed_controls(record))
            content = packed(Content, condensed_content(record))
            self._rows.append((path, *values, packed(Record, head), content, controls))
            if len(self._rows) >= BATCH:
                self._flush()
        return head

    def keep_only(self, paths: Iterable[str]) -> None:
        """Remove the entries of files that are gone."""
        gone = self.entries.keys() - set(paths)
        if gone and self._connection:
            with suppress(sqlite3.Error), self._connection:
                self._connection.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in gone])
                self._connection.execute("DELETE FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM files)")

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        with suppress(sqlite3.Error, OSError):
            if self._connection is None:
                make_state_folder(self._root)
                self._connection = self._opened()
            if self._connection:
                with self._connection:
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", [row[:7] for row in rows]
                    )
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", [(row[1], *row[7:]) for row in rows]
                    )

    def _opened(self) -> sqlite3.Connection | None:
        """Open the database, and rebuild it if it is damaged or was made by other code."""
        if is_ignored(self._root, SUMMARIES):
            return None
        for _ in range(2):
            try:
                connection = sqlite3.connect(self.file.path, timeout=WAIT_SECONDS)
            except sqlite3.Error:
                return None
            try:
                prepare(connection)
                self.entries = {path: KnownFile(*values) for path, *values in connection.execute(ENTRIES)}
            except sqlite3.OperationalError:  # it is locked, or can't be written
                connection.close()
                return None
            except DAMAGED:
                connection.close()
                self.file.remove()
            else:
                return connection
        return None


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, unless this code made those that are there. Raises sqlite3.Error."""
    connection.execute("PRAGMA synchronous = OFF")  # each summary has a checksum, and its record is on disk
    if _is_ours(connection):
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if not _is_ours(connection):  # nor has another process made them meanwhile
            for statement in TABLES:
                connection.execute(statement)
            connection.execute("INSERT INTO made VALUES (?)", (code_digest(),))


def _is_ours(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("SELECT by FROM made").fetchone() == (code_digest(),))
    except sqlite3.OperationalError:
        return False


def packed(kind: Any, value: object) -> bytes:
    """Return the value as compressed JSON, whose checksum shows damage."""
    return zlib.compress(adapter(kind).dump_json(value, exclude_defaults=True), 1)


def unpacked(kind: Any, data: bytes) -> Any:
    """Return the value. Raises zlib.error or ValueError if it is damaged."""
    return adapter(kind).validate_json(zlib.decompress(data), strict=True)


def condensed_content(record: Record) -> Content:
    return Content(
        tuple(_of_type(CondensedPoint, point, launches=condensed(point.launches)) for point in record.points),
        record.ratios,
        record.outputs,
    )


def condensed_controls(record: Record) -> tuple[CondensedControl, ...]:
    return tuple(
        _of_type(CondensedControl, control, launches=condensed(control.launches)) for control in record.controls
    )


def condensed(launches: Iterable[Launch]) -> tuple[CondensedLaunch, ...]:
    """Return the launches without their blocks."""
    return tuple(
        CondensedLaunch(
            **{field.name: getattr(launch, field.name) for field in fields(Launch) if field.name not in BLOCKS},
            timing=_timing(launch),
            device_timing=_timing(launch.on_device_clock()) if launch.has_device_times else None,
            by_processor=launch.has_cpu_times,
        )
        for launch in launches
    )


def _timing(launch: Launch) -> Timing | None:
    if not launch.is_timed:
        return None
    return Timing(sample(launch), *bounds(launch), float(launch.median_ns), launch.total_ns)


def _of_type(kind: Callable[..., Any], value: Any, **changes: object) -> Any:
    """Return an instance of a subclass with the fields of the value, some of them changed."""
    return kind(**{field.name: getattr(value, field.name) for field in fields(value)} | changes)


@cache
def code_digest() -> str:
    """Return the digest of the code that validates and condenses, with the versions of Python and pydantic."""
    package = Path(__file__).parents[1]
    folders = [package / name for name in ("machine", "model", "reading", "records", "statistics")]
    digest = hashlib.sha256(f"{sys.version} {version('pydantic')}".encode())
    for module in sorted(module for folder in folders for module in folder.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
