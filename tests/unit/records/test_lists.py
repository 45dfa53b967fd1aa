"""Withdrawn records keep their place on disk and count nowhere; `withdrawn.yml` is read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.provenance import Withdrawal
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.lists import read_withdrawals
from stackdoc.render.fences.roles import role
from stackdoc.run.situation import assess
from stackdoc.site.status import status_of
from tests.made import two_machines
from tests.made.records import made_record

FILE = "docs/data/withdrawn.yml"


def withdraw(root: Path, *entries: str) -> None:
    (root / "docs/data").mkdir(parents=True, exist_ok=True)
    (root / FILE).write_text("".join(f"- {{{entry}}}\n" for entry in entries), "utf-8")


def test_a_withdrawal_is_read_with_its_date_and_reason(tmp_path: Path) -> None:
    withdraw(tmp_path, 'record: aaaaaaaaaaaa, date: "2026-11-23", reason: The clock was wrong.')
    problems: list[Problem] = []
    found = read_withdrawals(Layout(tmp_path), problems, ["aaaaaaaaaaaa"])
    assert found == {"aaaaaaaaaaaa": Withdrawal("aaaaaaaaaaaa", "2026-11-23", "The clock was wrong.")}
    assert problems == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('record: aaaaaaaaaaab, date: "2026-11-23", reason: Wrong.', "unknown record 'aaaaaaaaaaab'; did you mean"),
        ('record: aaaaaaaaaaaa, date: "2026-11-31", reason: Wrong.', "'2026-11-31' is not a date"),
        ("record: aaaaaaaaaaaa, date: 2026-11-23, reason: Wrong.", "which YAML reads as a date"),
        ('record: aaaaaaaaaaaa, date: "2026-11-23", reason: ""', "reason: is empty"),
        ('record: aaaaaaaaaaaa, date: "2026-11-23"', "lacks 'reason'"),
        ('record: aaaaaaaaaaaa, date: "2026-11-23", raeson: Wrong.', "unknown key 'raeson'"),
        ("record: 123456789012, date: x, reason: Wrong.", "quote it"),
    ],
)
def test_a_withdrawal_in_which_anything_is_wrong_is_refused(tmp_path: Path, entry: str, said: str) -> None:
    withdraw(tmp_path, entry)
    problems: list[Problem] = []
    read_withdrawals(Layout(tmp_path), problems, ["aaaaaaaaaaaa"])
    assert any(said in str(problem) and problem.line == 1 for problem in problems), problems


def test_a_record_is_withdrawn_once(tmp_path: Path) -> None:
    withdraw(tmp_path, *['record: aaaaaaaaaaaa, date: "2026-11-23", reason: Wrong.'] * 2)
    problems: list[Problem] = []
    read_withdrawals(Layout(tmp_path), problems, ["aaaaaaaaaaaa"])
    assert [str(problem) for problem in problems] == [f"{FILE}:2: [1].record: record 'aaaaaaaaaaaa' is withdrawn twice"]


def test_a_withdrawn_record_gives_way_to_the_one_before(tmp_path: Path) -> None:
    newer = two_machines.another(
        9e10,
        measured_at="2026-11-21T00:00:00Z",
    )
    withdrawn = {newer.id: Withdrawal(newer.id, "2026-11-23", "The clock was wrong.")}
    before, after = two_machines.site(tmp_path, newer), two_machines.site(tmp_path, newer, withdrawn=withdrawn)
    old = before.records["aaaaaaaaaaaa"]
    assert status_of(before, old).word == "superseded"
    assert status_of(after, old).word == "current"
    assert status_of(after, newer).reason == "withdrawn on 2026-11-23: The clock was wrong."
    assert status_of(after, newer).newest == old


def test_a_withdrawn_record_is_measured_again(tmp_path: Path) -> None:
    record = made_record()
    store.write(Layout(tmp_path), record)
    assert set(assess(read_project(Layout(tmp_path))).records) == {record.id}
    withdraw(tmp_path, f'record: "{record.id}", date: "2026-11-23", reason: Wrong.')
    assert assess(read_project(Layout(tmp_path))).records == {}


def test_a_page_may_not_pin_a_number_to_a_withdrawn_record(tmp_path: Path) -> None:
    withdrawn = {"aaaaaaaaaaaa": Withdrawal("aaaaaaaaaaaa", "2026-11-23", "The clock was wrong.")}
    site = two_machines.site(tmp_path, withdrawn=withdrawn)
    with pytest.raises(StackdocError, match=r"page.md:7: record aaaaaaaaaaaa is withdrawn: The clock was wrong."):
        role(site, "measured", "kernels/gemm library n=512 time@aaaaaaaaaaaa", "page.md", 7)
