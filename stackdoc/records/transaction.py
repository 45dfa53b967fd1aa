"""Files that are written together: all of them or none, even if the process is killed.

A journal lists them before the first is written. While it exists, none of them counts, and the next import removes
them. They are complete once the journal is removed, which is a single step.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.git import is_ignored
from stackdoc.project import IMPORT_JOURNAL, IMPORT_LOCK, Layout, make_state_folder

log = logging.getLogger(__name__)
SCHEMA = "stackdoc.import/1"
STAGE = ".import"  # the directory beside the records where files are written before they are moved
WAIT_SECONDS = 600
LONGEST = 500  # characters of a path that are shown
NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP)  # where a path has no file


@dataclass(frozen=True)
class WrittenFile:
    """A file of a transaction: its path from the root, the SHA-256 of its new content, and whether there was one."""

    path: str
    sha256: str
    replaces: bool


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Wait for another import into this checkout, and undo one that was killed. Raises StackdocError."""
    lock = _acquired(layout)
    try:
        _undo(layout)
        yield
    finally:
        lock.release()


def write_together(layout: Layout, contents: Mapping[Path, bytes]) -> None:
    """Write the files, whose paths are relative to the root, or none of them. Raises StackdocError.

    To be called only within `alone`.
    """
    try:
        files = [
            WrittenFile(path.as_posix(), hashlib.sha256(content).hexdigest(), (layout / path).exists())
            for path, content in contents.items()
        ]
        journal = {"schema": SCHEMA, "files": [astuple(file) for file in files]}
        write_atomically(layout / IMPORT_JOURNAL, json.dumps(journal).encode())
        _stage(layout, files, contents.values())
        for number, file in enumerate(files):
            (layout / file.path).parent.mkdir(parents=True, exist_ok=True)
            _staged(layout, number).replace(layout / file.path)
        (layout / IMPORT_JOURNAL).unlink()  # from here on, all of them count
    except BaseException as error:
        _undo(layout)
        if isinstance(error, OSError):
            raise StackdocError([_unwritten(layout, error)]) from None
        raise
    shutil.rmtree(layout / layout.records / STAGE, ignore_errors=True)


def unfinished(layout: Layout) -> frozenset[Path]:
    """Return the paths of the files of an import that is under way or was killed: none of them counts."""
    return frozenset(Path(file.path) for file in _journal(layout))


def _acquired(layout: Layout) -> FileLock:
    lock = FileLock(layout / IMPORT_LOCK)
    try:
        make_state_folder(layout.root)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.warning("another import into this checkout is under way; waiting for it")
            lock.acquire(timeout=WAIT_SECONDS)
    except Timeout:
        message = f"another import into this checkout has not ended after {WAIT_SECONDS} s"
        raise StackdocError([Problem(IMPORT_LOCK.as_posix(), 0, "", message, "try again later")]) from None
    except OSError as error:
        raise StackdocError([_unwritten(layout, error)]) from None
    return lock


def _stage(layout: Layout, files: Iterable[WrittenFile], contents: Iterable[bytes]) -> None:
    """Write all files beside the records, and copy those that they replace, before the first is moved."""
    (layout / layout.records / STAGE).mkdir(parents=True)
    for number, (file, content) in enumerate(zip(files, contents, strict=True)):
        if file.replaces:
            shutil.copyfile(layout / file.path, _replaced(layout, number))
        with _staged(layout, number).open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())


def _staged(layout: Layout, number: int) -> Path:
    return layout / layout.records / STAGE / f".{number}"


def _replaced(layout: Layout, number: int) -> Path:
    return layout / layout.records / STAGE / f".{number}.replaced"


def _undo(layout: Layout) -> None:
    """Remove what the last import wrote if it has not ended, and restore what it replaced. Raises StackdocError."""
    try:
        for number, file in enumerate(_journal(layout)):
            path = layout / file.path
            if not _has_content(path, file.sha256):
                continue
            if not file.replaces:
                path.unlink()
            elif _replaced(layout, number).exists():
                _replaced(layout, number).replace(path)
        if (stage := layout / layout.records / STAGE).exists():
            shutil.rmtree(stage)
        _remove_empty_directories(layout)
        (layout / IMPORT_JOURNAL).unlink(missing_ok=True)
    except OSError as error:
        raise StackdocError([_unwritten(layout, error)]) from None


def _remove_empty_directories(layout: Layout) -> None:
    """Remove the directories that were made for the files, the deepest first."""
    parents = {parent for file in _journal(layout) for parent in Path(file.path).parents}
    for directory in sorted(parents, key=lambda parent: len(parent.parts), reverse=True):
        if directory.parts:
            with suppress(OSError):  # it has other files, or was never made
                (layout / directory).rmdir()


def _has_content(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError as error:
        if error.errno in NO_FILE:
            return False
        raise


def _journal(layout: Layout) -> list[WrittenFile]:
    """Return the files in the journal, none if there is none. One that came with the repository is ignored."""
    try:
        content = (layout / IMPORT_JOURNAL).read_bytes()
    except OSError:
        return []
    if is_ignored(layout.root, IMPORT_JOURNAL):
        return []
    try:
        fields = json.loads(content)
        listed = {SCHEMA: fields["files"]}[fields["schema"]]
        files = [WrittenFile(str(path), str(sha256), bool(replaces)) for path, sha256, replaces in listed]
    except (ValueError, RecursionError, KeyError, TypeError):
        log.warning("%s is damaged and therefore ignored; remove it", IMPORT_JOURNAL)
        return []
    return [file for file in files if _is_ours(layout, Path(file.path))]


def _is_ours(layout: Layout, path: Path) -> bool:
    return ".." not in path.parts and path.is_relative_to(layout.own)


def _unwritten(layout: Layout, error: OSError) -> Problem:
    """Return the problem of a file that can't be written, by its path unless that is a temporary one."""
    named = Path(os.fsdecode(error.filename2 or error.filename or ""))
    known = named.is_relative_to(layout.root) and STAGE not in named.parts
    file = (named.relative_to(layout.root) if known else layout.records).as_posix()
    return Problem(
        file if len(file) <= LONGEST else f"{file[:LONGEST]}…",
        0,
        "",
        f"can't be written: {error.strerror or error}",
        "nothing was imported",
    )
