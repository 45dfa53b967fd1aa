"""How the cores are arranged: sockets, memory nodes, threads a core, and the kinds of cores where they differ."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stackdoc.machine.processor import sysctl
from stackdoc.model.machine import Topology

CPUS = "sys/devices/system/cpu"
HYBRID = {"cpu_core": "performance", "cpu_atom": "efficiency", "cpu_lowpower": "low-power"}  # of Intel, fastest first


def topology(root: Path = Path("/")) -> Topology | None:
    """From the files below `root` on Linux, from sysctl on macOS; None where the system does not state it."""
    if sys.platform == "darwin":
        return _of_macos()
    cpus = [place for place in (root / CPUS).glob("cpu[0-9]*") if (place / "topology").is_dir()]
    if not cpus:
        return None
    cores = {place: _core(place) for place in cpus}
    nodes = len(list((root / "sys/devices/system/node").glob("node[0-9]*")))
    return Topology(
        sockets=len({socket for socket, _ in cores.values()}),
        numa_nodes=max(nodes, 1),
        threads_per_core=max(Counter(cores.values()).values()),
        kinds=tuple(_intel_kinds(root, cores)) or tuple(_kinds_by_capacity(cores)),
    )


def _core(place: Path) -> tuple[str, str]:
    """Of which socket and which of its cores a CPU is a thread. Core numbers repeat in the clusters of some parts."""
    files = ("physical_package_id", "core_cpus_list", "thread_siblings_list", "core_id")
    socket, *cores = (_text(place / "topology" / name) for name in files)
    return socket, next(filter(None, cores), place.name)


def _intel_kinds(root: Path, cores: dict[Path, tuple[str, str]]) -> Iterator[tuple[str, int]]:
    for unit, name in HYBRID.items():
        numbers = set(_listed(_text(root / "sys/devices" / unit / "cpus")))
        if distinct := {core for place, core in cores.items() if int(place.name.removeprefix("cpu")) in numbers}:
            yield name, len(distinct)


def _kinds_by_capacity(cores: dict[Path, tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """The kernel rates the cores of Arm parts; the fastest has 1024."""
    rated = {core: _text(place / "cpu_capacity") for place, core in cores.items()}
    counts = Counter(int(rate) for rate in rated.values() if rate.isdigit())
    if len(counts) > 1:
        for rate, count in sorted(counts.items(), reverse=True):
            yield f"capacity {rate}", count


def _listed(text: str) -> Iterator[int]:
    """The numbers of a list of the kernel: `0-3,8`."""
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        yield from range(int(first), int(last or first) + 1)


def _of_macos() -> Topology:
    levels = int(sysctl("hw.nperflevels") or 1)
    kinds = ((sysctl(f"hw.perflevel{n}.name").lower(), sysctl(f"hw.perflevel{n}.physicalcpu")) for n in range(levels))
    return Topology(kinds=tuple((name, int(count)) for name, count in kinds if count.isdigit()) if levels > 1 else ())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
