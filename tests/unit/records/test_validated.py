"""A record that was found whole is not gone through again, and one that has changed since always is."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.project import VALIDATED, Layout
from stackdoc.records import store, validated
from stackdoc.records.identity import digest_of_file
from tests.made.records import made_record


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were gone through."""
    names: list[str] = []
    parse = store.parse

    def noting(content: bytes, file: str, name: str) -> object:
        names.append(name)
        return parse(content, file, name)

    monkeypatch.setattr(store, "parse", noting)
    return names


def test_a_whole_record_is_gone_through_once_and_read_as_the_same(tmp_path: Path, parsed: list[str]) -> None:
    store.write(Layout(tmp_path), record := made_record())
    first = store.read_all(Layout(tmp_path), [])
    again = store.read_all(Layout(tmp_path), [])
    assert (parsed, again, first) == ([record.id], {record.id: record}, {record.id: record})
    assert store.file_content(again[record.id]) == store.file_content(record)


def edited(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"threads":1', b'"threads":2'))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def renamed(path: Path) -> None:
    path.rename(path.with_name("0123456789ab.json"))


def moved(path: Path) -> None:
    (path.parents[1] / "other").mkdir()
    path.rename(path.parents[1] / "other" / path.name)


@pytest.mark.parametrize("change", [edited, cut, renamed, moved])
def test_what_was_changed_after_it_was_found_whole_is_refused(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / store.write(Layout(tmp_path), made_record())
    store.read_all(Layout(tmp_path), [])
    before = path.read_bytes()
    change(path)
    assert not path.exists() or path.read_bytes() != before
    problems: list[Problem] = []
    assert (store.read_all(Layout(tmp_path), problems), len(problems)) == ({}, 1)


@pytest.mark.parametrize(
    "left", ["", "[]", "{", '{"schema": "stackdoc.checked/1"}', '{"schema": 1, "by": 2, "files": 3}']
)
def test_a_list_that_is_broken_counts_for_nothing(tmp_path: Path, parsed: list[str], left: str) -> None:
    store.write(Layout(tmp_path), record := made_record())
    (tmp_path / VALIDATED).parent.mkdir()
    (tmp_path / VALIDATED).write_text(left)
    assert list(store.read_all(Layout(tmp_path), [])) == [record.id]
    assert parsed == [record.id]


@pytest.mark.case(75)
def test_a_cache_that_came_with_the_repository_is_ignored(
    tmp_path: Path, parsed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    store.write(Layout(tmp_path), record := made_record())
    store.read_all(Layout(tmp_path), [])
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "--force", VALIDATED], check=True)
    store.read_all(Layout(tmp_path), [])
    assert parsed == [record.id, record.id]
    assert caplog.messages == [
        ".stackdoc/checked.json is under version control and therefore ignored; remove it from the repository"
    ]


@pytest.mark.case(75)
def test_a_forged_cache_does_not_spare_the_hash(tmp_path: Path) -> None:
    """As in a download that is not a repository: whatever the cache claims of a file, its content is hashed."""
    path = tmp_path / store.write(Layout(tmp_path), record := made_record())
    store.read_all(Layout(tmp_path), [])
    edited(path)
    fields = json.loads((tmp_path / VALIDATED).read_text())
    for digest in (record.sha256, hashlib.sha256(path.read_bytes()).hexdigest(), digest_of_file(path.read_bytes())):
        fields["files"] = {path.relative_to(tmp_path).as_posix(): digest}
        (tmp_path / VALIDATED).write_text(json.dumps(fields))
        problems: list[Problem] = []
        assert store.read_all(Layout(tmp_path), problems) == {}
        assert "content hashes to" in problems[0].message


def test_other_code_goes_through_all_again(tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(Layout(tmp_path), record := made_record())
    store.read_all(Layout(tmp_path), [])
    monkeypatch.setattr(validated, "code_digest", lambda: "other")
    store.read_all(Layout(tmp_path), [])
    assert parsed == [record.id, record.id]


def test_a_list_holds_no_more_than_the_files_that_are_there(tmp_path: Path) -> None:
    for day in (1, 2):
        store.write(Layout(tmp_path), made_record(measured_at=f"2026-01-0{day}T00:00:00Z"))
    for left in (2, 1):
        store.read_all(Layout(tmp_path), [])
        assert len(json.loads((tmp_path / VALIDATED).read_text())["files"]) == left
        next((tmp_path / Layout(Path()).records).rglob("*.json")).unlink()


def test_a_checkout_that_takes_no_list_is_read_all_the_same(tmp_path: Path) -> None:
    store.write(Layout(tmp_path), record := made_record())
    (tmp_path / VALIDATED.parent).write_text("in the way")
    assert list(store.read_all(Layout(tmp_path), [])) == [record.id]
