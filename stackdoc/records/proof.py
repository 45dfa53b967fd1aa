"""Whether records' files are those of the commits that they state: by their digests in this repository."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stackdoc.examples.closure import by_byte, by_essence
from stackdoc.git import git, git_bytes
from stackdoc.model.record import Record

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class Proof:
    """What the repository has at the commit of a record, which it may not know.

    `differing` are the files of the record that have another digest there, `missing` those that it does not have.
    """

    known: bool
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def prove(root: Path, records: Iterable[Record]) -> dict[str, Proof]:
    """Return the proof of each record by its id, except of those that were measured with uncommitted changes.

    A digest may cover every byte of a Python file, or leave out comments and docstrings, as later records do. Each file
    of a commit is read once, however many records name it.
    """
    stating = [record for record in records if record.commit and not record.dirty]
    paths: dict[str, set[str]] = defaultdict(set)
    for record in stating:
        paths[record.commit].update(path for path, _ in record.closure)
    digests = {commit: _digests(root, commit, named) for commit, named in paths.items()}
    return {record.id: _proof(record, digests[record.commit]) for record in stating}


def _proof(record: Record, digests: Mapping[str, Collection[str]] | None) -> Proof:
    """Return the proof of a record, given the digests that its files have at the commit, None for an unknown one."""
    if digests is None:
        return Proof(known=False)
    differing = (path for path, digest in record.closure if path in digests and digest not in digests[path])
    missing = (path for path, _ in record.closure if path not in digests)
    return Proof(True, tuple(differing), tuple(missing))


def _digests(root: Path, commit: str, paths: Iterable[str]) -> dict[str, frozenset[str]] | None:
    """Return both digests of each file that the commit has; None if the repository does not know the commit."""
    if not _knows(root, commit):
        return None
    return {path: _digests_of(path, content) for path, content in _contents(root, commit, sorted(paths))}


def _knows(root: Path, commit: str) -> bool:
    """Whether the repository at `root` has the commit, given by its full name."""
    if not COMMIT.fullmatch(commit):
        return False
    return git(root, "rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}") is not None


def _digests_of(path: str, content: bytes) -> frozenset[str]:
    """Return the digest of every byte, and the one that leaves out comments; the suffix decides what they are."""
    with TemporaryDirectory(prefix="stackdoc-") as directory:
        copy = Path(directory, f"file{PurePosixPath(path).suffix[:20]}")
        copy.write_bytes(content)
        every_byte = by_byte(copy.parent, [copy.name])
        return frozenset(digest for _, digest in (*every_byte, *by_essence(copy.parent, every_byte)))


def _contents(root: Path, commit: str, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that the commit has, all read by one process. The paths are not trusted."""
    asked = [path for path in paths if _is_inside(path)]
    names = "".join(f"{commit}:./{path}\n" for path in asked)
    answer = io.BytesIO(git_bytes(root, "cat-file", "--batch", given=names.encode("utf-8", "surrogatepass")) or b"")
    for path in asked:
        if heading := re.fullmatch(rb"[0-9a-f]+ (\w+) (\d+)\n", answer.readline()):
            content = answer.read(int(heading[2]) + 1)[:-1]
            if heading[1] == b"blob":
                yield path, content


def _is_inside(path: str) -> bool:
    """Whether git can be asked for the path: one inside of the commit, on one line."""
    file = PurePosixPath(path)
    return not (file.is_absolute() or ".." in file.parts or re.search(r"[\r\n\0]", path))
