"""What a process may use of a machine: quotas and limits of control groups, and that they are obeyed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.machine.allotment import this_allotment
from stackdoc.machine.topology import topology
from stackdoc.model.machine import Allotment, Machine, Topology
from stackdoc.render.values.arrangement import allotment_text, topology_text
from stackdoc.run import launcher
from stackdoc.run.launcher import Launcher
from stackdoc.run.process.limits import GIB, Limits
from stackdoc.run.process.zygotes import Zygotes
from stackdoc.run.session import limits_within
from stackdoc.run.within_quota import within_quota
from tests.made.tree import tree

CPUS = 64
GROUP = "sys/fs/cgroup"
SECOND = "0::/kubepods/pod7/app\n"
FIRST = "4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/\n"
UNLIMITED = "9223372036854771712\n"


@pytest.fixture(autouse=True)
def affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(CPUS)), raising=False)


@pytest.mark.parametrize(
    ("files", "quota", "memory"),
    [
        ({}, None, None),
        ({"proc/self/cgroup": SECOND, f"{GROUP}/kubepods/pod7/app/cpu.max": "max 100000\n"}, None, None),
        ({"proc/self/cgroup": SECOND, f"{GROUP}/kubepods/pod7/app/cpu.max": "250000 100000\n"}, 2.5, None),
        (
            {  # the tightest of all above counts
                "proc/self/cgroup": SECOND,
                f"{GROUP}/kubepods/pod7/app/cpu.max": "800000 100000\n",
                f"{GROUP}/kubepods/pod7/cpu.max": "400000 100000\n",
                f"{GROUP}/kubepods/pod7/app/memory.max": "max\n",
                f"{GROUP}/kubepods/memory.max": f"{8 * GIB}\n",
            },
            4.0,
            8 * GIB,
        ),
        (  # within a container that sees its own group as the root
            {"proc/self/cgroup": "0::/\n", f"{GROUP}/cpu.max": "50000 100000\n", f"{GROUP}/memory.max": f"{GIB}\n"},
            0.5,
            GIB,
        ),
        (  # beside the first version
            {"proc/self/cgroup": "1:name=systemd:/\n0::/\n", f"{GROUP}/unified/cpu.max": "100000 100000\n"},
            1.0,
            None,
        ),
        (
            {
                "proc/self/cgroup": FIRST,
                f"{GROUP}/cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "300000\n",
                f"{GROUP}/cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000\n",
                f"{GROUP}/memory/docker/ab/memory.limit_in_bytes": f"{2 * GIB}\n",
                f"{GROUP}/memory/memory.limit_in_bytes": UNLIMITED,
            },
            3.0,
            2 * GIB,
        ),
        (  # the path is that of the host, the files are those of the container
            {
                "proc/self/cgroup": FIRST.replace(",cpuacct", ""),
                f"{GROUP}/cpu/cpu.cfs_quota_us": "-1\n",
                f"{GROUP}/cpu/cpu.cfs_period_us": "100000\n",
                f"{GROUP}/memory/memory.limit_in_bytes": UNLIMITED,
            },
            None,
            None,
        ),
        (  # a quota of more than there is limits nothing
            {"proc/self/cgroup": "0::/\n", f"{GROUP}/cpu.max": "12800000 100000\n"},
            None,
            None,
        ),
    ],
)
def test_limits_are_read_from_control_groups_of_both_versions(
    files: dict[str, str], quota: float | None, memory: int | None, tmp_path: Path
) -> None:
    assert this_allotment(tree(tmp_path, files)) == Allotment(CPUS, quota, memory)


@pytest.mark.parametrize(
    ("allotment", "usable", "slowdown"),
    [
        (Allotment(64), 64, 1.0),
        (Allotment(64, 2.5), 2, 1.0),
        (Allotment(2, 4.0), 2, 1.0),
        (Allotment(64, 0.25), 1, 4.0),
    ],
)
def test_a_quota_bounds_threads_and_stretches_time(allotment: Allotment, usable: int, slowdown: float) -> None:
    assert (allotment.usable_cpus, allotment.slowdown) == (usable, slowdown)


@pytest.mark.parametrize(("allotment", "at_once"), [(Allotment(128), 16), (Allotment(128, 3.5), 3), (Allotment(2), 2)])
def test_launches_at_once_are_capped_and_within_the_quota(
    allotment: Allotment, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "rapl", lambda: "no RAPL counter")
    monkeypatch.setattr(launcher, "CAN_FORK", True)
    with Zygotes(tmp_path) as zygotes:
        made = Launcher(tmp_path, tmp_path, zygotes, Limits(), allotment)
    assert made.concurrency == at_once
    assert "timeout" in launcher.CROWDING_OUTCOMES


def test_limits_of_a_launch_are_within_what_the_process_may_use() -> None:
    plain = Limits(memory_bytes=1 << 60)
    limited = limits_within(plain, Allotment(4, 0.5, memory_bytes=GIB))
    assert limited.memory_bytes == int(0.9 * GIB)
    assert limited.silence_seconds == 2 * plain.silence_seconds
    assert limits_within(Limits(memory_bytes=1), Allotment(4)).memory_bytes == 1


def test_meanwhile_launches_find_no_more_cpus_than_the_quota_pays_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[int]] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, cpus: asked.append(set(cpus)), raising=False)
    with within_quota(Allotment(CPUS, 2.5)):
        (inside,) = asked
    assert len(inside) == 2
    assert asked == [inside, set(range(CPUS))]
    for free in (None, Allotment(CPUS)):
        with within_quota(free):
            assert len(asked) == 2


def cpu(number: int, core: str, socket: int = 0, **files: str) -> dict[str, str]:
    place = f"sys/devices/system/cpu/cpu{number}"
    found = {f"{place}/topology/physical_package_id": f"{socket}\n", f"{place}/topology/core_cpus_list": f"{core}\n"}
    return found | {f"{place}/{name}": f"{text}\n" for name, text in files.items()}


def nodes(count: int) -> dict[str, str]:
    return {f"sys/devices/system/node/node{n}/cpulist": "\n" for n in range(count)}


HYBRID = {  # two fast cores of two threads, three slow ones
    **{name: text for n in range(4) for name, text in cpu(n, f"{n // 2 * 2}-{n // 2 * 2 + 1}").items()},
    **{name: text for n in range(4, 7) for name, text in cpu(n, str(n)).items()},
    "sys/devices/cpu_core/cpus": "0-3\n",
    "sys/devices/cpu_atom/cpus": "4-6\n",
}
BIG_LITTLE = {
    name: text for n in range(6) for name, text in cpu(n, str(n), cpu_capacity="1024" if n > 3 else "480").items()
}
TWO_SOCKETS = {
    **{name: text for n in range(8) for name, text in cpu(n, f"{n % 4},{n % 4 + 4}", socket=n % 4 // 2).items()},
    **nodes(4),
}


@pytest.mark.parametrize(
    ("files", "found", "words"),
    [
        ({}, None, ""),
        (HYBRID, Topology(1, 1, 2, (("performance", 2), ("efficiency", 3))), "2 performance and 3 efficiency cores"),
        (BIG_LITTLE, Topology(1, 1, 1, (("capacity 1024", 2), ("capacity 480", 4))), "1 thread a core"),
        (TWO_SOCKETS, Topology(2, 4, 2), "2 sockets, 4 memory nodes, 2 threads a core"),
    ],
)
def test_the_arrangement_of_cores_is_read_from_sysfs(
    files: dict[str, str], found: Topology | None, words: str, tmp_path: Path
) -> None:
    assert topology(tree(tmp_path, files)) == found
    machine = Machine("", "X", "X", "x86_64", "", 2, 24)
    assert words in topology_text(replace(machine, topology=found))


def test_an_allotment_is_said_in_words() -> None:
    assert allotment_text(Allotment(64, 2.5, 8 * GIB)) == "64 CPUs, by quota the time of 2.5, 8 GiB of memory"
    assert allotment_text(Allotment(1)) == "1 CPU"
    assert allotment_text(None) == ""
