"""Real launches of small scripts: how each fault is named, and what a good one leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stackdoc.measure.wire import LaunchOrder
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.output import CUT
from stackdoc.run.process.runner import LaunchEnd, start_launch, wait_for_end
from stackdoc.run.process.zygotes import NoZygote, Zygotes
from tests.made.scripts import FAST, GOOD, run_launch, written

Launch = Callable[..., LaunchEnd]


@pytest.fixture(scope="module")
def zygotes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygotes]:
    with Zygotes(tmp_path_factory.mktemp("zygotes")) as running:
        yield running


@pytest.fixture(params=["fresh", "forked"])
def launch(request: pytest.FixtureRequest, zygotes: Zygotes) -> Launch:
    """Everything holds for both ways of starting a launch."""

    def end(tmp_path: Path, body: str, kind: str = "timed", limits: Limits = FAST) -> LaunchEnd:
        path = written(tmp_path, "kernels/fixture", body)
        order = LaunchOrder(str(path), kind=kind)  # type: ignore[arg-type]
        with start_launch(order, limits, zygotes=zygotes if request.param == "forked" else None) as process:
            return wait_for_end(process, kind)

    return end


def test_a_good_launch_leaves_its_points(launch: Launch, tmp_path: Path) -> None:
    end = launch(tmp_path, GOOD)
    assert end.outcome.name == "ok", end.outcome
    assert end.result is not None
    (point,) = end.result.points
    assert point.key == "sum;n=300"
    assert len(point.launches[0].wall_ns) >= 20


def test_a_display_launch_leaves_what_was_shown(launch: Launch, tmp_path: Path) -> None:
    end = launch(tmp_path, GOOD, kind="display")
    assert end.outcome.name == "ok", end.outcome
    assert end.result is not None
    assert any("the sum is 44850" in output.data for output in end.result.outputs)


def test_what_is_shown_is_bounded_too(launch: Launch, tmp_path: Path) -> None:
    body = GOOD + "    for _ in range(20): print('x' * 100_000)\n"
    end = launch(tmp_path, body, kind="display")
    assert (end.outcome.name, end.result) == ("output-cap", None)


@pytest.mark.case(6, 7)
@pytest.mark.parametrize("statement", ["while True: print('x' * 1000)", "while True: print('y' * 65536, end='')"])
@pytest.mark.parametrize("kind", ["display", "timed"])
def test_a_script_that_prints_without_end_is_ended_at_the_cap(
    launch: Launch, tmp_path: Path, kind: str, statement: str
) -> None:
    end = launch(tmp_path, f"from stackdoc import example\nexample()\n{statement}\n", kind=kind)
    assert (end.outcome.name, end.result) == ("output-cap", None)
    assert end.outcome.tail.startswith(CUT)
    assert len(end.outcome.tail) <= FAST.tail_bytes + len(CUT)


PREFIX = "from stackdoc import example\nex = example()\n"


@pytest.mark.case(10, 11, 12, 13, 19, 22)
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
        (PREFIX + "raise SystemExit", "no-result", "measured nothing"),
        (PREFIX + "import sys\nsys.exit(0)", "no-result", "measured nothing"),
        (PREFIX + "ex.report('loss', 1.0)\nex.report('loss', 2.0)", "failed", "duplicate loss"),
        (PREFIX + "ex.measure('x', int)\nex.measure('x', int)", "failed", "duplicate x"),
    ],
)
def test_each_fault_has_its_name(launch: Launch, tmp_path: Path, body: str, name: str, reason: str) -> None:
    end = launch(tmp_path, body)
    assert end.outcome.name == name, end.outcome
    assert reason in end.outcome.reason
    assert end.result is None


def test_the_line_of_the_example_is_named(launch: Launch, tmp_path: Path) -> None:
    path = written(tmp_path, "kernels/fixture", body := PREFIX + "def f():\n    return {}['missing']\n\n\nf()\n")
    end = launch(tmp_path, body)
    assert path.read_text().splitlines()[end.outcome.line - 1].strip() == "return {}['missing']"
    assert "KeyError" in end.outcome.tail


MEASURED = "from stackdoc import close, example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=1)\n"
CHECKED = (
    "from stackdoc import close, example\nex = example()\nex.measure('x', {}, check=lambda v: close(v, 1.0, rtol=0.01))"
)


@pytest.mark.case(21)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CHECKED.format("lambda: 1.5"), "x"),
        (CHECKED.format("lambda: float('nan')"), "x"),
        (MEASURED + "ex.report('loss', float('nan'), unit='1')", "loss"),
        (MEASURED + "ex.report('loss', float('inf'), unit='1')", "loss"),
        (MEASURED + "ex.report('loss', 'fast', unit='1')", "loss: the value is 'fast'"),
        (MEASURED + "ex.report('loss', None, unit='1')", "loss: the value is None"),
    ],
)
def test_a_wrong_result_is_refused(launch: Launch, tmp_path: Path, body: str, reason: str) -> None:
    end = launch(tmp_path, body)
    assert end.outcome.name == "refused", end.outcome
    assert reason in end.outcome.reason


def a_result(**launch: Any) -> str:
    """The result of a launch with one point, as JSON."""
    observed = {
        "index": 0,
        "started": "2026-01-01T00:00:00Z",
        "calls": 1,
        "wall_ns": [5],
        "cpu_ns": [5],
        "switches": [0],
    }
    point = {"name": "sum", "parameters": [], "kind": "time", "launches": [{**observed, **launch}]}
    return json.dumps({"result": {"index": 0, "points": [point]}})


LEAVING = """
import os, pathlib
left = pathlib.Path("../report.json")
{}
os._exit(0)
"""


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("os.mkfifo(left)", "not a regular file"),
        ("left.symlink_to('/dev/zero')", "not a regular file"),
        ("left.symlink_to('../nowhere')", "not a regular file"),
        ("left.mkdir()", "not a regular file"),
        ("left.touch(); os.truncate(left, 300 << 20)", "larger than 16 MiB"),
        ("left.write_text('[' * 1_000_000)", "malformed: Invalid JSON: recursion limit exceeded"),
        ("left.write_bytes(b'\\xff')", "malformed: Invalid JSON"),
    ],
)
@pytest.mark.case(72)
def test_what_is_no_file_of_a_result_ends_its_launch_alone(
    launch: Launch, tmp_path: Path, statement: str, reason: str
) -> None:
    end = launch(tmp_path, LEAVING.format(statement))
    assert (end.outcome.name, end.result) == ("no-result", None)
    assert reason in end.outcome.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "malformed: Invalid JSON"),
        ("5", "malformed: Input should be"),
        ("[]", "malformed: Input should be"),
        ("{}", "result is empty"),
        ('{"result": null}', "result is empty"),
        ('{"result": 5}', "malformed: result "),
        ('{"result": {"index": "0"}}', "malformed: result.index "),
        ('{"caveats": 5}', "malformed: caveats "),
        ('{"caveats": [5]}', "malformed: caveats.0 "),
        ('{"failure": "no"}', "malformed: failure "),
        ('{"failure": {"outcome": "ok", "reason": "", "line": 1}}', "malformed: failure.outcome "),
        (a_result(wall_ns="5"), "malformed: result.points.0.launches.0.wall_ns "),
        (a_result(wall_ns=[5.5]), "malformed: result.points.0.launches.0.wall_ns.0 "),
        (a_result(value="fast"), "malformed: result.points.0.launches.0.value "),
        (a_result(cpu_ns=[]), ""),
        (a_result(cpu_ns=[5, 5]), "malformed: sum: zip()"),
        (a_result(wall_ns=[], cpu_ns=[], switches=[]), "malformed: sum: no median"),
        (a_result(wall_ns=[10**400]), "malformed: sum: integer division result too large"),
    ],
)
@pytest.mark.case(72)
def test_a_malformed_result_ends_its_launch_alone(tmp_path: Path, content: str, reason: str) -> None:
    path = written(tmp_path, "kernels/fixture", LEAVING.format(f"left.write_text({content!r})"))
    end = run_launch(LaunchOrder(str(path)), FAST)
    assert (end.outcome.name, end.result is None) == (("no-result", True) if reason else ("ok", False)), end.outcome
    assert reason in end.outcome.reason


def test_a_lone_surrogate_in_an_output_is_no_reason_to_lose_the_result(launch: Launch, tmp_path: Path) -> None:
    end = launch(tmp_path, GOOD + "    ex.show('half \\ud800 a pair')\n", kind="display")
    assert end.result is not None, end.outcome
    assert any("half ? a pair" in output.data for output in end.result.outputs)


CLOCK_BACK = """
import itertools, time
from stackdoc import example
seconds = itertools.count(1e9, -1.0)
time.time, time.time_ns = lambda: next(seconds), lambda: int(next(seconds) * 1e9)
example().measure("sum", lambda: sum(range(300)), n=300)
"""


@pytest.mark.case(23)
def test_a_clock_that_is_set_back_makes_no_duration_negative(launch: Launch, tmp_path: Path) -> None:
    end = launch(tmp_path, CLOCK_BACK)
    assert end.result is not None, end.outcome
    assert min(end.result.points[0].launches[0].wall_ns) > 0
    assert end.seconds > 0


@pytest.mark.case(26)
def test_what_torch_raises_when_a_device_is_full_is_out_of_memory(launch: Launch, tmp_path: Path) -> None:
    """On a machine without a device; tests/gpu fills a real one."""
    body = PREFIX + "class OutOfMemoryError(RuntimeError): pass\nraise OutOfMemoryError('CUDA out of memory')"
    end = launch(tmp_path, body)
    assert str(end.outcome).startswith("out-of-memory: OutOfMemoryError: CUDA out of memory (line ")


@pytest.mark.case(18)
def test_a_result_does_not_save_a_process_that_never_ends(launch: Launch, tmp_path: Path) -> None:
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


@pytest.mark.case(16, 17)
def test_a_launch_leaves_no_trace_in_the_next_or_on_the_disk(launch: Launch, tmp_path: Path) -> None:
    ends = [launch(tmp_path, MEASURED + LEAVES) for _ in range(2)]
    for end in ends:
        assert end.outcome.name == "ok", end.outcome
        directory, left = end.outcome.tail.split()[-2:]
        assert left == "None"
        assert not Path(directory).exists()
    assert not list(tmp_path.rglob("left.bin"))


SHOWS = """
import atexit, os, random, signal, sys, tempfile, weakref
atexit.register(lambda: print("at exit"))
finalizer = weakref.finalize(random, print, "finalised")
print("ENV", sorted(os.environ), os.environ["HOME"], tempfile.gettempdir(), os.getcwd(), sys.path[0], sys.argv)
print("SIGNALS", [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD)])
print("OPEN", sorted(int(n) for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")))
print("LEADS", os.getsid(0) == os.getpid() == os.getpgid(0), sys.stdin.read() == "")
"""


def test_a_fork_finds_what_a_fresh_process_finds(tmp_path: Path, zygotes: Zygotes) -> None:
    path = written(tmp_path, "kernels/fixture", SHOWS + MEASURED)
    told = []
    for given in (None, zygotes):
        with start_launch(LaunchOrder(str(path)), FAST, zygotes=given) as process:
            end = wait_for_end(process, "timed")
        assert end.outcome.name == "ok", end.outcome
        own = re.sub(r"stackdoc-\w+", "OWN", end.outcome.tail)
        told.append(own)
    assert "at exit" in told[0]
    assert "finalised" in told[0]
    assert told[0] == told[1]


def test_forks_of_one_process_draw_different_numbers(tmp_path: Path, zygotes: Zygotes) -> None:
    body = "import random, numpy\nprint('DRAWN', random.random(), numpy.random.rand())\n"
    path = written(tmp_path, "kernels/fixture", body + MEASURED)
    drawn = []
    for _ in range(2):
        with start_launch(LaunchOrder(str(path)), FAST, zygotes=zygotes, modules=("numpy",)) as process:
            drawn.append(wait_for_end(process, "timed").outcome.tail.split()[1:])
    (a, b), (c, d) = drawn
    assert a != c
    assert b != d


def test_a_fork_does_not_take_down_what_was_made_before_it(tmp_path: Path) -> None:
    place = tmp_path / "modules"
    place.mkdir()
    (place / "making.py").write_text("import tempfile\nmade = tempfile.TemporaryDirectory()\n")
    body = "import os, making\nprint('THERE', os.path.isdir(making.made.name))\n"
    order = LaunchOrder(str(written(tmp_path, "kernels/fixture", body + MEASURED)))
    with Zygotes(place) as zygotes:
        for _ in range(2):
            with start_launch(order, FAST, zygotes=zygotes, modules=("making",)) as process:
                assert "THERE True" in wait_for_end(process, "timed").outcome.tail


def test_a_process_that_is_late_once_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first import from a cold disk may take minutes; it says nothing of the next."""
    place = tmp_path / "modules"
    place.mkdir()
    (place / "slow.py").write_text(
        "import pathlib, time\n"
        "seen = pathlib.Path(__file__).with_name('seen')\n"
        "if not seen.exists():\n    seen.touch()\n    time.sleep(60)\n"
    )
    monkeypatch.setattr("stackdoc.run.process.zygotes.FIRST_SECONDS", 3.0)
    order = LaunchOrder(str(written(tmp_path, "kernels/fixture", MEASURED)))
    with Zygotes(place) as zygotes, start_launch(order, FAST, zygotes=zygotes, modules=("slow",)) as one:
        assert wait_for_end(one, "timed").outcome.name == "ok"
        assert (place / "seen").exists()


def test_a_process_that_is_always_late_is_a_refusal_of_that_launch_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "modules"
    place.mkdir()
    (place / "slow.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr("stackdoc.run.process.zygotes.FIRST_SECONDS", 0.5)
    order = LaunchOrder(str(written(tmp_path, "kernels/fixture", MEASURED)))
    with Zygotes(place) as zygotes:
        late = start_launch(order, FAST, zygotes=zygotes, modules=("slow",))
        with pytest.raises(NoZygote, match=r"not ready after 0\.5 s"), late:
            pass
        (place / "slow.py").write_text("")
        monkeypatch.setattr("stackdoc.run.process.zygotes.FIRST_SECONDS", 60.0)
        with start_launch(order, FAST, zygotes=zygotes, modules=("slow",)) as one:
            assert wait_for_end(one, "timed").outcome.name == "ok"


def test_a_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    place = tmp_path / "modules"
    place.mkdir()
    (place / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()\n"
    )
    path = written(tmp_path, "kernels/fixture", MEASURED)
    order, modules = LaunchOrder(str(path)), ("threaded",)
    with Zygotes(place) as zygotes:
        for _ in range(2):  # the second is not tried
            launch = start_launch(order, FAST, zygotes=zygotes, modules=modules)
            with pytest.raises(NoZygote, match="threaded started 1 thread when imported"), launch:
                pass
        with start_launch(order, FAST, zygotes=zygotes) as other:
            assert wait_for_end(other, "timed").outcome.name == "ok"
