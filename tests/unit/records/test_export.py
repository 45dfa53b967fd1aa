"""Figures in the forms of other tools, read back by those tools."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Record, Work
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.export import COLUMNS, as_csv, csv_text, rows
from stackdoc.records.identity import with_id
from tests.made.points import timed, valued
from tests.made.records import GPU_MACHINE, MACHINE, record

WORK = Work(flop=2e9, bytes=1e6)
LAUNCHES = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02]


def made(**changes: Any) -> Record:
    points = (timed(LAUNCHES, "library", work=WORK), valued([0.5, 0.5], "share", unit="1"))
    return with_id(record(*points, **changes))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for one in (made(), made(machine=GPU_MACHINE, device="cuda")):
        store.write(Layout(tmp_path), one)
    return tmp_path


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "export", *arguments])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_each_quantity_has_its_unit_and_its_record(root: Path, form: str) -> None:
    text = call(root, "--format", form, "--machine", GPU_MACHINE.id).stdout
    found = list(csv.DictReader(io.StringIO(text))) if form == "csv" else list(map(json.loads, text.splitlines()))
    seen = {(row["point"], row["quantity"]): row for row in found}
    assert {row["record"] for row in found} == {made(machine=GPU_MACHINE, device="cuda").id}
    assert list(found[0]) == list(COLUMNS)
    time, rate = seen["library", "time"], seen["library", "rate"]
    assert (float(time["value"]), time["unit"], int(time["launches"])) == (pytest.approx(1.01), "s", 6)
    assert (float(rate["value"]), rate["unit"]) == (pytest.approx(2e9 / 1.01), "FLOP/s")
    assert float(time["low"]) == 0.9
    assert (seen["share", "value"]["unit"], float(seen["share", "value"]["value"])) == ("1", 0.5)
    assert seen["library", "intensity"]["low"] in ("", None)


@pytest.mark.case(74)
def test_a_cell_never_begins_a_formula() -> None:
    hostile = made(example="=cmd|' /C calc'!A0")
    assert "\n" + made().id not in as_csv(rows([hostile], {}, {}, {}))
    assert "'=cmd" in as_csv(rows([hostile], {}, {}, {}))


@pytest.mark.parametrize("before", ["", "\t", "\r", " ", "\n", "\xa0", "\u200b", "\u200d \ufeff"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b"])
@pytest.mark.case(74)
def test_what_is_blank_or_unseen_before_a_formula_does_not_hide_it(before: str, sign: str) -> None:
    assert csv_text(f"{before}{sign}2+3") == f"'{before}{sign}2+3"


@pytest.mark.parametrize("text", ["", " ", "a=2", "5 - 3", "n=512", "(=)"])
def test_other_text_is_a_cell_as_it_is(text: str) -> None:
    assert csv_text(text) == text


def test_pytest_benchmark_compares_two_exports(root: Path, tmp_path: Path) -> None:
    slower = with_id(replace(made(), measured_at="2026-11-02T00:00:00Z"))
    store.write(Layout(root), slower)
    for name, machine in (("a", GPU_MACHINE.id), ("b", made().machine.id)):
        file = str(tmp_path / f"{name}.json")
        written = call(root, "--format", "pytest-benchmark", "--machine", machine, "-o", file)
        assert written.exit_code == 0, written.output
    compare = (sys.executable, "-m", "pytest_benchmark", "compare", "a.json", "b.json", "--csv=out.csv")
    done = subprocess.run(compare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    table = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert len(table) == 3
    assert {float(row["median"]) for row in table} == {1.01}
    assert {row["rounds"] for row in table} == {"6"}
    stored = json.loads((tmp_path / "a.json").read_text())["benchmarks"][0]["extra_info"]["stackdoc"]
    assert stored["record"] == made(machine=GPU_MACHINE, device="cuda").id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "pytest-benchmark"], "expected the records of one machine"),
        (["--format", "csv", "--machine", MACHINE.id[:-1]], f"did you mean {MACHINE.id!r}?"),
        (["--format", "csv", "--pattern", "nothing/*"], "no matching record"),
        (["--format", "csv", "-o", "no/such/place.csv"], "can't be written"),
        (["--format", "csv", "stack.ttl"], "give a name"),
        (["stack.ttl", "--machine", "here"], "belong to --format"),
    ],
)
def test_what_cannot_be_exported_is_said(root: Path, arguments: list[str], message: str) -> None:
    done = call(root, *arguments)
    assert done.exit_code in (1, 2)
    assert message in done.stderr
