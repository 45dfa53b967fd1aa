"""Records in one file: what goes in comes out, and nothing else gets in."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.errors import Problem, StackdocError
from stackdoc.measure.outputs import VEGA_LITE
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import Output, Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.arrival import import_bundle
from stackdoc.records.bundle import MANIFEST, pack, unpack
from stackdoc.records.lists import read_contributions
from stackdoc.render import trial
from tests.made.records import GPU_MACHINE, MACHINE, colliding, made_example, made_record, named_first
from tests.made.repository import ROOT

CONTRIBUTED = "docs/data/contributed.yml"
RECORDS = (made_record(machine=GPU_MACHINE), made_record(machine=GPU_MACHINE, example="kernels/sort", digest="d9"))
EXAMPLES = {"kernels/gemm": made_example()}
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "bundle", *arguments])


def bundle(tmp_path: Path, *records: Record, by: str = "A. Person") -> Path:
    file = tmp_path / "b.zip"
    file.write_bytes(pack(records or RECORDS, by, "person@example.org"))
    return file


def entries(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(file: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file


def test_what_was_measured_elsewhere_arrives_marked_and_enters_no_ledger(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    here.mkdir()
    for record in RECORDS:
        store.write(Layout(there), record)
    ledger.enter(Layout(there), RECORDS)
    file = tmp_path / "b.zip"
    out = call(there, "export", str(file), "--by", "A. Person", "--contact", "person@example.org")
    assert out.exit_code == 0, out.output
    assert f"2 records of {GPU_MACHINE.id}" in out.output
    first = call(here, "import", str(file))
    assert first.exit_code == 0, first.output
    assert first.output.splitlines()[-1] == "2 of 2 records stored, contributed and unverified"
    assert store.read_all(Layout(here), []) == {record.id: record for record in RECORDS}
    assert ledger.entries(Layout(here)) == frozenset()
    assert {one.by for one in read_contributions(Layout(here), []).values()} == {"A. Person"}
    noted = (here / CONTRIBUTED).read_bytes()
    again = call(here, "import", str(file))
    assert again.output.splitlines()[-1] == "0 of 2 records stored, contributed and unverified"
    assert (here / CONTRIBUTED).read_bytes() == noted


def test_a_pattern_selects_and_nothing_measured_is_said(tmp_path: Path) -> None:
    for record in RECORDS:
        store.write(Layout(tmp_path), record)
    nothing = call(tmp_path, "export", str(tmp_path / "b.zip"), "--by", "A. Person")
    assert nothing.exit_code == 1
    assert "no matching record was measured here" in nothing.stderr
    ledger.enter(Layout(tmp_path), RECORDS)
    assert call(tmp_path, "export", str(tmp_path / "b.zip"), "--by", "A", "--pattern", "kernels/s*").exit_code == 0
    assert list(entries(tmp_path / "b.zip")) == [MANIFEST, f"records/{RECORDS[1].id}.json"]


def test_the_same_records_make_the_same_bytes_in_any_order() -> None:
    assert pack(RECORDS, "A") == pack(RECORDS[::-1], "A")


def test_what_is_to_be_known_of_a_record_is_said(tmp_path: Path) -> None:
    other = made_record(machine=GPU_MACHINE, digest="older", method="timer/0", dirty=False)
    arrivals = import_bundle(Layout(tmp_path), bundle(tmp_path, *RECORDS, other), EXAMPLES, NOW)
    notes = {one.record.id: "; ".join(one.notes) for one in arrivals}
    assert notes[RECORDS[0].id] == "measured with uncommitted changes"
    assert "this project has no example kernels/sort" in notes[RECORDS[1].id]
    assert "another version of the example; measured by timer/0" in notes[other.id]


def test_a_machine_that_is_known_under_another_id_is_named(tmp_path: Path) -> None:
    """An id of an older scheme stays in use in the project that has it; elsewhere the same machine has a newer one."""
    store.write(Layout(tmp_path), RECORDS[0])
    twin = made_record(machine=named_first(replace(GPU_MACHINE, l3_bytes=1)), digest="d9")
    (arrival,) = import_bundle(Layout(tmp_path), bundle(tmp_path, twin), EXAMPLES, NOW)
    assert arrival.notes[-1] == f"measured on a machine of the class that has the id {GPU_MACHINE.id} here"


def test_a_record_of_ours_stays_ours(tmp_path: Path) -> None:
    store.write(Layout(tmp_path), RECORDS[0])
    import_bundle(Layout(tmp_path), bundle(tmp_path), EXAMPLES, NOW)
    assert set(read_contributions(Layout(tmp_path), [])) == {RECORDS[1].id}


@pytest.mark.case(43)
@pytest.mark.case(65)
def test_a_record_that_has_the_id_of_another_is_not_here_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = colliding(monkeypatch)
    monkeypatch.setattr("stackdoc.records.bundle.ENTRY", re.compile(r"records/([0-9a-f]{4})\.json"))
    path = store.write(Layout(tmp_path), ours)
    before = (tmp_path / path).read_bytes()
    with pytest.raises(StackdocError, match=f"records/{ours.id}.json: '{ours.id}' is also the id of {path}"):
        import_bundle(Layout(tmp_path), bundle(tmp_path, theirs), EXAMPLES, NOW)
    assert [file for file in (tmp_path / "docs").rglob("*") if file.is_file()] == [tmp_path / path]
    assert (tmp_path / path).read_bytes() == before


def edited(content: bytes) -> bytes:
    return content.replace(b'"threads":1', b'"threads":8')


def forged(contents: dict[str, bytes]) -> dict[str, bytes]:
    """A figure changed, with the manifest made to fit."""
    name = f"records/{RECORDS[0].id}.json"
    manifest = json.loads(contents[MANIFEST])
    manifest["records"][RECORDS[0].id] = hashlib.sha256(edited(contents[name])).hexdigest()
    return {**contents, name: edited(contents[name]), MANIFEST: json.dumps(manifest).encode()}


@pytest.mark.case(43)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda all: {**all, f"records/{RECORDS[0].id}.json": b"{}"}, "does not have the hash"),
        (forged, "but the content hashes to"),
        (lambda all: {name: all[name] for name in all if RECORDS[0].id not in name}, "is missing"),
        (lambda all: {**all, "../../evil.json": b"{}"}, "is not an entry of a bundle"),
        (lambda all: {**all, "/etc/passwd": b""}, "is not an entry of a bundle"),
        (lambda all: {**all, "records/" + "a" * 12 + ".json": b"{}"}, "does not have the hash"),
        (lambda all: {name: all[name] for name in all if name != MANIFEST}, "has no manifest.json"),
        (lambda all: {**all, MANIFEST: b'{"schema": "other/1"}'}, "has the schema 'other/1'"),
        (lambda all: {**all, MANIFEST: b"[" * 100_000}, "has the schema None"),
        (lambda all: {**all, MANIFEST: all[MANIFEST].replace(b"A. Person", b" ")}, "does not say who"),
    ],
)
@pytest.mark.case(69)
def test_a_tampered_bundle_is_refused_as_a_whole(tmp_path: Path, change: object, message: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    file = bundle(tmp_path)
    rewritten(file, change(entries(file)))  # type: ignore[operator]
    with pytest.raises(StackdocError, match=message) as raised:
        import_bundle(Layout(root), file, EXAMPLES, NOW)
    assert all(problem.file.startswith("b.zip") for problem in raised.value.problems)
    assert list(root.rglob("*")) == []
    assert not (tmp_path / "evil.json").exists()


@pytest.mark.case(54)
def test_a_record_whose_place_would_lead_elsewhere_is_refused(tmp_path: Path) -> None:
    evil = made_record(example="../../../evil")
    with pytest.raises(StackdocError, match="not a valid directory name"):
        import_bundle(Layout(tmp_path / "root"), bundle(tmp_path, evil), EXAMPLES, NOW)
    assert not (tmp_path / "root/docs").exists()


@pytest.mark.parametrize("cut", [0, 10, 200, -30])
def test_a_truncated_file_is_no_bundle(tmp_path: Path, cut: int) -> None:
    file = bundle(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(StackdocError, match="not a complete bundle"):
        import_bundle(Layout(tmp_path / "root"), file, EXAMPLES, NOW)


def test_a_file_that_unpacks_to_too_much_is_refused_without_unpacking_it_all(tmp_path: Path) -> None:
    packed_bomb = io.BytesIO()
    with zipfile.ZipFile(packed_bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b"{}")
        with archive.open(f"records/{'b' * 12}.json", "w") as stream:
            for _ in range(40):
                stream.write(b" " * (1 << 20))
    (tmp_path / "b.zip").write_bytes(packed_bomb.getvalue())
    assert len(packed_bomb.getvalue()) < 1 << 20
    with pytest.raises(StackdocError, match="larger than a bundle may be"):
        import_bundle(Layout(tmp_path / "root"), tmp_path / "b.zip", EXAMPLES, NOW)


def test_an_entry_may_stand_once(tmp_path: Path) -> None:
    file = bundle(tmp_path)
    contents = entries(file)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr(MANIFEST, contents[MANIFEST])
    with pytest.raises(StackdocError, match="is a duplicate"):
        import_bundle(Layout(tmp_path / "root"), file, EXAMPLES, NOW)


@pytest.mark.parametrize("by", ["", "  ", "a\nb", "x" * 201])
def test_a_bundle_says_who_measured(by: str) -> None:
    with pytest.raises(StackdocError, match="needs a name"):
        pack(RECORDS, by)


def test_an_edited_list_of_contributions_is_told_where(tmp_path: Path) -> None:
    import_bundle(Layout(tmp_path), bundle(tmp_path), EXAMPLES, NOW)
    path = tmp_path / CONTRIBUTED
    path.write_text(path.read_text() + path.read_text())
    problems: list[Problem] = []
    read_contributions(Layout(tmp_path), problems)
    assert "duplicate record" in str(problems[0])
    assert (problems[0].file, problems[0].line) == (CONTRIBUTED, 3)


BLOCKED = ("mkdocs", "jinja2", "torch", "pyarrow", "markupsafe", "nbformat", "vl_convert", "rdflib", "pygments", "nh3")
WITHOUT_EXTRAS = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(f"{name} is in an extra")
sys.meta_path.insert(0, Blocked())
from stackdoc.adapters.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "arguments",
    [["measure"], ["bundle", "export", "b.zip", "--by", "A"], ["machine"], ["plan"], ["export", "--format", "csv"]],
)
def test_a_bare_machine_needs_the_base_install_alone(tmp_path: Path, arguments: list[str]) -> None:
    example = tmp_path / "examples/pot/count.py"
    example.parent.mkdir(parents=True)
    options = "layer = 'pot'", "title = 'Count'", "launches = 2"
    header = ["/// script", "dependencies = ['stackdoc']", "[tool.stackdoc]", *options, "///"]
    example.write_text(
        "".join(f"# {one}\n" for one in header)
        + '"""Counts."""\nfrom stackdoc import example\nex = example()\nex.report("v", 1.0)\n'
    )
    run = (sys.executable, "-c", WITHOUT_EXTRAS.replace("{blocked}", repr(BLOCKED)), "--root", str(tmp_path))
    if arguments[0] in ("bundle", "export"):
        subprocess.run((*run, "measure"), cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run((*run, *arguments), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_page_says_that_a_record_was_contributed() -> None:
    from stackdoc.render.values.record_view import unverified_note
    from stackdoc.site.site import Site
    from stackdoc.site.status import attribution

    ours = made_record()
    records = {one.id: one for one in (*RECORDS, ours)}
    site = Site(Layout(ROOT), {}, records, contributed={RECORDS[0].id: contribution(RECORDS[0])})
    assert attribution(site, RECORDS[0]) == "contributed by A. Person, not verified by the project"
    assert attribution(site, ours) == "measured by the project"
    assert unverified_note(site, RECORDS[:1]) == " (contributed, unverified)"
    assert unverified_note(site, RECORDS) == unverified_note(site, []) == ""


def contribution(record: Record) -> Contribution:
    return Contribution(record.id, "A. Person")


@pytest.mark.case(32)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.case(83)
def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    file = bundle(tmp_path, made_record())

    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", full)
    done = call(tmp_path, "import", str(file))
    assert done.exit_code == 1
    assert done.stderr == f"docs/records: can't be written: {os.strerror(number)}; nothing was imported\n"
    assert not (tmp_path / "docs/records").exists()
    assert not list((tmp_path / "docs").rglob("*.yml*"))


@pytest.mark.case(41)
@pytest.mark.case(69)
def test_a_damaged_entry_is_named(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, bytes(range(256)) * 16)
    content = bytearray(file.read_bytes())
    start = content.index(MANIFEST.encode()) + len(MANIFEST)
    content[start : start + 40] = b"\xff" * 40
    file.write_bytes(content)
    with pytest.raises(StackdocError) as raised:
        unpack(file)
    (problem,) = raised.value.problems
    assert str(problem).startswith(f"b.zip: {MANIFEST}: is damaged (")


@pytest.mark.case(69)
def test_names_are_counted_before_they_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(5000):
            archive.writestr(f"{number}", b"")
    monkeypatch.setattr("stackdoc.records.bundle.MOST_RECORDS", 1000)
    with pytest.raises(StackdocError) as raised:
        unpack(file)
    assert [str(problem) for problem in raised.value.problems] == ["b.zip: has more than 1000 records"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 93, 99])
@pytest.mark.case(69)
def test_an_entry_of_another_compression_is_named_and_not_unpacked(tmp_path: Path, method: int) -> None:
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, bytes(range(256)) * 16)
    stored, other = b"\x00\x00", method.to_bytes(2, "little")
    content = file.read_bytes()
    local, central = content.index(b"PK\3\4") + 8, content.index(b"PK\1\2") + 10
    assert content[local : local + 2] == content[central : central + 2] == stored
    file.write_bytes(
        content[:local] + other + content[local + 2 : central] + other + content[central + 2 :],
    )
    with pytest.raises(StackdocError) as raised:
        unpack(file)
    message = f"b.zip: {MANIFEST}: is compressed by method {method} of zip; 8, deflate, is expected"
    assert [str(problem) for problem in raised.value.problems] == [message]


def test_a_device_is_no_bundle_and_neither_is_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stackdoc.records.bundle.MAXIMUM_PACKED_BYTES", 1 << 20)
    (tmp_path / "large.zip").write_bytes(b"\0" * (1 << 21))
    for file in (Path("/dev/zero"), tmp_path / "large.zip"):
        with pytest.raises(StackdocError, match="is not a file of at most 1 MiB"):
            unpack(file)
    with pytest.raises(StackdocError, match="can't be read: No such file"):
        unpack(tmp_path / "absent.zip")


def test_more_than_a_bundle_may_have_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stackdoc.records.bundle.MOST_RECORDS", 1)
    with pytest.raises(StackdocError, match="has more than 1 records or 256 MiB; export them in parts, by `--pattern`"):
        pack(RECORDS, "A. Person")


@pytest.mark.case(69)
def test_of_many_problems_the_first_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    names = [f"{number:05}" for number in range(2000)]
    rewritten(file, dict.fromkeys([MANIFEST, *names], b""))
    with pytest.raises(StackdocError) as raised:
        unpack(file)
    assert len(raised.value.problems) == 101
    assert "b.zip: has 1900 more problems" in map(str, raised.value.problems)


@pytest.mark.case(67)
def test_an_invented_id_of_a_machine_is_refused(tmp_path: Path) -> None:
    invented = made_record(machine=replace(MACHINE, id="zen9-2c-24g-0000"))
    with pytest.raises(StackdocError, match=f"machine.id: 'zen9-2c-24g-0000' is not computed .*; '{MACHINE.id}' is"):
        import_bundle(Layout(tmp_path), bundle(tmp_path, invented), EXAMPLES, NOW)
    assert not (tmp_path / "docs").exists()


def test_an_id_of_the_first_scheme_is_computed_and_later_records_may_have_it(tmp_path: Path) -> None:
    first = made_record(machine=named_first(replace(MACHINE, l3_bytes=1 << 20)))
    later = made_record(machine=replace(first.machine, l3_bytes=0), digest="later")
    with pytest.raises(StackdocError, match=r"machine\.id: .* is not computed"):
        import_bundle(Layout(tmp_path), bundle(tmp_path, later), EXAMPLES, NOW)
    assert len(import_bundle(Layout(tmp_path), bundle(tmp_path, first, later), EXAMPLES, NOW)) == 2


@pytest.mark.case(67)
def test_check_names_a_record_whose_machine_has_an_invented_id(tmp_path: Path) -> None:
    store.write(Layout(tmp_path), made_record())
    invented = made_record(machine=replace(MACHINE, id="zen9-2c-24g-0000", cores=4))
    path = store.write(Layout(tmp_path), invented)
    checked = CliRunner().invoke(main, ["--root", str(tmp_path), "check"])
    assert checked.exit_code == 1
    assert f"{path}: machine.id: 'zen9-2c-24g-0000' is not computed from the machine" in checked.stderr


@pytest.mark.case(66)
def test_a_record_that_fails_the_trial_keeps_all_out(tmp_path: Path) -> None:
    bad = RECORDS[1].id
    with pytest.raises(StackdocError, match=rf"b\.zip: records/{bad}\.json: takes for ever"):
        import_bundle(Layout(tmp_path), bundle(tmp_path), EXAMPLES, NOW, lambda *_: {bad: "takes for ever"})
    assert not (tmp_path / "docs").exists()


def test_only_new_records_are_tried(tmp_path: Path) -> None:
    store.write(Layout(tmp_path), RECORDS[0])
    tried: list[Record] = []

    def trial(new: Sequence[Record], _: Mapping[str, Record]) -> dict[str, str]:
        tried.extend(new)
        return {}

    import_bundle(Layout(tmp_path), bundle(tmp_path), EXAMPLES, NOW, trial)
    assert tried == [RECORDS[1]]


def test_the_command_tries_the_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "try_records", partial(trial.try_records, seconds=3.0))
    chart = {"data": {"values": [{"a": 1}]}, "mark": "bar", "transform": [{"density": "a", "steps": 2e9}]}
    bad = made_record(outputs=(Output(0, VEGA_LITE, json.dumps(chart)),))
    done = call(tmp_path, "import", str(bundle(tmp_path, *RECORDS, bad)))
    assert done.exit_code == 1
    assert f"b.zip: records/{bad.id}.json: making its outputs " in done.stderr
    assert not (tmp_path / "docs").exists()


@pytest.mark.case(69)
def test_many_records_are_summarised(tmp_path: Path) -> None:
    records = [made_record(digest=str(number)) for number in range(40)]
    done = call(tmp_path, "import", str(bundle(tmp_path, *records)))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [
        "bundle not signed",
        f"40 records: on {MACHINE.id}: stored",
        "40 records: this project has no example kernels/gemm",
        "40 records: measured with uncommitted changes",
        "40 of 40 records stored, contributed and unverified",
    ]


@pytest.mark.case(34)
@pytest.mark.case(69)
def test_two_imports_at_once_list_the_records_of_both(tmp_path: Path) -> None:
    for name in ("one", "two"):
        records = [made_record(digest=f"{name} {number}") for number in range(20)]
        (tmp_path / f"{name}.zip").write_bytes(pack(records, f"Person {name}"))
    root = tmp_path / "root"
    root.mkdir()
    code = "from stackdoc.adapters.cli.main import main; main()"
    run = (sys.executable, "-c", code, "--root", str(root), "bundle", "import")
    both = [subprocess.Popen((*run, str(tmp_path / f"{name}.zip"))) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    listed = read_contributions(Layout(root), [])
    assert set(listed) == set(store.read_all(Layout(root), []))
    assert sorted(entry.by for entry in listed.values()) == ["Person one"] * 20 + ["Person two"] * 20
