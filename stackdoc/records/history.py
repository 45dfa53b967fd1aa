"""Checks the repository's history: records may be added, but never changed, removed or added twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from stackdoc.errors import Problem, StackdocError
from stackdoc.git import git
from stackdoc.model.record import FIRST_ID_DIGITS
from stackdoc.project import Layout

CHANGES = {"D": "was removed", "M": "was changed", "T": "became another kind of file"}
RESTORE = "restore it; to retract a record, withdraw it in docs/data/withdrawn.yml"


@dataclass(frozen=True)
class Change:
    """What a commit did to a file: `letter` as in `git log --raw`, and the hash of its content afterwards."""

    where: str
    letter: str
    content: str
    path: str


def changed_records(layout: Layout) -> tuple[Problem, ...]:
    """Return every record that a commit or the working tree changed or removed, unless it has been restored.

    A record that was added under the address of an earlier one is returned too. Raises StackdocError if the history
    is missing or incomplete.
    """
    changes = _history(layout)
    added = [change for change in changes if change.letter == "A"]
    original = {change.path: change.content for change in added}  # the oldest comes last
    current = _contents(layout, {change.path for change in changes if change.letter in CHANGES})
    problems = [
        Problem(change.path, 0, "", f"{CHANGES[change.letter]} {change.where}", RESTORE)
        for change in changes
        if change.letter in CHANGES and current.get(change.path, "") != original.get(change.path)
    ]
    return tuple(dict.fromkeys([*problems, *_twins(added)]))


def _history(layout: Layout) -> list[Change]:
    """Return all changes to records, the newest first."""
    if git(layout.root, "rev-parse", "--is-shallow-repository") == "true\n":
        hint = "fetch the rest, by `git fetch --unshallow`"
        message = "has an incomplete history: the clone is shallow, so earlier changes can't be seen"
        raise StackdocError([Problem(layout.records.as_posix(), 0, "", message, hint)])
    form = ("--raw", "--no-abbrev", "--no-renames", "--diff-filter=ADMT", "--relative")
    committed = git(layout.root, "log", "-m", "--format=commit %h", *form, "--", layout.records.as_posix())
    uncommitted = git(layout.root, "diff", "HEAD", *form, "--", layout.records.as_posix())
    if committed is None or uncommitted is None:
        hint = "check out the repository with its history"
        raise StackdocError([Problem(layout.records.as_posix(), 0, "", "has no history in git", hint)])
    return [*_changes(uncommitted), *_changes(committed)]


def _changes(listing: str) -> Iterator[Change]:
    where = "since the last commit"
    for line in listing.splitlines():
        if line.startswith("commit "):
            where = f"in {line}"
        elif line:
            fields, _, path = line.partition("\t")
            *_, content, letter = fields.split()
            yield Change(where, letter[0], content, path)


def _contents(layout: Layout, paths: Iterable[str]) -> dict[str, str]:
    """Return the hash of the content of each path that is a file, as git computes it."""
    files = sorted(path for path in paths if (layout / path).is_file() and not (layout / path).is_symlink())
    hashes = git(layout.root, "hash-object", "--no-filters", "--", *files) if files else ""
    return dict(zip(files, (hashes or "").split(), strict=False))


def _twins(added: Iterable[Change]) -> Iterator[Problem]:
    """Yield the records that were added under an address of which an earlier commit had added another."""
    by_address: dict[str, list[Change]] = defaultdict(list)
    for change in added:
        if change.path.endswith(".json"):
            by_address[PurePosixPath(change.path).stem[:FIRST_ID_DIGITS]].append(change)
    for changes in by_address.values():
        first = changes[-1]
        for change in changes:
            if change.content != first.content:
                message = f"was added {change.where} under the address of {first.path}, added {first.where}"
                yield Problem(change.path, 0, "", message, f"keep what was added {first.where}, and remove the other")
