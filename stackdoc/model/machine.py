"""A machine, as a class of hardware, and the software on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SERVERS = ("EPYC", "Xeon", "neoverse", "ampere", "kunpeng")


@dataclass(frozen=True)
class Accelerator:
    """A device by its name in torch, with its memory rounded to GiB; `count` is the number of identical devices."""

    name: str
    architecture: str
    memory_gib: int
    count: int = 1
    units: int = 0


@dataclass(frozen=True)
class Machine:
    """Hardware only, so that a driver update does not make a new machine; clocks are left out for the same reason.

    `id` is a readable slug and four hex digits of the SHA-256 over the other fields (`zen4-2c-24g-9f3a`). Each cache
    size is that of one cache, in bytes; `memory_gib` is rounded to the size sold.
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
        """The readable name: `2-core Zen 4 server CPU, 24 GiB`, accelerators first."""
        return "; ".join([*self._accelerators, self.processor_label])

    def label_on(self, device: str) -> str:
        """The readable name of the part that computes for the device: the accelerators, or the processor."""
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
