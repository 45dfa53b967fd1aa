"""Withdrawn records are marked wherever they are listed, compared, bundled or exported."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.errors import StackdocError
from stackdoc.model.provenance import Withdrawal
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.arrival import import_bundle
from stackdoc.records.bundle import MANIFEST, pack
from stackdoc.records.identity import with_id
from stackdoc.render.exports import records as exported_records
from stackdoc.render.pages import machine as machine_page
from stackdoc.render.pages import record as record_page
from stackdoc.site.site import Site
from tests.made import two_machines
from tests.made.points import timed
from tests.made.records import record

WHY = "2026-11-23: The clock was wrong."


def made(day: int) -> Record:
    return with_id(record(timed([1.0, 1.1, 0.9, 1.05, 0.95, 1.02]), measured_at=f"2026-11-0{day}T00:00:00Z"))


GOOD, WRONG = made(1), made(2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two records of one machine, the newer one withdrawn for a reason of two lines."""
    for one in (GOOD, WRONG):
        store.write(Layout(tmp_path), one)
    ledger.enter(Layout(tmp_path), [GOOD, WRONG])
    withdraw(tmp_path, WRONG.id)
    return tmp_path


def withdraw(root: Path, *ids: str) -> None:
    (root / "docs/data").mkdir(parents=True, exist_ok=True)
    entries = (f'- {{record: "{id}", date: "2026-11-23", reason: "The clock\\nwas wrong."}}\n' for id in ids)
    (root / "docs/data/withdrawn.yml").write_text("".join(entries), "utf-8")


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def test_the_list_of_records_says_when_and_why_one_was_withdrawn(root: Path) -> None:
    head, good, wrong = call(root, "records").output.splitlines()
    assert head.endswith("withdrawn")
    assert GOOD.id in good
    assert "The clock" not in good
    assert WRONG.id in wrong
    assert wrong.endswith(WHY)


def test_a_withdrawal_of_a_record_that_is_not_there_is_named(root: Path) -> None:
    withdraw(root, f"{WRONG.id[:-1]}x")
    for command in (
        ("records",),
        ("export", "--format", "csv"),
        ("bundle", "export", str(root / "b.zip"), "--by", "A. Person"),
    ):
        done = call(root, *command)
        assert done.exit_code == 1, command
        assert f"unknown record '{WRONG.id[:-1]}x'; did you mean '{WRONG.id}'?" in done.stderr, command
    assert f"did you mean '{WRONG.id}'?" in call(root, "compare", GOOD.id, WRONG.id).stderr


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_each_row_of_an_export_says_whether_its_record_was_withdrawn(root: Path, form: str) -> None:
    text = call(root, "export", "--format", form).stdout
    found = list(csv.DictReader(io.StringIO(text))) if form == "csv" else list(map(json.loads, text.splitlines()))
    assert {(row["record"], row["withdrawn"]) for row in found} == {(GOOD.id, ""), (WRONG.id, WHY)}
    assert list(found[0])[-1] == "withdrawn"


def test_an_export_for_pytest_benchmark_leaves_withdrawn_records_out_and_names_them(root: Path) -> None:
    done = call(root, "export", "--format", "pytest-benchmark")
    seen = [one["extra_info"]["stackdoc"]["record"] for one in json.loads(done.stdout)["benchmarks"]]
    assert seen == [GOOD.id]
    assert done.stderr == f"export: {WRONG.id}: left out, since it was withdrawn on {WHY}\n"
    withdraw(root, GOOD.id, WRONG.id)
    done = call(root, "export", "--format", "pytest-benchmark")
    assert done.exit_code == 1
    assert done.stderr.endswith("export: every matching record was withdrawn\n")


def test_a_comparison_says_which_side_was_withdrawn(root: Path) -> None:
    for sides in ((GOOD.id, WRONG.id), (WRONG.id, GOOD.id), (WRONG.id, WRONG.id)):
        lines = call(root, "compare", *sides).output.splitlines()
        assert lines[1] == f"  record {WRONG.id} was withdrawn on {WHY}"
        assert sum("withdrawn" in line for line in lines) == 1
    assert "withdrawn" not in call(root, "compare", GOOD.id, GOOD.id).output


def test_a_bundle_carries_the_reason_to_whoever_takes_it_in(root: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "b.zip", tmp_path / "there"
    there.mkdir()
    out = call(root, "bundle", "export", str(file), "--by", "A. Person")
    assert out.output.splitlines()[1:] == [f"{WRONG.id} kernels/gemm: packed as withdrawn on {WHY}"]
    manifest = json.loads(zipfile.ZipFile(file).read(MANIFEST))
    assert manifest["withdrawn"] == {WRONG.id: WHY}
    assert (manifest["schema"], set(manifest["records"])) == ("stackdoc.bundle/1", {GOOD.id, WRONG.id})
    taken = call(there, "bundle", "import", str(file)).output.splitlines()
    marked = [line for line in taken if f"withdrawn by its author on {WHY}" in line]
    assert [line.split()[0] for line in marked] == [WRONG.id]
    assert "add it to docs/data/withdrawn.yml" in marked[0]


def test_a_bundle_without_withdrawn_records_is_as_it_was_before() -> None:
    other = {WRONG.id: Withdrawal(WRONG.id, "2026-11-23", "Wrong.")}
    assert pack([GOOD], "A", withdrawn=other) == pack([GOOD], "A")


@pytest.mark.parametrize("withdrawn", ['["a"]', '{"a": 1}', "null"])
def test_a_bundle_that_says_something_else_of_withdrawals_is_refused(tmp_path: Path, withdrawn: str) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(pack([GOOD], "A. Person"))
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents[MANIFEST] = contents[MANIFEST].replace(b"{", b'{"withdrawn": ' + withdrawn.encode() + b",", 1)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    with pytest.raises(StackdocError, match=r"b.zip: manifest.json: does not say why records were withdrawn"):
        import_bundle(Layout(tmp_path), file, {}, datetime(2026, 11, 30, tzinfo=UTC))


def site_with_withdrawn(root: Path, id: str) -> Site:
    newest = two_machines.record(
        "dddddddddddd",
        "kernels/sort",
        two_machines.ZEN,
        two_machines.gemm_points(9e10),
        measured_at="2026-11-21T00:00:00Z",
    )
    return two_machines.site(root, newest, withdrawn={id: Withdrawal(id, "2026-11-23", "The clock\nwas wrong.")})


def test_the_records_for_programs_say_it(tmp_path: Path) -> None:
    site = site_with_withdrawn(tmp_path, "dddddddddddd")
    found = {one["id"]: one["withdrawn"] for one in exported_records(site)["records"]}
    assert found == {**dict.fromkeys(site.records, ""), "dddddddddddd": WHY}


def test_a_record_says_that_its_roofs_were_withdrawn(tmp_path: Path) -> None:
    site = site_with_withdrawn(tmp_path, "cccccccccccc")
    (page, *_) = record_page.pages(site, site.records["aaaaaaaaaaaa"])
    assert f"record cccccccccccc</a>, withdrawn on {WHY}" in page.text


def test_a_machine_counts_what_was_measured_there_without_what_was_withdrawn(tmp_path: Path) -> None:
    site = site_with_withdrawn(tmp_path, "dddddddddddd")
    found = {page.path: page.text for page in machine_page.pages(site)}
    assert "3 records, 1 of them withdrawn, newest 2026-11-20" in found[f"machines/{two_machines.ZEN.id}.md"]
    row = found["machines/index.md"].split(two_machines.ZEN.id, 1)[1].split("</tr>")[0]
    assert "2026-11-20" in row
    assert "2026-11-21" not in row
