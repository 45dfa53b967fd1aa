"""The types of a machine and its software."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SERVERS = ("EPYC", "Xeon", "neoverse", "ampere", "kunpeng")


@dataclass(frozen=True)
class Accelerator:
    """One device as torch names it; `memory_gib` rounded, `count` of identical ones."""

    name: str
    architecture: str
    memory_gib: int
    count: int = 1
    units: int = 0


@dataclass(frozen=True)
class Machine:
    """Hardware keys only, so that a driver update is no new machine.

    `id` is a readable slug and four hex digits of the SHA-256 over the other fields
    (`zen4-2c-24g-9f3a`). Caches in bytes; `memory_gib` rounded; clocks are left out on purpose.
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

    @property
    def label(self) -> str:
        """In plain words: `2-core Zen 4 server CPU, 24 GiB`, accelerators first."""
        return "; ".join([*self._accelerators, self.processor_label])

    def label_on(self, device: str) -> str:
        """What computes for that device: the accelerators, or the processor."""
        return "; ".join(self._accelerators) if device != "cpu" and self.accelerators else self.processor_label

    @property
    def processor_label(self) -> str:
        words = re.sub(r"(?<=[a-z]{3})(?=\d)", " ", self.microarchitecture).replace("-", " ").split()
        name = " ".join(word[0].upper() + word[1:] for word in words)
        name = name or f"{self.vendor}{' AMX' * ('amx_tile' in self.isa)}"
        server = any(mark in self.cpu or mark in self.microarchitecture for mark in SERVERS)
        return f"{self.cores}-core {name} {'server ' if server else ''}CPU, {self.memory_gib} GiB"

    @property
    def _accelerators(self) -> list[str]:
        return [f"{one.count} × {one.name}" if one.count > 1 else one.name for one in self.accelerators]


@dataclass(frozen=True)
class Software:
    """What can change without new hardware: versions by name, and the allowed environment variables."""

    python: str
    system: str
    kernel: str
    stackdoc: str
    packages: dict[str, str] = field(default_factory=dict)
    driver: str = ""
    environment: dict[str, str] = field(default_factory=dict)
