"""A record is run again from its own source, wherever that is, and the new record names it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.repetition import repeat
from tests.made.commands import call
from tests.made.git_repository import committed, git
from tests.made.scripts import FAST, GOOD, written


@pytest.fixture
def root(tmp_path: Path) -> Path:
    written(tmp_path, "kernels/good", GOOD, launches="6")
    written(tmp_path, "kernels/good/other", GOOD, launches="1")  # an id that begins like the other
    (tmp_path / ".gitignore").write_text(".stackdoc/\n")
    committed(tmp_path)
    return tmp_path


def measured(root: Path) -> Record:
    project = read_project(Layout(root))
    (result,) = bring_up_to_date(project, patterns=["kernels/good"], devices=["cpu"], limits=FAST).results[:1]
    assert result.record is not None, result.outcome
    return result.record


def again(root: Path, record: Record) -> Record:
    (result,) = repeat(read_project(Layout(root)), record, limits=FAST).results
    assert result.record is not None, result.outcome
    return result.record


def test_the_new_record_names_the_one_it_repeats_and_is_stored_with_it(root: Path) -> None:
    first = measured(root)
    second = again(root, first)
    assert (second.repeats, second.digest, second.profile) == (first.sha256, first.digest, first.profile)
    assert first.repeats is None
    assert b"repeats" not in store.file_content(first)
    stored = store.read_all(Layout(root), problems := [])
    assert (stored[second.id], problems) == (second, [])
    assert ledger.measured_here(Layout(root), stored) >= {first.id, second.id}


def test_a_changed_example_runs_as_it_was_at_the_commit_of_the_record(root: Path) -> None:
    first = measured(root)
    assert not first.dirty
    written(root, "kernels/good", GOOD.replace("300", "400"), launches="6")
    committed(root, "Change the example")
    edited = root / "examples/kernels/good.py"
    edited.write_text(edited.read_text() + "# not committed\n")
    before = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD"), git(root, "branch", "--list")
    second = again(root, first)
    assert (second.digest, second.commit, second.dirty) == (first.digest, first.commit, False)
    assert [point.key for point in second.points] == ["sum;n=300"]
    assert store.read_all(Layout(root), [])[second.id] == second
    git(root, "add", "--intent-to-add", "docs")
    assert git(root, "worktree", "list").count("\n") == 1
    git(root, "reset", "--quiet")
    after = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD"), git(root, "branch", "--list")
    assert after == before


def test_code_that_nobody_here_has_merged_is_not_run(root: Path) -> None:
    first = measured(root)
    git(root, "switch", "--quiet", "--create", "proposed")
    written(root, "kernels/good", "open('ran', 'w')\n", launches="6")
    proposed = committed(root, "Propose")
    (example,) = [one for one in read_project(Layout(root)).examples.values() if one.id == "kernels/good"]
    git(root, "switch", "--quiet", "main")
    theirs = with_id(replace(first, digest=example.digest, closure=example.closure, commit=proposed))
    with pytest.raises(StackdocError, match="is not part of the history here; look at it"):
        again(root, theirs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dirty": True}, "from files that no commit has"),
        ({"commit": ""}, "from files that no commit has"),
        ({"commit": "ab" * 20}, "at commit abababababab, which is not known here; fetch it"),
        ({}, "does not have the source that ran"),
    ],
)
def test_a_source_that_is_nowhere_is_named_with_what_to_do(
    root: Path, changes: dict[str, object], message: str
) -> None:
    record = with_id(replace(measured(root), digest="0" * 64, **changes))  # type: ignore[arg-type]
    with pytest.raises(StackdocError, match=message):
        again(root, record)


def test_the_command_prints_both_side_by_side(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = measured(root)
    ended = call(root, "measure", "--like", f"https://example.org/r/{first.id}/#sum;n=300")
    assert ended.exit_code == 0, ended.output
    assert f"kernels/good: this run against record {first.id}" in ended.output
    assert "  sum;n=300  " in ended.output
    assert "one run differs from the next" in ended.output
    assert f"names record {first.id} as the one that it repeats; measured on the same class of machine" in ended.output
    elsewhere = tmp_path_factory.mktemp("saved") / "saved.json"
    elsewhere.write_bytes(store.file_content(first))
    (root / store.record_path(Layout(root), first)).unlink()
    assert call(root, "measure", "--like", str(elsewhere)).exit_code == 0
    assert "is not a record of this project" in call(root, "measure", "--like", "0" * 16).stderr
    assert "--like takes patterns from the record" in call(root, "measure", "kernels", "--like", first.id).stderr
    elsewhere.write_text("{}")
    assert call(root, "measure", "--like", str(elsewhere)).exit_code == 1
