"""Checks the repository's history: records may be added, but never changed or removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stackdoc.errors import Problem, StackdocError
from stackdoc.git import git
from stackdoc.project import Layout
from stackdoc.records.store import file_content, parse

CHANGES = {"D": "was removed", "M": "was changed", "T": "became another kind of file"}


def changed_records(layout: Layout) -> tuple[Problem, ...]:
    """Return every record that a commit or the working tree changed or removed, unless it has been restored.

    Raises StackdocError if there is no history.
    """
    selection = ("--no-renames", "--diff-filter=DMT", "--name-status", "--relative", "--", layout.records.as_posix())
    committed = git(layout.root, "log", "-m", "--format=commit %h", *selection)
    uncommitted = git(layout.root, "diff", "HEAD", *selection)
    if committed is None or uncommitted is None:
        hint = "check out the repository with its history"
        raise StackdocError([Problem(layout.records.as_posix(), 0, "", "has no history in git", hint)])
    problems = dict.fromkeys([*_changes(layout, committed), *_changes(layout, uncommitted)])
    return tuple(problem for problem in problems if not _is_intact(layout / problem.file))


def _is_intact(path: Path) -> bool:
    """Whether the record has its original bytes: its name is the hash of its content."""
    try:
        content = path.read_bytes()
        return not path.is_symlink() and content == file_content(parse(content, path.name, path.stem))
    except (OSError, StackdocError):
        return False


def _changes(layout: Layout, listing: str) -> Iterator[Problem]:
    where = "since the last commit"
    for line in listing.splitlines():
        if line.startswith("commit "):
            where = f"in {line}"
        elif line:
            letter, _, path = line.partition("\t")
            hint = f"restore it; to retract a record, withdraw it in {layout.collection('withdrawn')}"
            yield Problem(path, 0, "", f"{CHANGES[letter[0]]} {where}", hint)
