"""Which records of this checkout are new to the project, and the commit that adds them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stackdoc.errors import Problem, StackdocError, count
from stackdoc.git import checked_out, commit_named, git
from stackdoc.model.record import Record
from stackdoc.plan.plan import matches_any
from stackdoc.plan.project import Project
from stackdoc.project import Layout
from stackdoc.records.arrival import import_bundle
from stackdoc.records.current import current
from stackdoc.records.store import record_path

DIRTY = "was measured with uncommitted changes, so nobody can check its source; commit them and measure again"
UNPROVEN = "does not state its commit; measure again with --commit"
OLDER = "was measured on another version of the example"
OLD = "is older than another record of this checkout"


@dataclass(frozen=True)
class Submission:
    """The `records` to publish, and why others of this checkout are `left_out`, by their ids."""

    records: tuple[Record, ...]
    left_out: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of its branch and its files: `contribute/zen4-2c-24g-9f3a-2026-11-30`."""
        newest = max(self.records, key=lambda record: record.measured_at)
        return f"contribute/{newest.machine.id}-{newest.measured_at[:10]}"


def base_of(root: Path) -> str:
    """Return the commit that a contribution starts from: what was last fetched of the project, else the one here.

    The result is empty if `root` is not in a repository with a commit.
    """
    return commit_named(root, "refs/remotes/origin/HEAD") or commit_named(root, "HEAD")


def submission(project: Project, patterns: Sequence[str], base: str) -> Submission:
    """Select what was measured in this checkout, counts here, and is not part of the commit `base`.

    Repetitions of other records are selected too, and the roofs to which a record refers.
    """
    published = _published(project.layout, base)
    here = [project.records[id] for id in sorted(project.ledger & project.records.keys())]
    new = {record.id: record for record in here if record_path(project.layout, record).as_posix() not in published}
    left_out = dict(_left_out(project, new, bool(base)))
    chosen = [new[id] for id in new if id not in left_out and matches_any(new[id].example, patterns)]
    roofs = {record.roofs for record in chosen}
    usable = {id for id in roofs & new.keys() if id not in project.withdrawn and not new[id].dirty}
    chosen += [new[id] for id in sorted(usable) if new[id] not in chosen]
    matching = {id: why for id, why in left_out.items() if matches_any(new[id].example, patterns) and id not in usable}
    return Submission(tuple(chosen), matching)


def _published(layout: Layout, base: str) -> Collection[str]:
    """Return the paths of the records in the commit, relative to the root."""
    listing = ("ls-tree", "-r", "-z", "--name-only", base, "--", layout.records.as_posix())
    names = git(layout.root, *listing) if base else ""
    return frozenset((names or "").split("\0"))


def _left_out(project: Project, new: Mapping[str, Record], in_repository: bool) -> Iterator[tuple[str, str]]:
    places: dict[tuple[str, str], list[Record]] = {}
    for record in new.values():
        if record.id not in project.withdrawn and not record.dirty and not record.repeats:
            places.setdefault((record.example, record.device), []).append(record)
    newest = {place: current(records, project.examples.get(place[0])) for place, records in places.items()}
    for id, record in new.items():
        example = project.examples.get(record.example)
        if id in project.withdrawn:
            yield id, "was withdrawn"
        elif record.dirty:
            yield id, DIRTY if in_repository else UNPROVEN
        elif record.repeats:
            continue
        elif example is None or not example.matches(record.digest, record.closure):
            yield id, OLDER
        elif newest[record.example, record.device] != record:
            yield id, OLD


def commit_on_branch(project: Project, base: str, bundle: Path, submitted: Submission, by: str, contact: str) -> str:
    """Commit what an import of the bundle adds, on a new branch, and return its name. Raises StackdocError.

    The branch, the index and the files of the user are not touched.
    """
    layout = project.layout
    with checked_out(layout.root, base) as root:
        if root is None:
            raise StackdocError([Problem("git", 0, "", f"commit {base[:12]} can't be checked out beside your files")])
        there = replace(layout, root=root)
        import_bundle(there, bundle, project.examples, datetime.now(UTC))
        written = (layout.records.as_posix(), there.data)
        added = git(root, "add", "--force", "--", *(path for path in written if (there / path).exists()))
        tree = git(root, "write-tree")
        message = _message(submitted.records, by)
        by_whom = _identity(root, by, contact)
        commit = git(root, *by_whom, "commit-tree", (tree or "").strip(), "-p", base, "-m", message)
        if added is None or commit is None:
            raise StackdocError([Problem("git", 0, "", "the commit can't be made", "see `git commit-tree --help`")])
    return _branch(layout.root, submitted.name, commit.strip())


def author(root: Path, by: str, contact: str) -> tuple[str, str]:
    """Return the name and the address of a commit's author: those that git knows, else the contributor's."""
    name, address = ((git(root, "config", f"user.{what}") or "").strip() for what in ("name", "email"))
    return name or by, address or (contact if "@" in contact else "")


def _identity(root: Path, by: str, contact: str) -> tuple[str, ...]:
    name, address = author(root, by, contact)
    return ("-c", f"user.name={name}", "-c", f"user.email={address}")


def _branch(root: Path, name: str, commit: str) -> str:
    """Make a branch at the commit, under the first free one of `name`, `name-2`, …, and return its name."""
    taken = set((git(root, "for-each-ref", "--format=%(refname:short)", "refs/heads/contribute") or "").split())
    free = next(each for number in range(1, 1000) if (each := name + f"-{number}" * (number > 1)) not in taken)
    if git(root, "branch", "--no-track", free, commit) is None:
        raise StackdocError([Problem("git", 0, "", f"the branch {free} can't be made")])
    return free


def _message(records: Sequence[Record], by: str) -> str:
    machines = ", ".join(sorted({record.machine.id for record in records}))
    lines = [f"{record.id} {record.example} on {record.device}" for record in records]
    return f"Add {count(len(records), 'record')} of {machines}"[:72] + f"\n\nMeasured by {by}.\n\n" + "\n".join(lines)
