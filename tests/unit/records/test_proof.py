"""A commit that a copy without git states: proven on import by the files, or refused."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.examples.read import read_examples
from stackdoc.git import git_bytes
from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import proof, store
from stackdoc.records.arrival import import_bundle
from stackdoc.records.bundle import pack
from stackdoc.records.identity import with_id
from stackdoc.records.proof import Proof, prove
from stackdoc.run.measuring import bring_up_to_date
from tests.made.scripts import FAST, GOOD, written


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    return subprocess.run(("git", "-C", root, *identity, *arguments), capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    written(root, "kernels/good", GOOD, launches="1")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "All")
    return root


@pytest.fixture(scope="module")
def measured(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record from a copy without git that was measured with `--commit`."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(repository / "examples", copy / "examples")
    commit = git(repository, "rev-parse", "HEAD").strip()
    (result,) = bring_up_to_date(read_project(Layout(copy)), limits=FAST, commit=commit).results
    assert result.record is not None, result.outcome
    assert (result.record.commit, result.record.dirty) == (commit, False)
    return result.record


def notes(root: Path, tmp_path: Path, record: Record) -> tuple[str, ...]:
    file = tmp_path / "records.zip"
    file.write_bytes(pack([record], "A. Person"))
    now = datetime.now(UTC) + timedelta(hours=1)
    (arrival,) = import_bundle(Layout(root), file, read_examples(root, []), now)
    return arrival.notes


def test_a_stated_commit_is_proven_by_the_files(repository: Path, tmp_path: Path, measured: Record) -> None:
    assert notes(repository, tmp_path, measured) == (f"its files are those of commit {measured.commit[:12]}",)


def test_a_commit_with_other_files_is_refused(repository: Path, tmp_path: Path, measured: Record) -> None:
    root = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(repository), str(root))
    written(root, "kernels/good", GOOD.replace("300", "400"), launches="1")
    git(root, "commit", "--all", "--quiet", "--message", "Change the example")
    claimed = git(root, "rev-parse", "HEAD").strip()
    record = with_id(dataclasses.replace(measured, id="", commit=claimed))
    with pytest.raises(StackdocError, match=f"good.py at {claimed[:12]} is not what was measured"):
        notes(root, tmp_path, record)
    assert store.read_all(Layout(root), []) == {}


def test_a_commit_unknown_here_is_unproven(repository: Path, tmp_path: Path, measured: Record) -> None:
    record = with_id(dataclasses.replace(measured, id="", commit="ab" * 20))
    assert notes(repository, tmp_path, record) == ("unproven: commit abababababab is not known here",)


def test_comments_do_not_count_and_paths_stay_inside(repository: Path, measured: Record) -> None:
    path = repository / "examples/kernels/good.py"
    git(repository, "switch", "--quiet", "--create", "comments")
    path.write_text(path.read_text() + "# a comment\n")
    git(repository, "commit", "--all", "--quiet", "--message", "Comment")
    commit = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "switch", "--quiet", "-")
    moved = dataclasses.replace(measured, commit=commit)
    assert prove(repository, [moved]) == {moved.id: Proof(known=True)}
    paths = ("../x.py", "/etc/passwd", "examples", "a\nb", "a\0b", "\ud800", "x" * 5000, "")
    outside = tuple((path, "0" * 64) for path in paths)
    elsewhere = dataclasses.replace(moved, closure=outside)
    assert prove(repository, [elsewhere]) == {moved.id: Proof(True, missing=tuple(path for path, _ in outside))}


def test_a_file_that_the_commit_does_not_have_leaves_it_unproven(
    repository: Path, tmp_path: Path, measured: Record
) -> None:
    closure = (*measured.closure, ("examples/kernels/made.bin", "0" * 64))
    record = with_id(dataclasses.replace(measured, id="", closure=closure))
    (note, *_) = [note for note in notes(repository, tmp_path, record) if "commit" in note]
    assert note == f"unproven: commit {measured.commit[:12]} does not have examples/kernels/made.bin"


def test_each_file_of_a_commit_is_read_once(
    repository: Path, measured: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def read(root: Path, *words: str, given: bytes) -> bytes | None:
        asked.append(given)
        return git_bytes(root, *words, given=given)

    monkeypatch.setattr(proof, "git_bytes", read)
    records = [dataclasses.replace(measured, id=str(number)) for number in range(50)]
    assert set(prove(repository, records).values()) == {Proof(known=True)}
    assert [name for given in asked for name in given.decode().splitlines()] == [
        f"{measured.commit}:./{path}" for path, _ in sorted(measured.closure)
    ]


def test_in_a_directory_of_a_repository_the_files_are_those_below_it(tmp_path: Path, measured: Record) -> None:
    project = tmp_path / "docs/project"
    written(project, "kernels/good", GOOD, launches="1")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "All")
    record = dataclasses.replace(measured, commit=git(tmp_path, "rev-parse", "HEAD").strip())
    assert prove(project, [record]) == {record.id: Proof(known=True)}
    assert prove(tmp_path, [record])[record.id].missing
