"""Clocks that time a block of calls and say what disturbed it.

A CPU block is clean when the process had its CPUs all along. Its CPU time is that of the whole process over
the threads the call may use, its switches those of all threads: with several threads a worker that lost its
CPU makes the others wait, and with one the work may still sit in a library's own pool thread. So work with a
serial part, run on several threads, counts as disturbed: an error on the safe side, to be declared away with
`threads=1` where it is none. A CPU that another thread of the same process burns is not noticed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Protocol

from stackdoc.measure.devices.energy import Counter, rapl
from stackdoc.measure.devices.memory import host_memory
from stackdoc.measure.devices.signals import Readings, read_signals
from stackdoc.model.device import DeviceState
from stackdoc.model.record import Launch, Memory

Call = Callable[[], Any]


@dataclass(frozen=True)
class Block:
    """Some calls in a row: `wall_ns` is what a program waits for them.

    `cpu_ns` and `switches` are None on a device's clock, `device_ns` on the host's: what the device took for the same
    calls back to back, None also where that could not be told from the time of the host.
    """

    wall_ns: int
    cpu_ns: int | None = None
    switches: int | None = None
    device_ns: int | None = None


@dataclass(frozen=True)
class Conditions:
    """The signals of the machine at one moment, by name; on a device, its state."""

    signals: Readings = field(default_factory=dict)
    state: DeviceState | None = None


class Clock(Protocol):
    """`name` is the record's word for it; `longest` bounds the calls of a block."""

    name: str
    longest: int

    def block(self, call: Call, calls: int) -> Block:
        """Times so many calls in a row."""

    def first(self, call: Call) -> tuple[Any, int]:
        """The first call, completed: its result, and its wall time in ns."""

    def synchronise(self) -> None:
        """Waits until all calls are done."""

    def memory(self, call: Call) -> Memory:
        """Calls once, untimed: what it held at most."""

    def energy_counter(self) -> Counter | str:
        """The counter of what computes, or why there is none."""

    def conditions(self) -> Conditions:
        """The conditions now."""

    def only_on_host(self, launch: Launch) -> bool:
        """Whether the calls of a launch on a device gave the device nothing to do."""


class CpuClock:
    """Wall time of this process, for calls that may use `threads` threads."""

    name = "wall"
    longest = 1 << 30

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def block(self, call: Call, calls: int) -> Block:
        rounds = repeat(None, calls)
        switches = involuntary_switches()
        cpu = time.process_time_ns()
        start = time.perf_counter_ns()
        for _ in rounds:
            call()
        wall = time.perf_counter_ns() - start
        cpu = time.process_time_ns() - cpu
        return Block(wall, cpu // self.threads, involuntary_switches() - switches)

    def first(self, call: Call) -> tuple[Any, int]:
        start = time.perf_counter_ns()
        out = call()
        return out, time.perf_counter_ns() - start

    def synchronise(self) -> None:
        """A call is done when it returns."""

    def memory(self, call: Call) -> Memory:
        return host_memory(call)

    def energy_counter(self) -> Counter | str:
        return rapl()

    def conditions(self) -> Conditions:
        return Conditions(read_signals())

    def only_on_host(self, launch: Launch) -> bool:  # noqa: ARG002
        return False


def involuntary_switches() -> int:
    """How often a thread of this process lost its CPU so far; 0 where the system does not count."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
