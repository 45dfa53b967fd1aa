"""What the hardware is, as a class of machine: nothing here tells one individual from its twin."""

from __future__ import annotations

from dataclasses import dataclass, field


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
