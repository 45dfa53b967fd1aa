"""The records that a project vouches for are on a list of digests; what is on no list counts as contributed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.registered import load_site
from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.lists import read_contributions
from stackdoc.site.status import attribution
from tests.made.project import make_project
from tests.made.records import made_record

OURS = made_record(example="pot/boiling", measured_at="2026-01-01T00:00:00Z")
THEIRS = made_record(example="pot/boiling", measured_at="2026-06-01T00:00:00Z")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a record that it vouches for, and one that somebody committed."""
    make_project(tmp_path)
    store.write(Layout(tmp_path), OURS)
    assert ran(tmp_path, "records", "--vouch").output.endswith("docs/data/vouched.txt: 1 added\n")
    store.write(Layout(tmp_path), THEIRS)
    return tmp_path


def ran(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *words])


@pytest.mark.case(67)
def test_a_record_on_no_list_counts_as_contributed_and_check_names_it(root: Path) -> None:
    site = load_site(root)
    assert (site.contributor(OURS), site.contributor(THEIRS)) == ("", "an unknown person")
    assert "not verified" in attribution(site, THEIRS)
    checked = ran(root, "check")
    assert (checked.exit_code, f"{THEIRS.id}.json: is neither in docs/data/vouched.txt" in checked.stderr) == (1, True)
    assert OURS.id not in checked.stderr


def test_what_others_contributed_is_shown_beside_what_the_project_vouches_for(root: Path) -> None:
    site = load_site(root)
    assert site.current(OURS.example, OURS.machine.id) == OURS
    assert site.current(OURS.example, f"{OURS.machine.id}~contributed") == THEIRS


def test_records_measured_here_count_as_measured_here_before_they_are_listed(root: Path) -> None:
    ledger.enter(Layout(root), [THEIRS])
    site = load_site(root)
    assert (site.contributor(THEIRS), site.machine_key(THEIRS)) == ("", "here")
    checked = ran(root, "check")
    assert (checked.exit_code, "vouched.txt: does not list 1 of the records measured here" in checked.stdout) == (
        0,
        True,
    )
    (root / ".stackdoc/ledger.json").unlink()  # as elsewhere
    assert ran(root, "check").exit_code == 1


def test_vouching_leaves_out_contributed_records_and_needs_no_second_time(root: Path) -> None:
    (root / "docs/data/contributed.yml").write_text(f'- {{record: "{THEIRS.id}", by: A. Person}}\n', "utf-8")
    assert ran(root, "records", "--vouch").output == "docs/data/vouched.txt: 0 added\n"
    assert ran(root, "check").exit_code == 0
    (root / "docs/data/contributed.yml").unlink()
    added = ran(root, "records", "--vouch", THEIRS.id).output
    assert added.startswith(f"{THEIRS.sha256} pot/boiling on {THEIRS.machine.id}\n")
    assert ran(root, "check").exit_code == 0


def test_a_record_on_both_lists_is_named(root: Path) -> None:
    (root / "docs/data/contributed.yml").write_text(f'- {{record: "{OURS.id}", by: A. Person}}\n', "utf-8")
    assert f"vouches for record {OURS.id}, which is listed as contributed" in ran(root, "check").stderr


def test_a_line_that_is_not_a_digest_is_named_with_its_line(root: Path) -> None:
    with (root / "docs/data/vouched.txt").open("a") as stream:
        stream.write(f"{THEIRS.id}\n")
    assert f"docs/data/vouched.txt:3: '{THEIRS.id}' is not a SHA-256" in ran(root, "check").stderr


def test_a_project_without_a_list_vouches_for_all_that_is_not_contributed(tmp_path: Path) -> None:
    make_project(tmp_path)
    store.write(Layout(tmp_path), OURS)
    assert load_site(tmp_path).contributor(OURS) == ""
    assert ran(tmp_path, "check").exit_code == 0


@pytest.mark.case(70)
def test_the_list_of_contributions_may_be_long(tmp_path: Path) -> None:
    """As many as there are records: earlier versions stopped at 7,142."""
    entries = "".join(f'- {{"record": "{number:016x}", "by": "A. Person", "contact": ""}}\n' for number in range(7_200))
    (tmp_path / "docs/data").mkdir(parents=True)
    (tmp_path / "docs/data/contributed.yml").write_text(entries)
    problems: list[Problem] = []
    assert len(read_contributions(Layout(tmp_path), problems)) == 7_200
    assert problems == []


def test_what_is_measured_for_a_machine_of_a_class_proves_nothing(root: Path) -> None:
    """A committed ledger claims that the record was measured here, and its machine is of the class of this one."""
    ledger.enter(Layout(root), [THEIRS])
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run(["git", "-C", root, "add", "--force", ".stackdoc/ledger.json"], check=True)
    assert load_site(root).contributor(THEIRS) == "an unknown person"


@pytest.mark.case(73)
def test_an_example_that_must_fail_is_listed_without_a_figure(root: Path) -> None:
    """It is measured without points."""
    expected = made_record(example="pot/expected", points=())
    store.write(Layout(root), expected)
    listed = ran(root, "records", "pot/expected")
    assert (listed.exit_code, listed.output.splitlines()[1].split()[-1]) == (0, expected.id)
