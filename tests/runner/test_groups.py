"""Runs in groups: what a stopped one keeps, and what one with too little time leaves to the next."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.progress import LaunchEnded, RunEnded, RunStarted
from stackdoc.run.situation import assess
from tests.made.events import EventLog
from tests.made.scripts import FAST, GOOD, written
from tests.made.waiting import until

RUN = "import sys\nfrom stackdoc.adapters.cli.main import main\nsys.argv = ['stackdoc', *sys.argv[1:]]\nmain()\n"
HOLDS = """
    import pathlib, time
    from stackdoc import example
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
    pathlib.Path({mark!r}).touch()
    time.sleep(60)
"""


def actions(root: Path) -> dict[str, str]:
    return {decision.example: decision.reason for decision in assess(read_project(Layout(root))).decisions}


def test_a_run_that_is_terminated_in_its_third_group_has_the_records_of_the_first_two(tmp_path: Path) -> None:
    """Without records the limits decide: long ones make groups of one, until launches show how little they mean."""
    written(tmp_path, "silicon/roofs", GOOD, roofs="true", layer='"silicon"', budget_seconds="300")
    written(tmp_path, "kernels/a", GOOD, budget_seconds="36000")
    mark = tmp_path / "third"
    written(tmp_path, "kernels/b", HOLDS.format(mark=str(mark)), budget_seconds="300")
    command = (sys.executable, "-c", RUN, "--root", str(tmp_path), "measure")
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until(mark.exists, 120)
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=30)
    assert run.returncode == 128 + signal.SIGTERM, output
    records = store.read_all(Layout(tmp_path), [])
    assert sorted(record.example for record in records.values()) == ["kernels/a", "silicon/roofs"]
    assert all(record.controls for record in records.values())
    assert actions(tmp_path) == {
        "silicon/roofs": "fresh",
        "kernels/a": "fresh",
        "kernels/b": "no record of this machine",
    }


def test_what_does_not_fit_into_the_minutes_is_skipped_with_the_reason_and_measured_next_time(tmp_path: Path) -> None:
    written(tmp_path, "kernels/long", GOOD, budget_seconds="3600")
    written(tmp_path, "kernels/short", GOOD, budget_seconds="10")
    first = CliRunner().invoke(main, ["--root", str(tmp_path), "measure", "--minutes", "0.5"])
    assert first.exit_code == 0, first.output
    announced = (
        r"2 examples to measure, at least 6 launches, about 18 min \d s, "
        r"a guess where no record is of the current source; 30 s allowed\n"
    )
    assert re.match(announced, first.output)
    assert "1 example left to the next run\nmeasured 1, reused 0, skipped 1, failed 0" in first.output
    assert "  skipped   kernels/long on cpu: about " in first.output
    assert "left; the next run measures it" in first.output
    assert actions(tmp_path) == {"kernels/long": "no record of this machine", "kernels/short": "fresh"}
    second = CliRunner().invoke(main, ["--root", str(tmp_path), "measure"])
    assert "measured 1, reused 1, skipped 0, failed 0" in second.output


def test_without_time_for_the_roofs_nothing_is_measured(tmp_path: Path) -> None:
    written(tmp_path, "silicon/roofs", GOOD, roofs="true", layer='"silicon"', budget_seconds="3600")
    written(tmp_path, "kernels/a", GOOD)
    summary = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST, minutes=0.5, progress=(told := EventLog()))
    assert (summary.results, summary.failures) == ((), ())
    assert {decision.action for decision in summary.decisions} == {"skip"}
    roofs, other = (decision.reason for decision in summary.decisions)
    assert "s were needed and 30 s left; the next run measures it" in roofs
    assert other == "skipped: the roofs come first, and there was no time for them; the next run measures it"
    assert list(map(type, told.events)) == [RunStarted, RunEnded]


def test_priorities_decide_which_group_comes_first(tmp_path: Path) -> None:
    for name in "ab":
        written(tmp_path, f"kernels/{name}", GOOD, launches="1", budget_seconds="3600")
    told = EventLog()
    bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST, priorities={"kernels/b": 0}, progress=told)
    launched = [event.example for event in told.events if isinstance(event, LaunchEnded)]
    assert [example for example, _ in groupby(launched)] == ["kernels/b", "kernels/a"]


def test_a_short_commit_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--root", str(tmp_path), "measure", "--commit", "abc123"])
    assert result.exit_code == 2
    assert "'abc123' is not the full name of a commit" in result.output
