"""Who reproduced a record is computed from the records: no file can claim it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from stackdoc.records.signatures.signature import Signature
from stackdoc.records.vouched import UNKNOWN
from stackdoc.site.repetition import in_words, repetitions, why_not_counted
from stackdoc.site.site import Site
from stackdoc.site.status import attribution
from tests.made import two_machines

FIRST = with_id(two_machines.record("", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9)))


def again(speed: float = 79e9, **changes: Any) -> Record:
    values = {"points": two_machines.gemm_points(speed), "measured_at": "2026-11-21T10:00:00Z", "repeats": FIRST.sha256}
    return with_id(replace(FIRST, **{**values, **changes}))


def site(root: Path, *records: Record, by: str = "A. Person", **changes: Any) -> Site:
    """Of the first record, which is the project's, and others, which `by` contributed."""
    contributed = {record.id: Contribution(record.id, by) for record in records}
    stored = {record.id: record for record in (FIRST, *records)}
    values = {"contributed": contributed, "measured_here": frozenset[str](), "records": stored, **changes}
    return two_machines.site(root, **values)


def words(site: Site, record: Record = FIRST) -> list[str]:
    return list(in_words(repetitions(site, record.id)))


def test_another_contributor_reproduces_with_a_ratio_and_its_interval(tmp_path: Path) -> None:
    (reproduction,) = repetitions(made := site(tmp_path, again()), FIRST.id)
    assert (reproduction.relation, reproduction.agrees) == ("reproduction", True)
    compared = {comparison.key: comparison for comparison in reproduction.comparisons}["library;n=512"]
    assert compared.low is not None
    assert compared.high is not None
    assert compared.ratio == pytest.approx(80 / 79, rel=1e-3)
    assert compared.low < 0.97 < 1.05 < compared.high  # runs differ by more than the launches of one
    assert "runs measured elsewhere" in compared.between
    assert words(made) == ["reproduced by A. Person"]


def test_the_same_one_and_an_unknown_one_only_repeat(tmp_path: Path) -> None:
    own = site(tmp_path, again(), contributed={})
    assert words(own) == ["repeated by the project"]
    assert words(site(tmp_path, again(), by=UNKNOWN)) == [f"repeated by {UNKNOWN}"]
    theirs = {id: Contribution(id, name) for id, name in ((FIRST.id, "A. Person"), (again().id, "a. person"))}
    assert words(site(tmp_path, again(), contributed=theirs)) == ["repeated by a. person"]


def test_a_key_tells_more_than_a_name(tmp_path: Path) -> None:
    known = {name: Signature("signed by a known key", name, f"ED25519 SHA256:{name}") for name in ("alice", "bob")}
    unknown = Signature("signed by an unknown key", "", "ED25519 SHA256:carol")
    names = {FIRST.id: Contribution(FIRST.id, "A. Person"), again().id: Contribution(again().id, "A. Person")}

    def said(first: Signature, second: Signature, contributed: dict[str, Contribution] | None = None) -> list[str]:
        contributed = contributed or {again().id: names[again().id]}
        signatures = {FIRST.id: first, again().id: second}
        return words(site(tmp_path, again(), signatures=signatures, contributed=contributed))

    assert said(known["alice"], known["bob"]) == ["reproduced by A. Person"]
    assert said(known["alice"], known["alice"]) == ["repeated by A. Person"]  # who took another name
    assert said(unknown, unknown) == ["repeated by A. Person"]
    assert said(known["alice"], known["bob"], names) == ["reproduced by A. Person"]  # two people of one name
    assert said(known["alice"], unknown, names) == ["repeated by A. Person"]
    assert said(known["alice"], replace(known["alice"], key="RSA SHA256:a")) == ["repeated by A. Person"]


def test_another_class_of_machine_is_listed_apart(tmp_path: Path) -> None:
    other = again(machine=replace(two_machines.ZEN, id="zen4-8c-24g-0000", cores=8))
    assert words(site(tmp_path, other)) == ["run on another class of machine by A. Person"]


def test_an_id_does_not_make_a_class(tmp_path: Path) -> None:
    other = again(machine=replace(two_machines.ZEN, cores=8))
    assert words(site(tmp_path, other)) == ["run on another class of machine by A. Person"]


def test_a_different_result_is_not_called_a_reproduction(tmp_path: Path) -> None:
    assert words(site(tmp_path, again(40e9))) == ["run again by A. Person, with a different result"]
    few = tuple(replace(point, launches=point.launches[:2]) for point in two_machines.gemm_points(79e9))
    assert words(site(tmp_path, again(points=few))) == ["run again by A. Person, without figures that can be compared"]


def test_what_names_the_record_and_ran_something_else_does_not_count(tmp_path: Path) -> None:
    for changes in (
        {"digest": "d2"},
        {"example": "silicon/roofs"},
        {"device": "cuda"},
        {"repeats": "0" * 64},
        {"repeats": None},
    ):
        assert words(site(tmp_path, again(**changes))) == [], changes
    loaded = with_id(replace(FIRST, closure=(("examples/kernels/a.bin", "aa"),)))
    other = again(repeats=loaded.sha256, closure=(("examples/kernels/a.bin", "bb"),))
    made = site(tmp_path, other, records={record.id: record for record in (loaded, other)})
    assert words(made, loaded) == []


def test_a_withdrawn_repetition_does_not_count(tmp_path: Path) -> None:
    record = again()
    withdrawn = {record.id: Withdrawal(record.id, "2026-11-23", "The clock was wrong.")}
    assert words(site(tmp_path, record, withdrawn=withdrawn)) == []


def test_what_the_project_has_reproduced_is_no_longer_called_unverified(tmp_path: Path) -> None:
    contributed = {FIRST.id: Contribution(FIRST.id, "A. Person")}
    assert attribution(site(tmp_path, contributed=contributed), FIRST) == (
        "contributed by A. Person, not verified by the project"
    )
    made = site(tmp_path, again(), contributed=contributed)
    assert attribution(made, FIRST) == "contributed by A. Person, reproduced by the project"
    impostor = contributed | {again().id: Contribution(again().id, "The Project")}
    forged = site(tmp_path, again(), contributed=impostor)
    assert attribution(forged, FIRST) == "contributed by A. Person, not verified by the project"
    assert words(forged) == ["reproduced by The Project (contributor)"]


def test_a_copy_with_another_date_is_not_a_repetition(tmp_path: Path) -> None:
    assert words(site(tmp_path, again(80e9))) == []
    one_copied = (FIRST.points[0], *two_machines.gemm_points(79e9)[1:])
    assert words(site(tmp_path, again(points=one_copied))) == []


@pytest.mark.parametrize("summarised", [True, False])
def test_records_of_a_build_leave_their_blocks_in_files_and_repeat_as_well(tmp_path: Path, summarised: bool) -> None:
    copy = again(points=FIRST.points)
    layout = Layout(tmp_path)
    for record in (FIRST, again(), copy):
        store.write(layout, record)
    store.read_all(layout, [], summarised=True)  # the first reading makes the summaries
    records = store.read_all(layout, [], summarised=summarised)
    made = site(tmp_path, again(), copy, records=records)
    assert [each.record.id for each in repetitions(made, FIRST.id)] == [again().id]
    assert words(made) == ["reproduced by A. Person"]
    assert why_not_counted(made, records[FIRST.id], records[copy.id]) == "it contains a launch of that record"
