"""A machine, as a class of hardware, and the software on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stackdoc.model.stored import OPTIONAL

SERVERS = ("EPYC", "Xeon", "neoverse", "ampere", "kunpeng", "cobalt", "olympus", "a64fx", "power")


@dataclass(frozen=True)
class Accelerator:
    """A device by its name in torch, with its memory rounded to GiB; `count` is the number of identical devices.

    `memory_gib` is 0 if the device shares the memory of the processor. `units` are its multiprocessors, 0 if neither
    the driver nor torch states them.
    """

    name: str
    architecture: str
    memory_gib: int
    count: int = 1
    units: int = 0


@dataclass(frozen=True)
class Topology:
    """How the cores are arranged. `kinds` are names and numbers of cores, the fastest first, if they differ."""

    sockets: int = 1
    numa_nodes: int = 1
    threads_per_core: int = 1
    kinds: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Allotment:
    """What a process may use of the machine: CPUs by its affinity, CPUs by its quota, bytes of memory.

    The last two are None if no control group limits them. It is a property of a run, not of the machine's identity.
    """

    cpus: int
    quota_cpus: float | None = None
    memory_bytes: int | None = None

    @property
    def usable_cpus(self) -> int:
        """The number of threads that can run at once without exceeding the quota; at least one."""
        return max(min(self.cpus, int(self.quota_cpus or self.cpus)), 1)

    @property
    def slowdown(self) -> float:
        """How many times longer one busy thread takes than on a whole CPU: 4 under a quota of a quarter."""
        return max(1.0, 1.0 / self.quota_cpus) if self.quota_cpus else 1.0


@dataclass(frozen=True)
class Machine:
    """Hardware only, so that a driver update does not make a new machine; clocks are left out for the same reason.

    `id` is a readable slug and four hex digits of a SHA-256 (`zen4-2c-24g-9f3a`); `stackdoc.machine.identity` lists the
    fields in it. Each cache size is that of one cache, in bytes; `memory_gib` is rounded to the size sold. `topology`
    is None if the system does not state it, and in older records.
    """

    id: str
    cpu: str
    vendor: str
    architecture: str
    microarchitecture: str
    cores: int
    memory_gib: int
    l1d_bytes: int = 0
    l2_bytes: int = 0
    l3_bytes: int = 0
    isa: tuple[str, ...] = ()
    virtual: str = ""
    accelerators: tuple[Accelerator, ...] = ()
    topology: Topology | None = field(default=None, metadata=OPTIONAL)

    @property
    def label(self) -> str:
        """The readable name: `2-core Zen 4 server CPU, 24 GiB`, accelerators first."""
        return "; ".join([*self._accelerators, self.processor_label])

    def label_on(self, device: str) -> str:
        """The readable name of the part that computes for the device: the accelerators, or the processor."""
        return "; ".join(self._accelerators) if device != "cpu" and self.accelerators else self.processor_label

    @property
    def processor_label(self) -> str:
        words = re.sub(r"(?<=[a-z]{3})(?=\d)", " ", self.microarchitecture).replace("-", " ").split()
        name = " ".join(word[0].upper() + word[1:] for word in words)
        if not name or name.startswith("0x"):  # the numbers of a design without a name
            name = " ".join(filter(None, [self.vendor or self.architecture, "AMX" * ("amx_tile" in self.isa), name]))
        server = any(mark in self.cpu or mark in self.microarchitecture for mark in SERVERS)
        return f"{self.cores}-core {name} {'server ' if server else ''}CPU, {self.memory_gib} GiB"

    @property
    def _accelerators(self) -> list[str]:
        return [f"{part.count} × {part.name}" if part.count > 1 else part.name for part in self.accelerators]


@dataclass(frozen=True)
class Software:
    """What can change without new hardware: versions, and those environment variables that select code."""

    python: str
    system: str
    kernel: str
    stackdoc: str
    packages: dict[str, str] = field(default_factory=dict)
    driver: str = ""
    environment: dict[str, str] = field(default_factory=dict)
