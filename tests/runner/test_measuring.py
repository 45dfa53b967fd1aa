"""Whole runs over small trees of examples: what becomes a record, what does not, and who suffers from whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from stackdoc.errors import Problem, StackdocError
from stackdoc.plan.project import read_project
from stackdoc.project import MEASURING_LOCK, Layout
from stackdoc.records.ledger import entries
from stackdoc.records.store import read_all
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.progress import ExampleEnded, LaunchEnded, RunStarted
from tests.made.events import EventLog
from tests.made.scripts import FAST, GOOD, written

MEASURED = "from stackdoc import Work, example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=300)\n"


def actions(root: Path) -> dict[str, str]:
    from stackdoc.run.situation import assess

    return {
        decision.example: f"{decision.action}: {decision.reason}"
        for decision in assess(read_project(Layout(root))).decisions
    }


def test_a_bad_neighbour_harms_nobody_and_leaves_no_record(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD)
    written(tmp_path, "kernels/broken", MEASURED + "raise ValueError('on purpose')", launches="5")
    written(tmp_path, "data/hangs", "while True: pass", budget_seconds="0.5")
    written(tmp_path, "data/empty", "from stackdoc import example\nexample()")
    summary = bring_up_to_date(read_project(Layout(tmp_path)), progress=(told := EventLog()), limits=FAST)

    names = {result.example: result.outcome.name for result in summary.results}
    assert names == {
        "kernels/good": "ok",
        "kernels/broken": "failed",
        "data/hangs": "timeout",
        "data/empty": "ok",
    }
    assert summary.outcomes["kernels/broken@cpu"].startswith("failed: ValueError: on purpose (line ")
    assert {record.example for record in read_all(Layout(tmp_path), []).values()} == {"data/empty", "kernels/good"}
    assert len(list((tmp_path / Layout(Path()).records).rglob("*"))) == 7  # machine, and layer, name and record of both
    launches = [event.example for event in told.events if isinstance(event, LaunchEnded)]
    assert launches.count("kernels/broken") == 1
    assert 3 <= launches.count("kernels/good") <= 6  # one to display, two timed, what makes up for disturbed ones
    assert isinstance(told.events[0], RunStarted)
    ended = [event for event in told.events if isinstance(event, ExampleEnded)]
    assert (len(ended), ended[-1].remaining_examples, ended[-1].remaining_seconds) == (4, 0, 0.0)


@pytest.mark.case(37, 46)
def test_what_is_fresh_runs_no_process_and_what_changed_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "kernels/good", "import helper\n" + MEASURED)
    helper = path.with_name("helper.py")
    helper.write_text("VALUE = 1\n")
    page = tmp_path / "docs" / "layers" / "kernels.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Kernels\n")
    (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    assert result.record is not None
    assert entries(Layout(tmp_path)) == {result.record.sha256}
    assert dict(result.record.closure).keys() == {"examples/kernels/good.py", "examples/kernels/helper.py"}

    page.write_text("# Kernels\n\nOther prose.\n")
    assert actions(tmp_path) == {"kernels/good": "reuse: fresh"}
    again = bring_up_to_date(read_project(Layout(tmp_path)), progress=(told := EventLog()), limits=FAST)
    assert (again.results, told.events) == ((), [])

    helper.write_text("VALUE = 2\n")
    assert actions(tmp_path) == {"kernels/good": "run: source changed: examples/kernels/helper.py"}


def test_every_record_has_the_controls_of_its_run(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path, f"kernels/{name}", GOOD)
    results = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    problems: list[Problem] = []
    records = list(read_all(Layout(tmp_path), problems).values())
    assert problems == []
    assert [result.record for result in results if result.record] == sorted(
        records, key=lambda record: [result.example for result in results].index(record.example)
    )
    for record in records:
        assert [control.name for control in record.controls] == ["product", "triad", "interpreter", "dispatch"]
        for control in record.controls:
            assert control.made_with.startswith("controls/1, Python 3.")
            rounds = [launch.index for launch in control.launches]
            assert rounds == list(range(len(rounds)))
            assert len(rounds) >= len(record.points[0].launches)
            assert sum(map(sum, (launch.wall_ns for launch in control.launches))) < len(rounds) * 0.06e9
    assert records[0].controls[0].launches[:2] == records[1].controls[0].launches[:2]


def test_a_rate_above_the_roof_is_refused(tmp_path: Path) -> None:
    roofs = """
        from stackdoc import Work, example
        ex = example()
        ex.measure("gemm", lambda: sum(range(30000)), dtype="float32", n=8, work=Work(flop=1e6))
    """
    written(tmp_path, "silicon/roofs", roofs, roofs="true", layer='"silicon"')
    body = "from stackdoc import Work, example\nex = example()\nex.measure('x', lambda: sum(range(300)), {})\n"
    written(tmp_path, "kernels/impossible", body.format("dtype='float32', work=Work(flop=1e9)"))
    written(tmp_path, "kernels/possible", body.format("dtype='float32', work=Work(flop=1e2)"))
    told = EventLog()
    summary = bring_up_to_date(read_project(Layout(tmp_path)), progress=told, limits=FAST)
    by_name = {result.example: result for result in summary.results}
    assert by_name["kernels/impossible"].outcome.name == "refused"
    assert "of the measured roof" in by_name["kernels/impossible"].outcome.reason
    possible, roof = by_name["kernels/possible"].record, by_name["silicon/roofs"].record
    assert possible is not None
    assert roof is not None
    assert possible.roofs == roof.id
    order = [event.example for event in told.events if isinstance(event, LaunchEnded)]
    assert set(order[:3]) == {"silicon/roofs"}


def test_a_script_that_writes_its_own_result_ends_no_other_example(tmp_path: Path) -> None:
    forged = "import os\nopen('../../report.json', 'w').write('{\"result\": 5}')\nos._exit(0)\n"
    written(tmp_path, "kernels/forged", forged, launches="1")
    written(tmp_path, "kernels/good", GOOD, launches="1")
    results = {
        one.example: one.outcome for one in bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    }
    assert {example: outcome.name for example, outcome in results.items()} == {
        "kernels/forged": "no-result",
        "kernels/good": "ok",
    }
    assert "its result is malformed" in results["kernels/forged"].reason


@pytest.mark.case(20)
def test_what_an_example_prints_is_stored_printable(tmp_path: Path) -> None:
    body = MEASURED + r"print('\x1b[1mbold\x1b[0m \x00', '10 %\r100 %', sep='\n')"
    written(tmp_path, "kernels/prints", body, launches="1")
    (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    assert result.record is not None, result.outcome
    assert [output.data for output in result.record.outputs] == ["bold \n100 %\n"]


def test_a_label_names_no_place_of_this_computer(tmp_path: Path) -> None:
    body = MEASURED + f"ex.report('size', 1.0, unit='B', better='lower', label='of {tmp_path.resolve()}/data.bin')\n"
    written(tmp_path, "kernels/labels", body, launches="1")
    (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    assert result.record is not None, result.outcome
    assert [point.label for point in result.record.points if point.name == "size"] == ["of ./data.bin"]


def test_points_that_differ_between_launches_are_no_record(tmp_path: Path) -> None:
    written(tmp_path, "kernels/changing", MEASURED + "import os\nex.report('own', 1.0, unit='1', pid=os.getpid())\n")
    (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    assert result.outcome.name == "failed"
    assert "measured different points" in result.outcome.reason


@pytest.mark.case(33, 49)
@pytest.mark.parametrize("place", ["docs/records", ".stackdoc"])
def test_what_cannot_be_stored_is_not_measured(tmp_path: Path, place: str) -> None:
    written(tmp_path, "kernels/good", GOOD)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("a file where a directory is wanted")
    with pytest.raises(StackdocError, match="can't be written"):
        bring_up_to_date(read_project(Layout(tmp_path)), progress=(told := EventLog()), limits=FAST)
    assert told.events == []


def test_a_second_run_in_the_same_checkout_stops_at_once(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD)
    (tmp_path / MEASURING_LOCK).parent.mkdir()
    with FileLock(tmp_path / MEASURING_LOCK), pytest.raises(StackdocError, match="another run is measuring"):
        bring_up_to_date(read_project(Layout(tmp_path)))


@pytest.mark.case(29)
def test_an_interrupted_run_keeps_what_had_ended_and_nothing_half_written(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD, launches="1")
    written(tmp_path, "data/long", f"{MEASURED}while True: pass", budget_seconds="60")
    program = (
        "import signal, sys\nfrom pathlib import Path\nfrom stackdoc.run.measuring import bring_up_to_date\n"
        "from stackdoc.plan.project import read_project\nfrom stackdoc.project import Layout\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"layout = Layout(Path({str(tmp_path)!r}))\n"
        "bring_up_to_date(read_project(layout), patterns=['kernels'])\n"
        "bring_up_to_date(read_project(layout))\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 20
    while not entries(Layout(tmp_path)) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=10)
    assert "KeyboardInterrupt" in told
    problems: list[Problem] = []
    (record,) = read_all(Layout(tmp_path), problems).values()
    assert (record.example, problems) == ("kernels/good", [])
    assert entries(Layout(tmp_path)) == {record.sha256}
    assert [path.name for path in (tmp_path / Layout(Path()).records).rglob("*") if path.is_file()] == [
        f"{record.id}.json"
    ]
    assert actions(tmp_path)["kernels/good"] == "reuse: fresh"  # the lock has fallen, the next run works


def test_a_round_has_a_process_of_its_own_that_its_launches_are_forks_of(tmp_path: Path) -> None:
    body = """
        import os
        from stackdoc import example
        supervisor = open(f"/proc/{os.getppid()}/stat").read().split()[3]
        with open(LOG, "a") as log:
            log.write(supervisor + "\\n")
        example().report("one", 1.0)
    """
    forks: list[set[str]] = []
    for name in ("one", "other"):
        log = tmp_path / name
        written(tmp_path, f"kernels/{name}", body.replace("LOG", repr(str(log))), launches="3")
    results = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    for name in ("one", "other"):
        display, *timed = (tmp_path / name).read_text().splitlines()
        assert len(set(timed)) == len(timed) == 3
        forks.append({display, *timed})
    assert forks[0] == forks[1]
    assert [result.record.launched for result in results if result.record] == ["forked", "forked"]


def test_displays_run_side_by_side_and_timed_launches_alone(tmp_path: Path) -> None:
    body = """
        import os, time
        from stackdoc import example
        began = time.monotonic()
        time.sleep(0.4)
        example().report("one", 1.0)
        with open(LOG, "a") as log:
            log.write(f"{began} {time.monotonic()}\\n")
    """
    for name in ("one", "other"):
        written(tmp_path, f"kernels/{name}", body.replace("LOG", repr(str(tmp_path / name))), launches="2")
    bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST)
    one, other = (spans(tmp_path / name) for name in ("one", "other"))
    assert overlap(one[0], other[0]) is (len(os.sched_getaffinity(0)) > 1)
    assert not any(overlap(a, b) for a in one[1:] for b in other[1:])


def spans(log: Path) -> list[tuple[float, ...]]:
    return [tuple(map(float, line.split())) for line in log.read_text().splitlines()]


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[1] and b[0] < a[1]
