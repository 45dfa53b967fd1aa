"""Records on disk: whole or not at all, under their own hash; and the ledger of what was measured here."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from stackdoc.adapters.registered import load_site
from stackdoc.errors import Problem, StackdocError
from stackdoc.model.device import Computed
from stackdoc.model.machine import Allotment, Topology
from stackdoc.model.record import Control, Record, Work
from stackdoc.project import Layout
from stackdoc.records.identity import digest_of, with_id
from stackdoc.records.store import read_all, write
from tests.made.records import MACHINE, colliding, made_record


def problems_of(root: Path) -> list[Problem]:
    problems: list[Problem] = []
    assert read_all(Layout(root), problems) == {}
    return problems


def identify(fields: dict[str, Any]) -> None:
    """Give the fields the digest and id of their content."""
    fields["sha256"] = digest_of(fields)
    fields["id"] = fields["sha256"][:16]


def stored(root: Path) -> Path:
    return root / write(Layout(root), made_record())


def test_a_record_comes_back_as_it_was_from_under_its_hash(tmp_path: Path) -> None:
    record = made_record()
    path = write(Layout(tmp_path), record)
    assert path.as_posix() == f"docs/records/{MACHINE.id}/kernels/gemm/{record.id}.json"
    problems: list[Problem] = []
    assert read_all(Layout(tmp_path), problems) == {record.id: record}
    assert problems == []


def test_the_id_is_the_hash_of_everything_else() -> None:
    record = made_record()
    assert with_id(dataclasses.replace(record, id="something else")).id == record.id
    assert made_record(measured_at="2026-01-02T00:00:00Z").id != record.id


@pytest.mark.case(35)
def test_storing_twice_keeps_one_file_untouched(tmp_path: Path) -> None:
    path = stored(tmp_path)
    before = path.stat().st_mtime_ns
    stored(tmp_path)
    assert path.stat().st_mtime_ns == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_record_that_is_not_its_own_hash_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match="is not the hash"):
        write(Layout(tmp_path), dataclasses.replace(made_record(), commit="abc"))
    assert not (tmp_path / Layout(Path()).records).exists()


@pytest.mark.case(54)
@pytest.mark.parametrize("example", ["../../etc/passwd", "kernels/../..", "/kernels/gemm"])
def test_a_record_never_leaves_its_directory(tmp_path: Path, example: str) -> None:
    with pytest.raises(StackdocError, match="not a valid directory name"):
        write(Layout(tmp_path), made_record(example=example))


@pytest.mark.case(51)
@pytest.mark.parametrize("when", ["1970-01-01T00:00:07Z", "", "yesterday", "2026-01-01", "2026-01-01T00:00:00+02:00"])
def test_a_record_of_no_possible_time_is_refused(tmp_path: Path, when: str) -> None:
    write(Layout(tmp_path), made_record(measured_at=when))
    assert "is not a valid time of a record" in problems_of(tmp_path)[0].message


@pytest.mark.case(21, 23)
@pytest.mark.parametrize("block", [0, -5])
def test_a_record_of_blocks_that_took_no_time_is_refused(tmp_path: Path, block: int) -> None:
    point = made_record().points[0]
    launch = dataclasses.replace(point.launches[0], wall_ns=(1000, block))
    write(Layout(tmp_path), made_record(points=(dataclasses.replace(point, launches=(launch,)),)))
    assert f"a block took {block} ns" in problems_of(tmp_path)[0].message


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_figure_that_is_not_finite_has_no_hash(value: float) -> None:
    point = made_record().points[0]
    launch = dataclasses.replace(point.launches[0], value=value)
    with pytest.raises(ValueError, match="not representable"):
        made_record(points=(dataclasses.replace(point, launches=(launch,)),))


@pytest.mark.parametrize("flop", [2e16, 1e20, 9e20, 1e21, 1e30])
def test_a_large_number_comes_back_though_its_digits_are_those_of_an_integer(tmp_path: Path, flop: float) -> None:
    point = dataclasses.replace(made_record().points[0], work=Work(flop, 1.0))
    record = made_record(points=(point,))
    write(Layout(tmp_path), record)
    for _ in range(2):  # the second time it is known to be whole
        problems: list[Problem] = []
        assert read_all(Layout(tmp_path), problems) == {record.id: record}
        assert problems == []


@pytest.mark.case(41)
def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = stored(tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    (problem,) = problems_of(tmp_path)
    assert problem.file == path.relative_to(tmp_path).as_posix()
    assert "not a complete JSON document" in problem.message


@pytest.mark.case(42, 43)
def test_an_edited_file_is_named_and_not_overwritten(tmp_path: Path) -> None:
    path = stored(tmp_path)
    edited = path.read_bytes().replace(b"[1000,1010]", b"[500,505]")
    path.write_bytes(edited)
    (problem,) = problems_of(tmp_path)
    assert "content hashes to" in problem.message
    with pytest.raises(StackdocError, match="other content"):
        stored(tmp_path)
    assert path.read_bytes() == edited


def test_a_renamed_file_is_named(tmp_path: Path) -> None:
    path = stored(tmp_path)
    path.rename(path.with_name("0123456789ab.json"))
    assert problems_of(tmp_path)[0].hint == "the file was renamed"


def test_a_new_record_has_sixteen_digits_and_its_digest_in_its_file(tmp_path: Path) -> None:
    record = made_record()
    fields = json.loads((tmp_path / write(Layout(tmp_path), record)).read_text())
    content = {key: value for key, value in fields.items() if key not in ("id", "sha256")}
    assert fields["sha256"] == hashlib.sha256(rfc8785.dumps(content)).hexdigest() == record.sha256
    assert fields["id"] == fields["sha256"][:16] == record.id


def first_form(record: Record) -> Record:
    """The same record as an earlier version wrote it: under twelve digits, without its digest."""
    return dataclasses.replace(record, id=record.sha256[:12], sha256="")


def test_a_first_record_keeps_its_address_and_its_digest_is_computed(tmp_path: Path) -> None:
    old = first_form(made_record())
    path = tmp_path / write(Layout(tmp_path), old)
    before = path.read_bytes()
    assert (path.stem, b"sha256" in before) == (made_record().sha256[:12], False)
    for _ in range(2):  # the second time its fields are not examined
        problems: list[Problem] = []
        (record,) = read_all(Layout(tmp_path), problems).values()
        assert (record.id, record.sha256, problems) == (old.id, made_record().sha256, [])
        assert (write(Layout(tmp_path), record), path.read_bytes()) == (path.relative_to(tmp_path), before)


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("change", ["digest", "no digest", "twelve digits"])
def test_a_record_whose_file_states_another_identity_is_refused(tmp_path: Path, change: str, is_known: bool) -> None:
    path = stored(tmp_path)
    if is_known:
        read_all(Layout(tmp_path), [])
    record, content = made_record(), path.read_bytes()
    if change == "digest":
        content = content.replace(record.sha256.encode(), (record.sha256[:16] + "0" * 48).encode())
    elif change == "no digest":
        content = content.replace(f',"sha256":"{record.sha256}"'.encode(), b"")
    else:
        content = content.replace(f'"{record.id}"'.encode(), f'"{record.id[:12]}"'.encode())
    assert content != path.read_bytes()
    path.write_bytes(content)
    (problem,) = problems_of(tmp_path)
    assert "the content hashes to" in problem.message


def test_a_record_under_a_longer_address_takes_nothing_from_one_under_a_shorter(tmp_path: Path) -> None:
    """Twelve digits name one record for ever."""
    path = write(Layout(tmp_path), first_form(made_record()))
    again = write(Layout(tmp_path), made_record())
    (problem,) = problems_of(tmp_path)
    assert {problem.file} < {path.as_posix(), again.as_posix()}
    assert "begins with the same 12 digits" in problem.message


@pytest.mark.case(82)
def test_a_loop_of_links_is_named(tmp_path: Path) -> None:
    base = tmp_path / Layout(Path()).records
    base.mkdir(parents=True)
    (base / "a.json").symlink_to(base / "b.json")
    (base / "b.json").symlink_to(base / "a.json")
    (base / "c").symlink_to(base / "c")
    assert [problem.message for problem in problems_of(tmp_path)] == ["is a link that leads back to itself"] * 3


def test_a_file_under_another_machine_is_named(tmp_path: Path) -> None:
    path = stored(tmp_path)
    elsewhere = tmp_path / Layout(Path()).records / "other-machine" / path.name
    elsewhere.parent.mkdir()
    path.rename(elsewhere)
    assert f"belongs at docs/records/{MACHINE.id}/kernels/gemm/" in problems_of(tmp_path)[0].message


def test_a_reformatted_record_is_still_the_record(tmp_path: Path) -> None:
    path = stored(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2), encoding="utf-8")
    assert list(read_all(Layout(tmp_path), [])) == [made_record().id]


@pytest.mark.case(44, 59)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"schema": "stackdoc.record/99"}', "this version of stackdoc reads"),
        (b'{"schema": "stackdoc.record/1", "id": NaN}', "NaN is not a number"),
        (b'{"schema": "stackdoc.record/1", "threads": 1e999}', "no canonical form"),
        (b'{"id": 1, "id": 2}', "duplicate key"),
        (b"[" * 100_000, "not a complete JSON document"),
        (b"\xff\xfe{}", "not a complete JSON document"),
        (b"[]", "not a JSON object"),
    ],
)
def test_what_is_no_record_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = stored(tmp_path)
    path.write_bytes(content)
    assert message in problems_of(tmp_path)[0].message


def test_a_record_of_the_wrong_shape_is_named_though_its_hash_is_right(tmp_path: Path) -> None:
    fields = dataclasses.asdict(made_record()) | {"threads": "one"}
    identify(fields)
    path = tmp_path / Layout(Path()).records / f"{fields['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rfc8785.dumps(fields))
    assert "threads" in str(problems_of(tmp_path)[0])


def test_records_of_the_first_schema_are_read_under_their_old_hash(tmp_path: Path) -> None:
    old = made_record(schema="stackdoc.record/1")
    path = tmp_path / write(Layout(tmp_path), old)
    fields = json.loads(path.read_text())
    assert {"memory", "energy"}.isdisjoint(fields["points"][0])
    assert "memory_bytes" in fields["points"][0]["launches"][0]
    problems: list[Problem] = []
    assert read_all(Layout(tmp_path), problems) == {old.id: old}
    assert problems == []


@pytest.mark.parametrize("schema", ["stackdoc.record/1", "stackdoc.record/2", "stackdoc.record/3"])
def test_a_record_holds_what_its_schema_has_and_nothing_else(tmp_path: Path, schema: str) -> None:
    """Otherwise the pages would publish another content under its id."""
    fields = made_record(schema=schema).fields()
    point = fields["points"][0]
    (point if schema.endswith("1") else point["launches"][0]).update(
        {"energy": None} if schema.endswith("1") else {"memory_bytes": 1}
    )
    identify(fields)
    path = tmp_path / Layout(Path()).records / f"{fields['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rfc8785.dumps(fields))
    assert "have a field of another schema" in problems_of(tmp_path)[0].message


CONTROL = Control("triad", "controls/1, Python 3.11.7, NumPy 2.3.0", (made_record().points[0].launches[0],))


def test_controls_come_back_with_the_record(tmp_path: Path) -> None:
    record = made_record(controls=(CONTROL,))
    path = tmp_path / write(Layout(tmp_path), record)
    assert "memory_bytes" not in json.loads(path.read_text())["controls"][0]["launches"][0]
    problems: list[Problem] = []
    assert read_all(Layout(tmp_path), problems) == {record.id: record}
    assert problems == []


def test_what_is_known_of_device_and_machine_comes_back_and_what_is_not_is_absent(tmp_path: Path) -> None:
    plain = made_record()
    machine = dataclasses.replace(plain.machine, topology=Topology(2, 4, 2, (("performance", 8),)))
    libraries = (("cublas", "12.6.4"),)
    computed = Computed("cuda", "NVIDIA H200", "12.6", "sm_90", 1 << 37, 132, 3, 8, libraries=libraries)
    full = made_record(device="cuda", computed=computed, allotment=Allotment(4, 2.5, 1 << 30), machine=machine)
    for record in (plain, full):
        write(Layout(tmp_path), record)
    problems: list[Problem] = []
    assert read_all(Layout(tmp_path), problems) == {one.id: one for one in (plain, full)}
    assert problems == []
    assert {"computed", "allotment"}.isdisjoint(plain.fields())
    assert "topology" not in plain.fields()["machine"]


@pytest.mark.parametrize(
    ("schema", "name", "value"),
    [
        ("stackdoc.record/2", "computed", {"backend": "cuda", "name": "NVIDIA H200"}),
        ("stackdoc.record/1", "allotment", {"cpus": 2}),
        ("stackdoc.record/3", "computed", None),
        ("stackdoc.record/3", "topology", None),
    ],
)
def test_an_optional_field_that_would_be_lost_is_refused(tmp_path: Path, schema: str, name: str, value: object) -> None:
    """Otherwise the pages would publish another content under its id."""
    fields = made_record(schema=schema, device="cuda").fields()
    (fields["machine"] if name == "topology" else fields)[name] = value
    identify(fields)
    path = tmp_path / Layout(Path()).records / f"{fields['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rfc8785.dumps(fields))
    assert "is null or of another schema" in problems_of(tmp_path)[0].message


@pytest.mark.parametrize("schema", ["stackdoc.record/1", "stackdoc.record/2", "stackdoc.record/3"])
def test_older_records_have_no_controls_and_newer_ones_always(tmp_path: Path, schema: str) -> None:
    """Otherwise the pages would publish another content under its id."""
    fields = made_record(schema=schema).fields()
    if schema.endswith("3"):
        del fields["controls"]
    else:
        fields["controls"] = []
    identify(fields)
    path = tmp_path / Layout(Path()).records / f"{fields['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rfc8785.dumps(fields))
    assert "of another schema" in problems_of(tmp_path)[0].message


@pytest.mark.case(49, 55)
def test_foreign_files_and_links_are_named_and_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "secret.json"
    outside.write_text("{}")
    base = tmp_path / Layout(Path()).records
    base.mkdir(parents=True)
    (base / "notes.txt").write_text("mine")
    (base / "link.json").symlink_to(outside)
    assert [problem.message for problem in problems_of(tmp_path)] == [
        "is a link out of the records' directory",
        "is not a record",
    ]
    assert (base / "notes.txt").read_text() == "mine"


def test_one_damaged_record_does_not_hide_the_others(tmp_path: Path) -> None:
    stored(tmp_path).write_text("{")
    good = made_record(profile="full")
    write(Layout(tmp_path), good)
    problems: list[Problem] = []
    assert list(read_all(Layout(tmp_path), problems)) == [good.id]
    assert len(problems) == 1


def test_without_records_there_are_none(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == []


@pytest.mark.case(43)
@pytest.mark.case(65)
def test_two_records_of_one_id_are_both_refused_and_both_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither takes the place of the other, in whatever order their files are found."""
    pair = colliding(monkeypatch)
    first, second = sorted(write(Layout(tmp_path), record).as_posix() for record in pair)
    good = made_record()
    write(Layout(tmp_path), good)
    problems: list[Problem] = []
    assert read_all(Layout(tmp_path), problems) == {good.id: good}
    (problem,) = problems
    assert (problem.file, problem.where) == (second, "id")
    assert f"is also the id of {first}" in problem.message
    again: list[Problem] = []
    assert read_all(Layout(tmp_path), again, known={one.id: one for one in (*pair, good)}) == {good.id: good}
    assert again == problems
    with pytest.raises(StackdocError, match=f"{second}: id: .* is also the id of {first}"):
        load_site(tmp_path)  # as `stackdoc check` and a build do


def test_a_second_copy_of_a_record_at_another_place_is_named_beside_the_first(tmp_path: Path) -> None:
    path = stored(tmp_path)
    copy = tmp_path / Layout(Path()).records / MACHINE.id / "kernels/another" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    problems: list[Problem] = []
    assert list(read_all(Layout(tmp_path), problems)) == [path.stem]
    (problem,) = problems
    assert problem.file == copy.relative_to(tmp_path).as_posix()
    assert f"belongs at {path.relative_to(tmp_path).as_posix()}" in problem.message


@pytest.mark.case(66)
@pytest.mark.parametrize(
    ("schema", "name"),
    [("stackdoc.record/1", "label"), ("stackdoc.record/2", "energy"), ("stackdoc.record/3", "check")],
)
def test_a_field_that_is_left_out_is_named(tmp_path: Path, schema: str, name: str) -> None:
    """Otherwise the pages would publish it with a default, under another hash."""
    fields = made_record(schema=schema).fields()
    del fields["points"][0][name]
    identify(fields)
    path = tmp_path / Layout(Path()).records / f"{fields['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rfc8785.dumps(fields))
    (problem,) = problems_of(tmp_path)
    assert (problem.where, problem.message) == (f"points[0].{name}", "is left out or not as its schema has it")
