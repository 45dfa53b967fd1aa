"""A record is run again from its own source, wherever that is, and the new record names it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.cli.measure import side_by_side
from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from stackdoc.run.repetition import repeat
from tests.made import contribution
from tests.made.commands import call
from tests.made.contribution import EXAMPLE, SHORT, Scene, project
from tests.made.git_repository import committed, git
from tests.made.once import Once
from tests.made.scripts import FAST, GOOD, written


@pytest.fixture
def scene(once: Once, tmp_path: Path) -> Scene:
    return contribution.scene(once, tmp_path)


def again(root: Path, record: Record) -> Record:
    (result,) = repeat(project(root), record, limits=FAST).results
    assert result.record is not None, result.outcome
    return result.record


def test_the_new_record_names_the_one_it_repeats_and_is_stored_with_it(scene: Scene) -> None:
    first, second = scene.own, scene.again
    assert (second.repeats, second.digest, second.profile) == (first.sha256, first.digest, first.profile)
    assert first.repeats is None
    assert b"repeats" not in store.file_content(first)
    problems: list[Problem] = []
    stored = store.read_all(Layout(scene.theirs), problems)
    assert problems == []
    assert ledger.measured_here(Layout(scene.theirs), stored) == {second.id}


def test_both_are_printed_side_by_side(scene: Scene) -> None:
    lines = list(side_by_side(project(scene.theirs), scene.own, scene.again))
    assert lines[0].startswith(f"{EXAMPLE}: this run against record {scene.own.id}")
    (point,) = (line for line in lines if line.startswith("  sum;n=300  "))
    assert "×" in point
    assert any(line.startswith("  one run differs from the next: ") for line in lines)
    assert lines[-1].endswith("as the one that it repeats; measured on the same class of machine")


def test_a_changed_example_runs_as_it_was_at_the_commit_of_the_record(scene: Scene) -> None:
    root, first = scene.ours, scene.short
    written(root, SHORT, GOOD.replace("300", "400"), launches="1")
    committed(root, "Change the example")
    edited = root / "examples/kernels/good/short.py"
    edited.write_text(edited.read_text() + "# not committed\n")

    def state() -> list[str]:
        questions = (("diff",), ("diff", "--cached"), ("rev-parse", "HEAD"), ("branch", "--list"), ("worktree", "list"))
        return [git(root, *question) for question in questions]

    before = state()
    second = again(root, first)
    assert state() == before
    assert (second.digest, second.commit, second.dirty) == (first.digest, first.commit, False)
    assert [point.key for point in second.points] == ["sum;n=300"]
    assert second.repeats == first.sha256
    stored = store.read_all(Layout(root), [])
    assert stored[second.id] == second
    assert second.id in ledger.measured_here(Layout(root), stored)


def test_code_that_nobody_here_has_merged_is_not_run(scene: Scene) -> None:
    root, first = scene.ours, scene.short
    git(root, "switch", "--quiet", "--create", "proposed")
    written(root, SHORT, "open('ran', 'w')\n", launches="1")
    proposed, example = committed(root, "Propose"), project(root).examples[SHORT]
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
    scene: Scene, changes: dict[str, object], message: str
) -> None:
    record = with_id(replace(scene.short, digest="0" * 64, **changes))  # type: ignore[arg-type]
    with pytest.raises(StackdocError, match=message):
        again(scene.ours, record)


def test_the_command_takes_an_id_a_link_or_a_file(scene: Scene, tmp_path: Path) -> None:
    root, first = scene.ours, scene.short
    saved = tmp_path / "saved.json"
    saved.write_bytes(store.file_content(first))
    ended = call(root, "measure", "--like", str(saved))
    assert ended.exit_code == 0, ended.output
    assert f"{SHORT}: this run against record {first.id}" in ended.output
    assert "  sum;n=300  not compared: " in ended.output  # it has one launch
    assert f"names record {first.id} as the one that it repeats" in ended.output
    for unknown in ("0" * 16, f"https://example.org/r/{'0' * 16}/", "x" * 5000):
        assert "is not a record of this project" in call(root, "measure", "--like", unknown).stderr
    assert "--like takes patterns from the record" in call(root, "measure", "kernels", "--like", first.id).stderr
    saved.write_text("{}")
    damaged = call(root, "measure", "--like", str(saved))
    assert (damaged.exit_code, type(damaged.exception)) == (1, SystemExit)
    git(root, "switch", "--quiet", "--orphan", "nothing")
    store.write(Layout(root), first)
    nowhere = call(root, "measure", "--like", f"https://example.org/r/{first.id}/#sum;n=300")
    assert "not part of the history here" in nowhere.stderr
