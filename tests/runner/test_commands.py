"""`plan`, `measure` and `records` as a user calls them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.cli.records import HEADER
from tests.made.scripts import GOOD, written


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def test_plan_measure_and_records_tell_one_story(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD, devices='["cpu", "cuda"]')
    planned = call(tmp_path, "plan", "--device", "cpu")
    assert planned.output.splitlines() == [
        "kernels/good  cpu   run    no record of this machine",
        "run 1, reuse 0, skip 0",
    ]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    measured = call(tmp_path, "measure", "--device", "cpu")
    assert measured.exit_code == 0, measured.output
    untracked = subprocess.check_output(["git", "-C", str(tmp_path), "status", "--porcelain"], text=True)
    assert (tmp_path / ".stackdoc").is_dir()
    assert ".stackdoc" not in untracked
    assert re.search(r"kernels/good on cpu: ok, [3-6] launches in ", measured.output)  # disturbed ones are made up for
    assert call(tmp_path, "plan", "--device", "cpu").output.splitlines()[0].endswith("reuse  fresh")
    listed = call(tmp_path, "records").output.splitlines()
    assert listed[0].split() == [*HEADER[:6], "first", "point", *HEADER[7:]]
    assert listed[1].startswith("kernels/good  cpu     ")
    assert "sum;n=300" in listed[1]
    assert len(listed) == 2


def test_a_failing_example_is_exit_code_1_with_its_line_and_what_it_printed(tmp_path: Path) -> None:
    written(tmp_path, "kernels/broken", "raise ValueError('on purpose')")
    result = call(tmp_path, "measure")
    assert result.exit_code == 1
    assert "kernels/broken on cpu: failed: ValueError: on purpose (line " in result.output
    assert "  | ValueError: on purpose" in result.output


def test_a_pattern_that_fits_nothing_is_a_problem(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD)
    result = call(tmp_path, "measure", "kernels/goof")
    assert result.exit_code == 1
    assert "matches no example; did you mean 'kernels/good'?" in result.output
    assert not (tmp_path / "docs").exists()


@pytest.mark.case(43)
def test_a_damaged_record_is_named_and_is_exit_code_1(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD, launches="1")
    call(tmp_path, "measure")
    (path,) = (tmp_path / "docs" / "records").rglob("*.json")
    path.write_bytes(path.read_bytes().replace(b'"threads":1', b'"threads":2'))
    result = call(tmp_path, "records")
    assert result.exit_code == 1
    assert "the content hashes to" in result.output
    assert "no record of this machine" in call(tmp_path, "plan").output


def test_a_record_without_points_breaks_no_command(tmp_path: Path) -> None:
    """An example that must fail, and does, leaves such a record."""
    written(tmp_path, "kernels/failing", "raise ValueError('on purpose')", expect='{fails = "ValueError"}')
    measured = call(tmp_path, "measure")
    assert measured.exit_code == 0, measured.output
    (path,) = (tmp_path / "docs" / "records").rglob("*.json")
    id, file = path.stem, tmp_path / "figures.zip"
    listed = call(tmp_path, "records")
    assert listed.exit_code == 0, listed.output
    assert listed.output.splitlines()[1].split()[-1] == id
    document = tmp_path / "said.md"
    document.write_text(f"It takes 3 ms, record {id}.\n", "utf-8")
    for words, answer in (
        (("compare", id, id), f"kernels/failing: {id} against {id}"),
        (("export", "--format", "csv"), "record,example"),
        (("export", "--format", "pytest-benchmark"), '"benchmarks": []'),
        (("export", "records.json"), f'"id": "{id}"'),
        (("machine",), "processor"),
        (("check",), "1 record"),
        (("cite", id), f"record {id}"),
        (("verify", str(document)), "1 cited"),
        (("bundle", "export", str(file), "--by", "Me"), "1 record of "),
        (("bundle", "import", str(file)), "0 of 1 records stored"),
        (("plan",), "reuse"),
    ):
        done = call(tmp_path, *words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
        assert answer in done.output, words
