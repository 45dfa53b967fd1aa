"""Which record counts: plans, pages, statuses and `stackdoc compare` have one answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.registered import load_site
from stackdoc.examples.read import read_examples
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record
from stackdoc.plan.plan import current_local_record, plan
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.current import HERE
from stackdoc.site.site import Site
from stackdoc.site.status import status_of
from tests.made.project import make_project
from tests.made.records import MACHINE, SOFTWARE, made_example, made_host, made_record

EXAMPLE = made_example(devices=("cpu",))
EARLIER, LATER = "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
OLD_TORCH = dataclasses.replace(SOFTWARE, packages={"torch": "2.11.0"})


def site_of(
    records: Iterable[Record],
    here: Iterable[Record] = (),
    withdrawn: Iterable[Record] = (),
    contributed: Iterable[Record] = (),
) -> Site:
    return Site(
        Layout(Path()),
        {EXAMPLE.id: EXAMPLE},
        {one.id: one for one in records},
        measured_here=frozenset(one.id for one in here),
        withdrawn={one.id: Withdrawal(one.id, "2026-07-01", "Wrong.") for one in withdrawn},
        contributed={one.id: Contribution(one.id, "A. Person") for one in contributed},
    )


def test_a_quick_record_on_newer_software_supersedes_the_full_one_on_older() -> None:
    old, new = made_record(profile="full", measured_at=EARLIER, software=OLD_TORCH), made_record(measured_at=LATER)
    site, known = site_of([old, new], here=[old, new]), {one.id: one for one in (old, new)}
    (decision,) = plan([EXAMPLE], known, made_host(old, new))
    assert (decision.action, decision.record) == ("reuse", new.id)
    assert site.current(EXAMPLE.id, HERE) == new
    assert status_of(site, new).word == "current"
    assert (status_of(site, old).word, status_of(site, old).newest) == ("superseded", new)


def test_what_a_full_plan_calls_fresh_is_what_the_page_shows() -> None:
    """A newer quick record is shown, so the full one beneath it is not fresh."""
    full, quick = made_record(profile="full", measured_at=EARLIER), made_record(measured_at=LATER)
    known = {one.id: one for one in (full, quick)}
    (decision,) = plan([EXAMPLE], known, made_host(full, quick), profile="full")
    assert (decision.action, decision.reason) == ("run", "the current record is from a quick run")
    assert decision.record == quick.id


def test_the_newest_counts_however_its_launches_were_started() -> None:
    forked, fresh = made_record(launched="forked", measured_at=EARLIER), made_record(measured_at=LATER)
    known = {one.id: one for one in (forked, fresh)}
    assert current_local_record(EXAMPLE, "cpu", known, made_host(forked, fresh)) == fresh
    assert site_of([forked, fresh], here=[forked, fresh]).current(EXAMPLE.id, HERE) == fresh


def test_of_two_records_of_one_second_the_full_one_counts() -> None:
    full, quick = made_record(profile="full"), made_record()
    assert site_of([full, quick]).current(EXAMPLE.id, MACHINE.id) == full


@pytest.mark.parametrize("digest", ["d0", EXAMPLE.digest])
@pytest.mark.case(67)
def test_a_contributed_record_never_supersedes_one_that_the_project_vouches_for(digest: str) -> None:
    ours = made_record(digest=digest, measured_at=EARLIER)
    theirs = made_record(profile="full", measured_at="2025-12-31T00:00:00Z")
    later = made_record(profile="full", measured_at=LATER)
    site = site_of([ours, theirs, later], contributed=[theirs, later])
    assert site.current(EXAMPLE.id, MACHINE.id) == ours
    assert status_of(site, ours).word == ("older source" if digest == "d0" else "current")
    assert (status_of(site, theirs).newest, status_of(site, later).newest) == (later, None)
    assert site.current(EXAMPLE.id, f"{MACHINE.id}~contributed") == later


def test_what_was_measured_here_counts_here_though_it_is_on_the_list_of_contributions() -> None:
    """Whoever contributed it sees it on their own pages, as their plan does."""
    old, handed_in = made_record(measured_at=EARLIER), made_record(measured_at=LATER)
    site = site_of([old, handed_in], here=[old, handed_in], contributed=[handed_in])
    known = {one.id: one for one in (old, handed_in)}
    assert site.current(EXAMPLE.id, HERE) == handed_in
    assert current_local_record(EXAMPLE, "cpu", known, made_host(old, handed_in)) == handed_in


RECORDS = st.builds(
    lambda digest, profile, launched, day, torch: made_record(
        digest=digest,
        profile=profile,
        launched=launched,
        measured_at=f"2026-01-0{day}T00:00:00Z",
        software=dataclasses.replace(SOFTWARE, packages={"torch": torch}),
    ),
    st.sampled_from(["d0", EXAMPLE.digest]),
    st.sampled_from(["quick", "full"]),
    st.sampled_from(["forked", "fresh"]),
    st.integers(1, 4),
    st.sampled_from(["2.11.0", "2.12.0"]),
)
MARKS = st.sets(st.integers(0, 7))


@given(st.lists(RECORDS, max_size=8, unique_by=lambda record: record.id), MARKS, MARKS, MARKS)
def test_plan_site_and_status_agree(
    records: list[Record], here: set[int], withdrawn: set[int], contributed: set[int]
) -> None:
    here_ones, withdrawn_ones, contributed_ones = (
        [record for index, record in enumerate(records) if index in marks] for marks in (here, withdrawn, contributed)
    )
    site = site_of(records, here_ones, withdrawn_ones, contributed_ones)
    valid = {one.id: one for one in records if one not in withdrawn_ones}
    assert current_local_record(EXAMPLE, "cpu", valid, made_host(*here_ones)) == site.current(EXAMPLE.id, HERE)
    (decision,) = plan([EXAMPLE], valid, made_host(*here_ones), profile="full")
    assert decision.action == "run" or site.records[decision.record] == site.current(EXAMPLE.id, HERE)
    for one in valid.values():
        found = status_of(site, one)
        assert (found.word == "superseded") == (site.current(EXAMPLE.id, site.machine_key(one)) != one)
        if found.newest is not None and alike(site, one) == alike(site, found.newest):
            assert found.newest.measured_at >= one.measured_at


def alike(site: Site, record: Record) -> tuple[bool, bool]:
    """Source and standing: whether it is of the present source, whether the project vouches for it."""
    strange = bool(site.contributor(record)) and site.machine_key(record) != HERE
    return EXAMPLE.matches(record.digest), strange


def test_compare_takes_the_records_that_the_pages_show(tmp_path: Path) -> None:
    make_project(tmp_path)
    (example,) = read_examples(tmp_path, []).values()
    other = dataclasses.replace(MACHINE, id="other-2c-24g-0000")
    common = {"example": example.id, "digest": example.digest, "closure": example.closure}
    base = made_record(**common, machine=other)
    here = [
        made_record(**common, measured_at=EARLIER),
        made_record(**common, measured_at="2026-02-01T00:00:00Z", profile="full"),
        made_record(**common, measured_at="2026-03-01T00:00:00Z"),
        made_record(**{**common, "digest": "d0"}, measured_at="2026-04-01T00:00:00Z", profile="full"),
        made_record(**common, measured_at="2026-05-01T00:00:00Z"),
    ]
    for record in (base, *here):
        store.write(Layout(tmp_path), record)
    ledger.enter(Layout(tmp_path), here)
    entry = f'- {{record: "{here[4].id}", date: "2026-11-23", reason: Wrong.}}\n'
    (tmp_path / "docs/data/withdrawn.yml").write_text(entry, "utf-8")
    assert load_site(tmp_path).current(example.id, HERE) == here[2]
    for name in (HERE, MACHINE.id):
        done = CliRunner().invoke(main, ["--root", str(tmp_path), "compare", other.id, name])
        assert f"({here[2].id} over {base.id})" in done.stdout, done.output
