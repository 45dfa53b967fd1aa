"""Whether a record's files are those of the commit that it states: by their digests in this repository."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stackdoc.examples.closure import by_byte, changed
from stackdoc.git import git, git_bytes
from stackdoc.model.record import Record

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def knows_commit(root: Path, commit: str) -> bool:
    """Whether the repository at `root` has the commit, given by its full name."""
    if not COMMIT.fullmatch(commit):
        return False
    return git(root, "rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}") is not None


def differing_files(root: Path, record: Record) -> list[str]:
    """Return the files of the record that have another digest at its commit; none if the commit is not known here.

    A digest may cover every byte of a Python file, or leave out comments and docstrings, as later records do. A record
    that was measured with uncommitted changes proves nothing.
    """
    if record.dirty or not knows_commit(root, record.commit):
        return []
    with TemporaryDirectory(prefix="stackdoc-") as directory:
        return [part[0] for part in record.closure if _differs(root, record.commit, part, Path(directory))]


def missing_files(root: Path, record: Record) -> list[str]:
    """Return the files of the record that its commit, which `root` knows, does not have."""
    return [path for path, _ in record.closure if _content(root, record.commit, path) is None]


def _differs(root: Path, commit: str, part: tuple[str, str], copy: Path) -> bool:
    """Whether the commit has the file with another digest. The file is written below `copy` to be compared."""
    path, _ = part
    content = _content(root, commit, path)
    if content is None:
        return False
    (copy / path).parent.mkdir(parents=True, exist_ok=True)
    (copy / path).write_bytes(content)
    return bool(changed(copy, (part,))) and by_byte(copy, [path]) != (part,)


def _content(root: Path, commit: str, path: str) -> bytes | None:
    """Return the content of a file at the commit, None if it has none. The path is not trusted."""
    file = PurePosixPath(path)
    if file.is_absolute() or ".." in file.parts:
        return None
    return git_bytes(root, "cat-file", "blob", f"{commit}:./{path}")
