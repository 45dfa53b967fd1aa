"""Files that are written together: all of them or none, whatever happens, and one import at a time."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stackdoc.errors import StackdocError
from stackdoc.project import IMPORT_JOURNAL, Layout
from stackdoc.records import store, transaction
from stackdoc.records.transaction import alone, unfinished, write_together
from tests.made.records import made_record

RECORDS = [made_record(example=f"kernels/made-{number}") for number in range(4)]
LIST = Path("docs/data/contributed.yml")
OLD, NEW = b"- old\n", b"- old\n- new\n"
CALLS = ("replace", "mkdir", "unlink", "rmdir", "fsync", "open")  # of the operating system, which change files


def contents(layout: Layout) -> dict[Path, bytes]:
    return {LIST: NEW, **{store.record_path(layout, record): store.file_content(record) for record in RECORDS}}


def project(root: Path) -> Layout:
    """A project with one of the records and a list."""
    layout = Layout(root)
    (root / LIST).parent.mkdir(parents=True)
    (root / LIST).write_bytes(OLD)
    store.write(layout, made_record(digest="earlier"))
    return layout


def files(root: Path) -> dict[str, bytes]:
    """All files below docs, and empty directories."""
    paths = (root / "docs").rglob("*")
    kept = (path for path in paths if path.is_file() or not any(path.iterdir()))
    return {path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"" for path in kept}


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str, at: int, error: OSError) -> Iterator[list[int]]:
    """Let the call number `at` of a function of `os` fail, and count the calls."""
    real, count = getattr(os, call), [0]

    def wrapped(*arguments: Any, **options: Any) -> Any:
        count[0] += 1
        if count[0] == at:
            raise error
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, wrapped)
        yield count


@pytest.mark.case(32, 33)
@pytest.mark.parametrize("call", ["replace", "mkdir", "fsync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.case(69)
def test_a_failure_at_any_call_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    failures, at, count = 0, 0, [0]
    while count[0] >= at:
        at += 1
        layout = project(tmp_path / str(at))
        before = files(layout.root)
        reasons = []
        with alone(layout), failing(monkeypatch, call, at, OSError(number, os.strerror(number))) as count:
            try:
                write_together(layout, contents(layout))
            except StackdocError as error:
                reasons.append(str(error))
        if reasons:
            failures += 1
            assert f"can't be written: {os.strerror(number)}; nothing was imported" in reasons[0]
            assert files(layout.root) == before
            assert unfinished(layout) == frozenset()
        else:
            assert len(files(layout.root)) == len(before) + len(RECORDS)
    assert failures > 1


def killed_at(call: int, layout: Layout) -> bool:
    """Write the files in a fork that kills itself instead of a call that changes files; False if there are fewer."""
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        assert status in (0, signal.SIGKILL), status
        return status != 0
    count = 0

    def counted(real: Any) -> Any:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return wrapped

    with alone(layout):
        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        write_together(layout, contents(layout))
    os._exit(0)


def kill_everywhere(root: Path) -> None:
    """Print, for each call at which the process is killed, how many records are read, and what is left afterwards."""
    at, killed = 0, True
    while killed:
        at += 1
        shutil.rmtree(root, ignore_errors=True)
        layout = project(root)
        before = files(root)
        killed = killed_at(at, layout)
        problems: list[Any] = []
        read = len(store.read_all(layout, problems))
        list_was = (root / LIST).read_bytes()
        with alone(layout):
            undone = files(root) == before
            if read == 1:
                write_together(layout, contents(layout))
        complete = len(store.read_all(layout, problems)) == 1 + len(RECORDS) and (root / LIST).read_bytes() == NEW
        left = [path.name for path in root.rglob("*") if path.name in (transaction.STAGE, IMPORT_JOURNAL.name)]
        print(json.dumps([killed, read, list_was == OLD, undone, complete, left, list(map(str, problems))]))


@pytest.mark.case(31)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.case(69)
def test_a_kill_at_any_call_leaves_all_or_none(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.unit.records.test_transaction import kill_everywhere; "
        "kill_everywhere(Path(sys.argv[1]))"
    )
    run = (sys.executable, "-c", code, str(tmp_path / "project"))
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) > 20
    for killed, read, _, undone, complete, left, problems in ends:
        assert read in (1, 1 + len(RECORDS))
        assert undone is (read == 1)
        assert complete
        assert (left, problems) == ([], [])
        assert killed or read == 1 + len(RECORDS)
    assert {read for _, read, *_ in ends[:-1]} == {1, 1 + len(RECORDS)}  # killed before and after the last step


@pytest.mark.case(34)
@pytest.mark.case(69)
def test_a_second_import_waits_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    layout = project(tmp_path)
    entered, order = threading.Event(), []

    def second() -> None:
        entered.set()
        with alone(layout):
            order.append("second")

    thread = threading.Thread(target=second)
    with alone(layout):
        thread.start()
        entered.wait(5)
        thread.join(0.3)
        assert thread.is_alive()
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert "another import into this checkout is under way; waiting for it" in caplog.text


def test_an_import_that_does_not_end_is_waited_for_no_longer_than_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "WAIT_SECONDS", 0.1)
    layout = project(tmp_path)
    with alone(layout), pytest.raises(StackdocError, match=r"has not ended after 0.1 s; try again"), alone(layout):
        pass


def test_a_directory_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    layout = project(tmp_path)
    record = made_record(example="kernels/x/y")
    path = store.record_path(layout, record)
    blocking = tmp_path / path.parents[1]
    blocking.parent.mkdir(parents=True, exist_ok=True)
    blocking.write_text("a file, not a directory")
    before = files(tmp_path)
    with alone(layout), pytest.raises(StackdocError, match=r"can't be written: .*; nothing was imported"):
        write_together(layout, {**contents(layout), path: store.file_content(record)})
    assert files(tmp_path) == before


@pytest.mark.parametrize("length", [250, 5000])
@pytest.mark.case(69)
def test_a_path_that_is_too_long_is_one_line_and_leaves_nothing(tmp_path: Path, length: int) -> None:
    layout = project(tmp_path)
    before = files(tmp_path)
    long = layout.records / "/".join(["x" * 250] * (length // 250)) / ("y" * 250 + ".json.json")
    with alone(layout), pytest.raises(StackdocError, match="File name too long; nothing was imported"):
        write_together(layout, {**contents(layout), long: b"{}"})
    assert files(tmp_path) == before


@pytest.mark.case(49)
@pytest.mark.case(75)
def test_a_journal_that_came_with_the_repository_hides_no_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    layout = project(tmp_path)
    (path,) = store.read_all(layout, []).values()
    listed = [[store.record_path(layout, path).as_posix(), "0" * 64, False]]
    (tmp_path / IMPORT_JOURNAL).parent.mkdir(exist_ok=True)
    (tmp_path / IMPORT_JOURNAL).write_text(json.dumps({"schema": transaction.SCHEMA, "files": listed}))
    assert store.read_all(layout, []) == {}
    subprocess.run(("git", "init", "--quiet"), cwd=tmp_path, check=True)
    subprocess.run(("git", "add", "--force", IMPORT_JOURNAL), cwd=tmp_path, check=True)
    assert list(store.read_all(layout, [])) == [path.id]
    assert "is under version control and therefore ignored" in caplog.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": "stackdoc.import/1", "files": 5}', b"[" * 100_000])
def test_a_damaged_journal_is_ignored_and_removed(tmp_path: Path, content: bytes) -> None:
    layout = project(tmp_path)
    (tmp_path / IMPORT_JOURNAL).parent.mkdir(exist_ok=True)
    (tmp_path / IMPORT_JOURNAL).write_bytes(content)
    assert len(store.read_all(layout, [])) == 1
    with alone(layout):
        assert not (tmp_path / IMPORT_JOURNAL).exists()


def test_a_journal_removes_nothing_outside_of_the_projects_own_files(tmp_path: Path) -> None:
    layout = project(tmp_path / "project")
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    listed = [
        ["../outside.txt", digest, False],
        [str(outside), digest, False],
        ["docs/../../outside.txt", digest, False],
    ]
    (tmp_path / "project" / IMPORT_JOURNAL).parent.mkdir(exist_ok=True)
    (tmp_path / "project" / IMPORT_JOURNAL).write_text(json.dumps({"schema": transaction.SCHEMA, "files": listed}))
    with alone(layout):
        assert outside.exists()
