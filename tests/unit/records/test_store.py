"""Records on disk: whole or not at all, under their own hash; and the ledger of what was measured here."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import rfc8785

from stackdoc.adapters.registered import load_site
from stackdoc.errors import Problem, StackdocError
from stackdoc.model.device import Computed
from stackdoc.model.machine import Allotment, Topology
from stackdoc.model.record import Control, Work
from stackdoc.project import LEDGER, Layout
from stackdoc.records.store import enter_in_ledger, read_all, read_ledger, record_id, with_id, write
from tests.made.records import colliding, made_record


def problems_of(root: Path) -> list[Problem]:
    problems: list[Problem] = []
    assert read_all(Layout(root), problems) == {}
    return problems


def stored(root: Path) -> Path:
    return root / write(Layout(root), made_record())


def test_a_record_comes_back_as_it_was_from_under_its_hash(tmp_path: Path) -> None:
    record = made_record()
    path = write(Layout(tmp_path), record)
    assert path.as_posix() == f"docs/records/zen4-2c-24g-9f3a/kernels/gemm/{record.id}.json"
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


def test_a_file_under_another_machine_is_named(tmp_path: Path) -> None:
    path = stored(tmp_path)
    elsewhere = tmp_path / Layout(Path()).records / "other-machine" / path.name
    elsewhere.parent.mkdir()
    path.rename(elsewhere)
    assert "belongs at docs/records/zen4-2c-24g-9f3a/kernels/gemm/" in problems_of(tmp_path)[0].message


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
    del fields["id"]
    fields["id"] = hashlib.sha256(rfc8785.dumps(fields)).hexdigest()[:12]
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
    fields["id"] = record_id(fields)
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
    fields["id"] = record_id(fields)
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
    fields["id"] = record_id(fields)
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


@pytest.mark.case(35)
def test_the_ledger_keeps_what_several_writers_enter_at_once(tmp_path: Path) -> None:
    ids = [f"{number:012x}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda id: enter_in_ledger(Layout(tmp_path), [id]), ids))
    assert read_ledger(Layout(tmp_path)) == frozenset(ids)


@pytest.mark.case(41)
@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", '{"schema": "other", "records": ["0123456789ab"]}', "[" * 99999]
)
def test_a_missing_or_broken_ledger_means_nothing_was_measured_here(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / LEDGER).parent.mkdir()
        (tmp_path / LEDGER).write_text(content)
    assert read_ledger(Layout(tmp_path)) == frozenset()
    enter_in_ledger(Layout(tmp_path), ["0123456789ab"])
    assert read_ledger(Layout(tmp_path)) == {"0123456789ab"}


@pytest.mark.case(43)
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
    copy = tmp_path / Layout(Path()).records / "zen4-2c-24g-9f3a/kernels/another" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    problems: list[Problem] = []
    assert list(read_all(Layout(tmp_path), problems)) == [path.stem]
    (problem,) = problems
    assert problem.file == copy.relative_to(tmp_path).as_posix()
    assert f"belongs at {path.relative_to(tmp_path).as_posix()}" in problem.message
