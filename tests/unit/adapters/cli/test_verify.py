"""`stackdoc verify` as a review's CI calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from tests.made import two_machines


@pytest.fixture
def record(tmp_path: Path) -> Record:
    made = with_id(two_machines.record("", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9)))
    store.write(Layout(tmp_path), made)
    return made


def verified(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "verify", *arguments])


def test_the_exit_code_tells_a_right_document_from_a_wrong_one(tmp_path: Path, record: Record) -> None:
    right, wrong = tmp_path / "right.md", tmp_path / "wrong.txt"
    right.write_text(f"It takes 3.36 ms (https://example.org/r/{record.id}/#library;n=512).\n", "utf-8")
    wrong.write_text(f"It takes 3.63 ms (https://example.org/r/{record.id}/#library;n=512).\n", "utf-8")
    assert verified(tmp_path, str(right)).exit_code == 0
    ended = verified(tmp_path, str(right), str(wrong))
    assert ended.exit_code == 1
    assert f"{wrong}:1: record {record.id}#library;n=512: wrong value: 3.63 ms is not the time" in ended.output
    assert ended.output.endswith("2 cited, 1 valid, 1 not valid\n")


def test_the_findings_come_as_json(tmp_path: Path, record: Record) -> None:
    ended = verified(tmp_path, "--json", record.id.upper())
    (found,) = json.loads(ended.output)["findings"]
    assert (found["id"], found["identity"], found["ok"]) == (record.id, "genuine", True)


def test_a_superseded_figure_stands_unless_the_present_one_is_asked_for(tmp_path: Path, record: Record) -> None:
    newer = replace(record, points=two_machines.gemm_points(90e9), measured_at="2026-11-21T00:00:00Z")
    store.write(Layout(tmp_path), with_id(newer))
    assert "superseded by record" in verified(tmp_path, record.id).output
    assert verified(tmp_path, record.id).exit_code == 0
    assert verified(tmp_path, "--current", record.id).exit_code == 1


def test_a_record_with_one_other_digit_is_refused_as_a_copy_and_in_its_place(tmp_path: Path, record: Record) -> None:
    path = tmp_path / store.record_path(Layout(tmp_path), record)
    altered = path.read_text("utf-8").replace('"threads":1', '"threads":2')
    copy = tmp_path / "copy.json"
    copy.write_text(altered, "utf-8")
    assert "altered copy" in verified(tmp_path, str(copy)).output
    path.write_text(altered, "utf-8")
    ended = verified(tmp_path, record.id)
    assert ended.exit_code == 1
    assert "it was edited or damaged" in ended.output


def test_what_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00")
    ended = verified(tmp_path, str(tmp_path / "binary.md"), str(tmp_path / "absent.md"))
    assert ended.exit_code == 1
    assert "is not UTF-8 text" in ended.output
    assert "can't be read" in ended.output


def test_it_needs_no_more_than_measuring_does(tmp_path: Path, record: Record) -> None:
    code = (
        "import sys; from stackdoc.adapters.cli.main import main; main(standalone_mode=False); "
        "print([name for name in ('markupsafe', 'jinja2', 'mkdocs', 'torch', 'pygments') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "--root", str(tmp_path), "verify", record.id],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "[]"
