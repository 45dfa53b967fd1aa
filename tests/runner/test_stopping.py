"""A run that is stopped for real: what it leaves running, what on the disk, and where the next one goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import psutil
import pytest

from stackdoc.plan.project import read_project
from stackdoc.project import LAUNCHES, SCRATCH_NOTE, Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.progress import LaunchEnded
from stackdoc.run.resume import EXPIRY_SECONDS, remove_expired
from tests.made.events import EventLog
from tests.made.scripts import FAST, written
from tests.made.waiting import is_alive, until

HOLDS = """
    import os, pathlib, time
    from stackdoc import example
    log, hold = pathlib.Path({log!r}), pathlib.Path({hold!r})
    with log.open("a") as file:
        file.write(f"{{os.getpid()}}\\n")
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
    if hold.exists() and len(log.read_text().splitlines()) > 2:
        time.sleep(60)
"""
RUN = (
    "import signal, sys\nfrom stackdoc.adapters.cli.main import main\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\nsys.argv = ['stackdoc', *sys.argv[1:]]\nmain()\n"
)


def stopped(root: Path, how: signal.Signals, *options: str) -> Path:
    """A run of an example with three timed launches, stopped in the second of them. Returns its scratch directory."""
    log, hold = root / "log", root / "hold"
    hold.touch()
    written(root, "kernels/holds", HOLDS.format(log=str(log), hold=str(hold)), launches="3")
    command = (sys.executable, "-c", RUN, "--root", str(root), "measure", *options)
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: log.exists() and len(log.read_text().splitlines()) == 3)
    below = psutil.Process(run.pid).children(recursive=True)
    assert len(below) >= 2
    scratch = Path(os.fsdecode((root / SCRATCH_NOTE).read_bytes()))
    assert scratch.is_dir()
    run.send_signal(how)
    run.wait(timeout=10)
    until(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in below))
    hold.unlink()
    return scratch


@pytest.mark.case(29, 30, 31, 34)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [(), ("--launch", "fresh")])
def test_a_stopped_run_leaves_nothing_and_goes_on(
    tmp_path: Path, how: signal.Signals, options: tuple[str, ...]
) -> None:
    scratch = stopped(tmp_path, how, *options)
    assert scratch.exists() is (how is signal.SIGKILL)
    assert len(list((tmp_path / LAUNCHES).rglob("*.json"))) == 2
    way: Literal["fresh", "forked"] = "fresh" if options else "forked"
    (result,) = bring_up_to_date(
        read_project(Layout(tmp_path)), progress=(told := EventLog()), limits=FAST, start_method=way
    ).results
    assert result.record is not None, result.outcome
    assert result.record.launched == way
    launches = result.record.points[0].launches
    assert [launch.index for launch in launches] == list(range(len(launches)))
    anew = [event for event in told.events if isinstance(event, LaunchEnded)]
    assert len(anew) == 1 + len(launches) - 2
    assert not scratch.exists()
    assert not list((tmp_path / LAUNCHES).iterdir())
    assert not (tmp_path / SCRATCH_NOTE).exists()


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose run was killed in its second timed launch; nobody may change it."""
    root = tmp_path_factory.mktemp("killed")
    shutil.rmtree(stopped(root, signal.SIGKILL))
    return root


@pytest.fixture
def killed(killed_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(killed_once, tmp_path / "killed")


def test_a_changed_example_starts_anew(killed: Path) -> None:
    script = killed / "examples" / "kernels" / "holds.py"
    script.write_text(script.read_text().replace("range(300)", "range(299)"))
    (result,) = bring_up_to_date(read_project(Layout(killed)), progress=(told := EventLog()), limits=FAST).results
    assert result.record is not None, result.outcome
    anew = [event for event in told.events if isinstance(event, LaunchEnded)]
    assert len(anew) == 1 + len(result.record.points[0].launches)


def test_a_damaged_launch_is_measured_again(killed: Path) -> None:
    _, timed = sorted((killed / LAUNCHES).rglob("*.json"))
    timed.write_text(timed.read_text()[:100])
    (result,) = bring_up_to_date(read_project(Layout(killed)), progress=(told := EventLog()), limits=FAST).results
    assert result.record is not None, result.outcome
    anew = [event for event in told.events if isinstance(event, LaunchEnded)]
    assert len(anew) == len(result.record.points[0].launches)


@pytest.mark.case(84)
def test_a_saved_launch_of_impossible_values_is_measured_again(killed: Path) -> None:
    _, timed = sorted((killed / LAUNCHES).rglob("*.json"))
    saved = json.loads(timed.read_text())
    for point in saved["end"]["result"]["points"]:
        for launch in point["launches"]:
            launch["wall_ns"] = launch["cpu_ns"] = launch["switches"] = []
    timed.write_text(json.dumps(saved))
    (result,) = bring_up_to_date(read_project(Layout(killed)), limits=FAST).results
    assert result.record is not None, result.outcome


def test_what_was_kept_long_ago_is_removed(tmp_path: Path) -> None:
    old, young = tmp_path / LAUNCHES / ("0" * 24), tmp_path / LAUNCHES / ("1" * 24)
    for directory in (old, young):
        directory.mkdir(parents=True)
    then = time.time() - EXPIRY_SECONDS - 60
    os.utime(old, (then, then))
    remove_expired(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.case(75)
def test_a_link_among_the_saved_launches_removes_nothing(tmp_path: Path) -> None:
    precious = tmp_path / "home/precious"
    precious.mkdir(parents=True)
    then = time.time() - EXPIRY_SECONDS - 60
    os.utime(precious, (then, then))
    (tmp_path / LAUNCHES).parent.mkdir()
    (tmp_path / LAUNCHES).symlink_to(precious.parent)
    remove_expired(tmp_path)
    assert precious.is_dir()


@pytest.mark.case(75)
@pytest.mark.parametrize("name", ["precious", "stackdoc-precious"])
def test_a_note_that_names_anything_else_removes_nothing(tmp_path: Path, name: str) -> None:
    precious = tmp_path / name
    precious.mkdir()
    (tmp_path / SCRATCH_NOTE).parent.mkdir()
    (tmp_path / SCRATCH_NOTE).write_text(str(precious))
    written(tmp_path, "kernels/good", "from stackdoc import example\nexample().report('one', 1.0)", launches="1")
    bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST)
    assert precious.is_dir()


KILLS_ITS_KEEPER = """
    import os, pathlib, signal, time
    log = pathlib.Path({log!r})
    if os.fork() == 0:
        os.setsid()
        log.write_text(str(os.getpid()))
        time.sleep(60)
    while not log.exists() or not log.read_text():
        time.sleep(0.01)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
"""


@pytest.mark.case(4)
@pytest.mark.parametrize("launched", ["fresh", "forked"])
def test_an_example_that_kills_its_keeper_fails_and_leaves_nothing(
    tmp_path: Path, launched: Literal["fresh", "forked"]
) -> None:
    log = tmp_path / "log"
    written(tmp_path, "kernels/kills", KILLS_ITS_KEEPER.format(log=str(log)))
    written(tmp_path, "kernels/other", "from stackdoc import example\nexample().report('one', 1.0)")
    results = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST, start_method=launched).results
    assert {result.example: result.outcome.name for result in results} == {
        "kernels/kills": "failed",
        "kernels/other": "ok",
    }
    until(lambda: not is_alive(int(log.read_text())))
