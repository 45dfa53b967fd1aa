"""Records that somebody offers to the project, in a bundle or on a branch of the repository. Nothing in it is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import is_file
from stackdoc.git import commit_named, git, git_bytes
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.bundle import pack, repack, unpack
from stackdoc.records.lists import read_contributions
from stackdoc.records.signatures.signed import StoredStatement, is_statement, stored_statements


@dataclass(frozen=True)
class Offer:
    """The `records` by id with who contributed them, as bundles: those that were signed, and one for each contributor.

    `signed` are the signed manifests on a branch. `problems` are reasons to refuse the offer that no bundle shows, such
    as a branch that changes other files.
    """

    name: str
    records: Mapping[str, Record]
    contributed: Mapping[str, Contribution]
    bundles: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    signed: tuple[StoredStatement, ...] = ()


@contextmanager
def read_offer(layout: Layout, name: str) -> Iterator[Offer]:
    """Yield what a bundle or a branch offers. Raises StackdocError if it is neither."""
    with TemporaryDirectory(prefix="stackdoc-") as directory:
        if is_file(name):
            yield _of_bundle(Path(name))
        elif commit := commit_named(layout.root, name):
            yield _of_branch(layout, name, commit, Path(directory))
        else:
            message = "is neither a file nor a branch of this repository"
            raise StackdocError([Problem("review", 0, repr(name[:200]), message, "fetch the branch first")])


def _of_bundle(file: Path) -> Offer:
    """Return the content of a bundle; one that can't be read offers nothing."""
    try:
        contributor, records, *_ = unpack(file)
    except StackdocError as error:
        return Offer(file.name, {}, {}, (), error.problems)
    contributed = {id: replace(contributor, record=id) for id in records}
    return Offer(file.name, records, contributed, (file,))


def _of_branch(layout: Layout, name: str, commit: str, directory: Path) -> Offer:
    """Return the records that the branch adds since it left the history checked out here, written to `directory`."""
    base = (git(layout.root, "merge-base", "HEAD", commit) or "").strip()
    problems: list[Problem] = []
    if not base:
        problems.append(Problem(name, 0, "", "has no commit in common with what is checked out"))
    there = replace(layout, root=directory / "files")
    there.root.mkdir()
    for letter, path in _changes(layout.root, base, commit) if base else ():
        if why := _refusal(layout, letter, path):
            problems.append(
                Problem(path, 0, "", why, "a contribution adds records, its list of contributors and its signatures")
            )
        else:
            _write(layout.root, commit, path, there.root)
    records = store.read_all(there, problems)
    offered = _listed(layout, base, there, records, problems)
    signed = tuple(stored_statements(there, problems))
    bundles = [*_signed_bundles(directory, records, offered, signed, problems)]
    covered = {id for statement in signed for id in statement.covered}
    unsigned = {id: record for id, record in records.items() if id not in covered}
    bundles += _bundles(directory, unsigned, offered)
    return Offer(name, records, offered, tuple(bundles), tuple(problems), signed)


def _listed(
    layout: Layout, base: str, there: Layout, records: Mapping[str, Record], problems: list[Problem]
) -> dict[str, Contribution]:
    """Return who contributed the records, by the branch's list, which may say nothing about any other record."""
    path, changed = layout.collection("contributed"), read_contributions(there, problems)
    before = replace(layout, root=there.root.parent / "before")
    _write(layout.root, base, path, before.root)
    earlier = read_contributions(before, [])
    if (there / path).exists():
        others = {id for id in earlier.keys() | changed.keys() if id not in records}
        for id in sorted(id for id in others if earlier.get(id) != changed.get(id)):
            problems.append(Problem(path, 0, id[:80], "changes who contributed a record that is not part of this"))
    for id in records.keys() - changed.keys():
        problems.append(Problem(path, 0, id, "does not list the record", "say who measured it"))
    return {id: changed[id] for id in records if id in changed}


def _changes(root: Path, base: str, commit: str) -> Iterator[tuple[str, str]]:
    """Yield the letter of git for what happened to a file, and its path relative to `root`."""
    listing = git(root, "diff", "--name-status", "--no-renames", "-z", "--relative", base, commit) or ""
    fields = listing.split("\0")[:-1]
    yield from zip(fields[::2], fields[1::2], strict=True)
    everywhere = (git(root, "diff", "--name-only", "--no-renames", "-z", base, commit) or "").split("\0")[:-1]
    prefix = (git(root, "rev-parse", "--show-prefix") or "").rstrip("\n")
    yield from (("M", f"/{path}") for path in everywhere if not path.startswith(prefix))


def _refusal(layout: Layout, letter: str, path: str) -> str:
    """Return why a change is none that a contribution of records makes; empty if it is one."""
    parts = PurePosixPath(path).parts
    if PurePosixPath(path).is_absolute() or ".." in parts:
        return "is changed outside of the project"
    if path == layout.collection("contributed"):
        return "" if letter in "AM" else "is removed"
    if path == layout.vouched:
        return "is changed: who contributes a record can't vouch for it"
    if is_statement(layout, path):
        return "" if letter == "A" else "is changed or removed; signatures of bundles never are"
    if not PurePosixPath(path).is_relative_to(layout.records.as_posix()):
        return "is changed too; look at it by `git diff`"
    return "" if letter == "A" else "is changed or removed; records never are"


def _write(root: Path, commit: str, path: str, directory: Path) -> None:
    content = git_bytes(root, "cat-file", "blob", f"{commit}:./{path}")
    if content is None:
        return
    (directory / path).parent.mkdir(parents=True, exist_ok=True)
    (directory / path).write_bytes(content)


def _signed_bundles(
    directory: Path,
    records: Mapping[str, Record],
    contributed: Mapping[str, Contribution],
    signed: Iterable[StoredStatement],
    problems: list[Problem],
) -> Iterator[Path]:
    """Write the bundles that were signed, whose manifests must cover records of the branch only."""
    for number, stored in enumerate(signed):
        if others := sorted(stored.covered.keys() - records.keys()):
            problems.append(Problem(stored.file, 0, others[0][:80], "is signed, but not a record of this branch"))
            continue
        path = directory / f"signed-{number}.zip"
        path.write_bytes(repack(stored.statement, (records[id] for id in stored.covered)))
        try:
            contributor, *_ = unpack(path)
        except StackdocError as error:
            problems += (replace(problem, file=stored.file) for problem in error.problems)
            continue
        for id in sorted(stored.covered):
            if id in contributed and replace(contributed[id], record="") != contributor:
                message = f"was contributed by {contributor.by}, by the bundle that was signed"
                problems.append(Problem(stored.file, 0, id, message, "list the same name and contact"))
        yield path


def _bundles(directory: Path, records: Mapping[str, Record], contributed: Mapping[str, Contribution]) -> Iterator[Path]:
    """Write a bundle for each contributor, with which an import can be tried."""
    people = {replace(entry, record=""): None for entry in contributed.values()}
    for number, person in enumerate(people):
        theirs = [record for id, record in records.items() if replace(contributed.get(id, person), record="") == person]
        path = directory / f"{number}.zip"
        path.write_bytes(pack(theirs, person.by, person.contact))
        yield path
