"""Real launches of small scripts: how each fault is named, and what a good one leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.measure.launch import LaunchOrder
from stackdoc.run.limits import Limits
from stackdoc.run.runner import LaunchEnd, run_launch
from tests.runner.scripts import GOOD, written

FAST = Limits(seconds=20, silence_seconds=20, grace_seconds=0.2, drain_seconds=0.2, poll_seconds=0.05)


def launch(tmp_path: Path, body: str, kind: str = "timed", limits: Limits = FAST) -> LaunchEnd:
    path = written(tmp_path, "kernels/fixture", body)
    order = LaunchOrder(
        path=str(path), device="cpu", profile="quick", threads=1, index=0, roofs=None, kind=kind, result=""
    )
    return run_launch(order, limits)


def test_a_good_launch_leaves_its_points(tmp_path: Path) -> None:
    end = launch(tmp_path, GOOD)
    assert end.outcome.name == "ok", end.outcome
    assert end.result is not None
    (point,) = end.result.points
    assert point.key == "sum;n=300"
    assert len(point.launches[0].wall_ns) >= 20


def test_a_display_launch_leaves_what_was_shown(tmp_path: Path) -> None:
    end = launch(tmp_path, GOOD, kind="display")
    assert end.outcome.name == "ok", end.outcome
    assert end.result is not None
    assert any("the sum is 44850" in output.data for output in end.result.outputs)


def test_what_is_shown_is_bounded_too(tmp_path: Path) -> None:
    body = GOOD + "    for _ in range(20): print('x' * 100_000)\n"
    end = launch(tmp_path, body, kind="display")
    assert (end.outcome.name, end.result) == ("output-cap", None)


PREFIX = "from stackdoc import example\nex = example()\n"


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        (PREFIX + "1 / 0", "failed", "ZeroDivisionError: division by zero"),
        (PREFIX + "import sys\nsys.exit(3)", "failed", "exit code 3"),
        (PREFIX + "raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
        (PREFIX + "raise MemoryError", "out-of-memory", "MemoryError"),
        (PREFIX + "import nowhere_to_be_found", "failed", "ModuleNotFoundError: No module named"),
        (PREFIX + "def f(:", "failed", "SyntaxError"),
        (PREFIX + "x = 1", "no-result", "measured nothing"),
        (PREFIX + "import os\nos._exit(0)", "no-result", "before its result was written"),
        (PREFIX + "import os\nos.abort()", "signal", "SIGABRT"),
        (PREFIX + "import ctypes\nctypes.string_at(0)", "signal", "SIGSEGV"),
        (PREFIX + "input()", "failed", "EOFError"),
    ],
)
def test_each_fault_has_its_name(tmp_path: Path, body: str, name: str, reason: str) -> None:
    end = launch(tmp_path, body)
    assert end.outcome.name == name, end.outcome
    assert reason in end.outcome.reason
    assert end.result is None


def test_the_line_of_the_example_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "kernels/fixture", body := PREFIX + "def f():\n    return {}['missing']\n\n\nf()\n")
    end = launch(tmp_path, body)
    assert path.read_text().splitlines()[end.outcome.line - 1].strip() == "return {}['missing']"
    assert "KeyError" in end.outcome.tail


MEASURED = "from stackdoc import close, example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=1)\n"
CHECKED = (
    "from stackdoc import close, example\nex = example()\nex.measure('x', {}, check=lambda v: close(v, 1.0, rtol=0.01))"
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CHECKED.format("lambda: 1.5"), "x"),
        (CHECKED.format("lambda: float('nan')"), "x"),
        (MEASURED + "ex.report('loss', float('nan'), unit='1')", "loss"),
        (MEASURED + "ex.report('loss', float('inf'), unit='1')", "loss"),
    ],
)
def test_a_wrong_result_is_refused(tmp_path: Path, body: str, reason: str) -> None:
    end = launch(tmp_path, body)
    assert end.outcome.name == "refused", end.outcome
    assert reason in end.outcome.reason


def test_a_result_does_not_save_a_process_that_never_ends(tmp_path: Path) -> None:
    body = MEASURED + "import threading, time\nthreading.Thread(target=lambda: time.sleep(60)).start()\n"
    end = launch(tmp_path, body, limits=Limits(seconds=1.5, grace_seconds=0.2, poll_seconds=0.05))
    assert end.outcome.name == "timeout"
    assert end.result is None


LEAVES = """
import os
open("left.bin", "wb").write(b"x")
print(os.getcwd(), os.environ.get("LEFT"))
os.environ["LEFT"] = "yes"
os.chdir("/")
"""


def test_a_launch_leaves_no_trace_in_the_next_or_on_the_disk(tmp_path: Path) -> None:
    ends = [launch(tmp_path, MEASURED + LEAVES) for _ in range(2)]
    for end in ends:
        assert end.outcome.name == "ok", end.outcome
        directory, left = end.outcome.tail.split()[-2:]
        assert left == "None"
        assert not Path(directory).exists()
    assert not list(tmp_path.rglob("left.bin"))
