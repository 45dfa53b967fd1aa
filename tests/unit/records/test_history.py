"""A record that was committed is never changed or removed; the history says so."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.history import changed_records
from stackdoc.records.identity import with_id
from tests.made.records import colliding, made_record


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project below the root of a repository, with one record committed."""
    root = tmp_path / "handbook"
    root.mkdir()
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    store.write(Layout(root), made_record())
    commit(root, "One record")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def commit(root: Path, message: str) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def added(root: Path, day: int) -> None:
    store.write(Layout(root), with_id(replace(made_record(), measured_at=f"2026-01-{day:02}T00:00:00Z")))
    commit(root, "Another record")


def faults(root: Path) -> list[str]:
    return [f"{problem.file.rpartition('/')[2]} {problem.message}" for problem in changed_records(Layout(root))]


def test_records_may_be_added_and_branches_with_records_merged(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "other")
    added(repository, 2)
    git(repository, "switch", "--quiet", "main")
    added(repository, 3)
    git(repository, "merge", "--quiet", "--no-edit", "other")
    assert changed_records(Layout(repository)) == ()
    ended = CliRunner().invoke(main, ["--root", str(repository), "verify", "--history"])
    assert (ended.exit_code, ended.output) == (0, "no record was changed, removed or added twice\n")


@pytest.mark.case(43)
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("done", ["was removed", "was changed", "was moved"])
def test_a_record_changed_moved_or_removed_is_named(repository: Path, done: str, committed: bool) -> None:
    path = repository / store.record_path(Layout(Path()), made_record())
    if done == "was changed":
        path.write_text(path.read_text("utf-8").replace('"threads":1', '"threads":2'), "utf-8")
    elif done == "was moved":
        path.rename(path.with_name("000000000000.json"))
    else:
        path.unlink()
    if committed:
        commit(repository, "Meddle")
    (fault,) = faults(repository)
    said = "was removed" if done == "was moved" else done
    assert fault.startswith(f"{path.name} {said} {'in commit' if committed else 'since the last commit'}")
    ended = CliRunner().invoke(main, ["--root", str(repository), "verify", "--history"])
    assert ended.exit_code == 1
    assert "withdraw it in docs/data/withdrawn.yml" in ended.output


def test_a_record_that_was_put_back_as_it_was_is_whole(repository: Path) -> None:
    path = repository / store.record_path(Layout(Path()), made_record())
    content = path.read_bytes()
    path.unlink()
    commit(repository, "Remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    commit(repository, "Put it back")
    assert faults(repository) == []
    path.write_bytes(content.replace(b'"threads":1', b'"threads":2'))
    commit(repository, "Put something else there")
    said = [fault.partition(" in ")[0] for fault in faults(repository)]
    assert said == [f"{path.name} was changed", f"{path.name} was removed"]


def test_without_a_history_there_is_no_answer(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["--root", str(tmp_path), "verify", "--history"])
    assert ended.exit_code == 1
    assert "has no history in git" in ended.output


def hint(root: Path) -> str:
    """What the reader of records advises about the one pair of one address."""
    problems: list[Problem] = []
    store.read_all(Layout(root), problems)
    (found,) = (problem.hint for problem in problems if "is also the id of" in problem.message)
    return found


def forged(path: Path) -> bytes:
    """Other content for the file of a record, under the same name and, as far as its reader can tell, intact."""
    return path.read_bytes().replace(b'"threads":1', b'"threads":4')


@pytest.mark.case(65)
def test_a_record_added_under_the_address_of_another_is_named_with_both_commits(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, twin = colliding(monkeypatch)
    for record in (first, twin):
        store.write(Layout(repository), record)
        commit(repository, record.example)
    (problem,) = changed_records(Layout(repository))
    paths = [store.record_path(Layout(Path()), record).as_posix() for record in (first, twin)]
    assert problem.file == paths[1]
    assert f"under the address of {paths[0]}, added in commit" in problem.message
    assert hint(repository) == f"{paths[1]} was added later; remove it"
    (repository / paths[0]).unlink()
    commit(repository, "Remove the first, so that its twin takes its place")
    said = {problem.file: problem.message for problem in changed_records(Layout(repository))}
    assert said.keys() == set(paths)
    assert said[paths[0]].startswith("was removed in commit")


@pytest.mark.case(65)
def test_a_twin_at_the_place_of_the_first_is_not_the_record_restored(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is the hash of its content too, so only the history tells."""
    first, twin = colliding(monkeypatch)
    path = repository / store.write(Layout(repository), first)
    commit(repository, "Add")
    path.write_bytes(store.file_content(twin))
    commit(repository, "Change")
    (problem,) = changed_records(Layout(repository))
    assert problem.message.startswith("was changed in commit")


@pytest.mark.case(76)
def test_a_shallow_clone_is_too_short_to_tell(repository: Path, tmp_path: Path) -> None:
    path = repository / store.record_path(Layout(Path()), made_record())
    path.write_bytes(forged(path))
    commit(repository, "Meddle")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tmp_path}", str(tmp_path / "clone"))
    ended = CliRunner().invoke(main, ["--root", str(tmp_path / "clone/handbook"), "verify", "--history"])
    assert ended.exit_code == 1
    assert "the clone is shallow" in ended.output


def test_a_record_not_committed_yet_came_later(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second, first = colliding(monkeypatch)
    store.write(Layout(repository), first)
    commit(repository, "First")
    path = store.write(Layout(repository), second)
    assert hint(repository) == f"{path.as_posix()} was added later; remove it"
