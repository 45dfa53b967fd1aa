"""Records are added and never touched again: the history of the repository shows it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout
from stackdoc.records.store import content_of, parse

DONE = {"D": "was removed", "M": "was changed", "T": "became another kind of file"}


def touched_records(layout: Layout) -> tuple[Problem, ...]:
    """Every record that a commit, or the working tree, changed or removed, and that was not put back since.

    Raises StackdocError without a history.
    """
    only = ("--no-renames", "--diff-filter=DMT", "--name-status", "--relative", "--", layout.records.as_posix())
    committed = _git(layout, "log", "-m", "--format=commit %h", *only)
    now = _git(layout, "diff", "HEAD", *only)
    found = dict.fromkeys([*_touched(committed), *_touched(now)])
    return tuple(problem for problem in found if not _stands(layout / problem.file))


def _stands(path: Path) -> bool:
    """Whether the record is there as it was first, byte for byte: its name is the hash of its content."""
    try:
        content = path.read_bytes()
        return not path.is_symlink() and content == content_of(parse(content, path.name, path.stem))
    except (OSError, StackdocError):
        return False


def _touched(text: str) -> Iterator[Problem]:
    where = "since the last commit"
    for line in text.splitlines():
        if line.startswith("commit "):
            where = f"in {line}"
        elif line:
            letter, _, path = line.partition("\t")
            hint = "put it back; to take back what it says, withdraw it in docs/data/withdrawn.yml"
            yield Problem(path, 0, "", f"{DONE[letter[0]]} {where}", hint)


def _git(layout: Layout, *arguments: str) -> str:
    command = ("git", "-C", str(layout.root), "-c", "core.quotePath=off", *arguments)
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        hint = "check out the repository with its history"
        raise StackdocError([Problem(layout.records.as_posix(), 0, "", "git gives no history of it", hint)]) from None
