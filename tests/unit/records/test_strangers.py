"""What a stranger's record or bundle must not do: lead the site, rename its pages, hang it, or stop a checkout."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.provenance import Contribution
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.arrival import import_bundle
from stackdoc.records.bundle import pack
from stackdoc.records.identity import with_id
from stackdoc.records.sanity import impossible_values
from stackdoc.render.html.markdown_twin import markdown
from stackdoc.render.pages.example import sanitised
from stackdoc.render.pages.listings import records_of
from stackdoc.site.first_machine import first_machine
from tests.made import two_machines
from tests.made.records import made_record

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.case(67)
def test_a_bundle_does_not_choose_the_machine_that_is_shown_first(tmp_path: Path) -> None:
    stranger = replace(two_machines.ZEN, id="a-stranger")
    theirs = [
        two_machines.record(f"{n:012x}", example, stranger, two_machines.gemm_points(1e12))
        for n, example in enumerate(("kernels/gemm", "silicon/roofs"))
    ]
    site = replace(two_machines.site(tmp_path, *theirs), measured_here=frozenset())
    assert first_machine(site) == "a-stranger"
    contributed = {record.id: Contribution(record.id, "A. Stranger") for record in theirs}
    assert first_machine(replace(site, contributed=contributed)) == two_machines.ZEN.id


@pytest.mark.case(67)
def test_a_stranger_does_not_describe_a_machine_that_the_project_knows(tmp_path: Path) -> None:
    forged = replace(two_machines.ZEN, cpu="Forged CPU 9000", cores=512)
    later = two_machines.record(
        "dddddddddddd", "kernels/gemm", forged, two_machines.gemm_points(1e12), measured_at="2026-11-28T00:00:00Z"
    )
    site = two_machines.site(tmp_path, later, contributed={later.id: Contribution(later.id, "A. Stranger")})
    assert next(record.machine.cpu for record in records_of(site, two_machines.ZEN.id)) == two_machines.ZEN.cpu


@pytest.mark.parametrize("id", ["index", "README", "Here"])
def test_the_name_of_a_machine_replaces_no_page(id: str) -> None:
    record = made_record()
    faults = dict(impossible_values(replace(record, machine=replace(record.machine, id=id))))
    assert "is reserved" in faults["machine.id"]


def test_a_time_is_in_seconds() -> None:
    record = made_record()
    point = replace(record.points[0], kind="time", unit="ms")
    assert ("points[0].unit", f"{point.key}: is 'ms'; times are in s") in list(
        impossible_values(replace(record, points=(point,)))
    )


@pytest.mark.parametrize("by", ["A\u202eB", "A\u2066B", "A\ufeffB", "A\x1b[2JB"])
@pytest.mark.case(69)
def test_a_name_that_no_file_can_hold_is_refused_when_packed_and_when_taken_in(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = with_id(made_record())
    with pytest.raises(StackdocError, match="needs a name of one line"):
        pack([record], by)
    with monkeypatch.context() as forged:
        forged.setattr("stackdoc.records.bundle._is_line", lambda _: True)
        content = pack([record], by)
    (tmp_path / "records.zip").write_bytes(content)
    with pytest.raises(StackdocError):
        import_bundle(Layout(tmp_path), tmp_path / "records.zip", {}, NOW)
    assert not (tmp_path / "docs").exists()


@pytest.mark.parametrize("id", [".", "a b", "<img src=x>", "zen\u202e"])
def test_a_record_that_was_put_there_by_hand_needs_a_proper_machine_too(tmp_path: Path, id: str) -> None:
    record = made_record()
    record = with_id(replace(record, machine=replace(record.machine, id=id)))
    path = tmp_path / store.record_path(Layout(tmp_path), record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(store.file_content(record))
    problems: list[object] = []
    assert store.read_all(Layout(tmp_path), problems) == {}  # type: ignore[arg-type]
    assert problems


@pytest.mark.case(80)
def test_html_of_a_stranger_looks_like_none_of_our_numbers() -> None:
    html = (
        '<span class="sd-value sd-measured">2 ns</span><div class="md-header">x</div><table class="dataframe"><tr><td>1'
    )
    assert "sd-" not in sanitised(html)
    assert "md-" not in sanitised(html)
    assert '<table class="dataframe">' in sanitised(html)


@pytest.mark.parametrize("html", ["<b>" * 200_000, "<b>" * 100_000 + "x" + "</b>" * 100_000, "<p>a</q>" * 100_000])
def test_deep_html_costs_no_more_than_its_length(html: str) -> None:
    started = time.process_time()
    markdown(html)
    assert time.process_time() - started < 10
