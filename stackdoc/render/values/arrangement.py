"""How a machine is arranged, and what of it a run could use, in words."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.model.machine import Accelerator, Allotment, Machine

GIB = 1 << 30


def topology_text(machine: Machine) -> str:
    """`2 sockets, 4 memory nodes, 2 threads a core, 8 performance and 16 efficiency cores`; empty where unknown."""
    if machine.topology is None:
        return ""
    topology = machine.topology
    kinds = [f"{count} {name}" for name, count in topology.kinds]
    return ", ".join(
        [
            _counted(topology.sockets, "socket"),
            _counted(topology.numa_nodes, "memory node"),
            f"{_counted(topology.threads_per_core, 'thread')} a core",
            *([f"{' and '.join(kinds)} cores"] if kinds else []),
        ]
    )


def allotment_text(allotment: Allotment | None) -> str:
    """`4 CPUs, by quota the time of 2.5, 8 GiB of memory`; empty where nobody looked."""
    return ", ".join(_parts(allotment)) if allotment else ""


def _parts(allotment: Allotment) -> Iterator[str]:
    yield _counted(allotment.cpus, "CPU")
    if allotment.quota_cpus is not None:
        yield f"by quota the time of {allotment.quota_cpus:.3g}"
    if allotment.memory_bytes is not None:
        yield f"{allotment.memory_bytes / GIB:.3g} GiB of memory"


def accelerator_memory(one: Accelerator) -> str:
    """`140 GiB`, or that it has none of its own."""
    return f"{one.memory_gib} GiB" if one.memory_gib else "memory shared with the processor"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
