"""The ledger of what was measured in this checkout."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stackdoc.project import LEDGER, Layout
from stackdoc.records.ledger import enter, entries, measured_here
from tests.made.records import made_record, record

RECORD = made_record()


@pytest.mark.case(35)
def test_the_ledger_keeps_what_several_writers_enter_at_once(tmp_path: Path) -> None:
    records = [made_record(commit=str(number)) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda record: enter(Layout(tmp_path), [record]), records))
    assert entries(Layout(tmp_path)) == {record.sha256 for record in records}
    assert measured_here(Layout(tmp_path), {record.id: record for record in records[1:]}) == {
        record.id for record in records[1:]
    }


@pytest.mark.case(41)
@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema": "other", "records": ["0123456789ab"]}', "[" * 99999, '{"records": 1}']
)
@pytest.mark.case(90)
def test_a_damaged_ledger_is_reported_and_made_anew(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_text(content)
    assert entries(Layout(tmp_path)) == frozenset()
    assert caplog.messages == [
        ".stackdoc/ledger.json is damaged, so nothing counts as measured here; the next measurement makes a new one"
    ]
    enter(Layout(tmp_path), [RECORD])
    assert entries(Layout(tmp_path)) == {RECORD.sha256}


def test_without_a_ledger_nothing_was_measured_here_and_that_needs_no_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert measured_here(Layout(tmp_path), {RECORD.id: RECORD}) == frozenset()
    assert not caplog.messages


@pytest.mark.case(75)
def test_a_ledger_that_came_with_the_repository_counts_for_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    enter(Layout(tmp_path), [RECORD])
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert measured_here(Layout(tmp_path), {RECORD.id: RECORD}) == {RECORD.id}
    subprocess.run(["git", "-C", tmp_path, "add", "--force", LEDGER], check=True)
    assert measured_here(Layout(tmp_path), {RECORD.id: RECORD}) == frozenset()
    assert "is under version control" in caplog.text


def test_entries_of_earlier_versions_are_ids_and_still_count(tmp_path: Path) -> None:
    old = record(id="0123456789ab")
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_text(json.dumps({"schema": "stackdoc.ledger/1", "records": [old.id]}))
    enter(Layout(tmp_path), [RECORD])
    assert measured_here(Layout(tmp_path), {one.id: one for one in (old, RECORD)}) == {old.id, RECORD.id}


def test_a_record_that_took_the_id_of_one_measured_here_was_not_measured_here(tmp_path: Path) -> None:
    enter(Layout(tmp_path), [RECORD])
    forged = record(id=RECORD.id, sha256="0" * 64)
    assert measured_here(Layout(tmp_path), {forged.id: forged}) == frozenset()
