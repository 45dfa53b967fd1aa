"""What a launch shares with other programs: no memory, no socket, and no change of theirs without a word."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.measure.wire import LaunchOrder
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.limits import MIB
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.process.scheduling import Schedules
from tests.made.scripts import FAST, run_launch, written
from tests.made.waiting import until

MEASURED = "from stackdoc import example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=300)\n"
START = """
    import os, socket, time
    from stackdoc import example
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
"""


def launch(tmp_path: Path, body: str, **limits: int) -> LaunchEnd:
    path = written(tmp_path, "kernels/fixture", START + body)
    return run_launch(LaunchOrder(path=str(path)), replace(FAST, **limits))


MEMORY = {
    "a file in shared memory": """
    with open("/dev/shm/stackdoc-test-{pid}", "wb") as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
    time.sleep(10)
""",
    "a memory file": """
    descriptor = os.memfd_create("stackdoc")
    for _ in range(200):
        os.write(descriptor, bytes(1 << 20))
    time.sleep(10)
""",
}


@pytest.mark.mounts
@pytest.mark.case(9, 85)
@pytest.mark.parametrize("kind", MEMORY)
def test_memory_that_is_not_mapped_counts_and_does_not_outlive_the_launch(tmp_path: Path, kind: str) -> None:
    before = set(Path("/dev/shm").iterdir())
    end = launch(tmp_path, MEMORY[kind].replace("{pid}", str(os.getpid())), memory_bytes=150 * MIB)
    assert end.outcome.name == "out-of-memory", end.outcome
    assert not {path for path in set(Path("/dev/shm").iterdir()) - before if "stackdoc" in path.name}


@pytest.fixture
def server() -> Iterator[Path]:
    """A program that listens at a path, as a daemon of containers does."""
    path = Path("/tmp") / f"stackdoc-test-{os.getpid()}.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield path
    path.unlink()


@pytest.mark.mounts
@pytest.mark.case(64, 86)
def test_sockets_of_other_programs_and_their_network_are_out_of_reach(tmp_path: Path, server: Path) -> None:
    end = launch(
        tmp_path,
        f"""
    import ctypes
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect({str(server)!r})
            print("connected")
        except OSError as error:
            print("no socket:", type(error).__name__)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        there = os.open("/proc/{os.getpid()}/ns/net", os.O_RDONLY)
        print("entered" if libc.setns(there, 0) == 0 else "not entered")
    except PermissionError:
        print("not entered")
    print("unmounted" if libc.umount2(b"/dev/shm", 2) == 0 else "not unmounted")
    with socket.socketpair()[0]:
        print("own sockets work")
    """,
    )
    assert end.outcome.ok, end.outcome
    assert "no socket: " in end.outcome.tail
    assert "not entered\nnot unmounted\nown sockets work" in end.outcome.tail
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(server))  # to this process it is there as before


@pytest.mark.mounts
@pytest.mark.case(87)
def test_a_change_of_another_process_is_noticed_once_and_ours_is_undone() -> None:
    with subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1) as other:
        assert other.stdout
        other.stdout.readline()
        schedules, own = Schedules([os.getpid(), other.pid]), os.sched_getaffinity(0)
        assert schedules.changes() == ()
        os.setpriority(os.PRIO_PROCESS, other.pid, 11)
        (words,) = schedules.changes()
        assert words == "while it ran, the priority or the processors of another process changed"
        assert schedules.changes() == ()
        os.sched_setaffinity(0, {min(own)})
        assert len(own) == 1 or len(schedules.changes()) == 1
        assert os.sched_getaffinity(0) == own
        other.communicate(b"\n")
    until(lambda: not Path(f"/proc/{other.pid}").exists())
    assert schedules.changes() == ()


@pytest.mark.case(87)
def test_a_launch_that_changes_another_process_says_so_in_its_record(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        body = f"{MEASURED}import os\nos.setpriority(os.PRIO_PROCESS, {other.pid}, 11)\n"
        written(tmp_path, "kernels/rude", body)
        (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
        other.kill()
    assert result.record
    assert any("the priority or the processors of" in caveat for caveat in result.record.caveats)
