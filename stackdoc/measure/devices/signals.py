"""Signals of disturbance: what the system reports around the blocks of a launch.

A new signal is a row of SIGNALS and a field of `Launch` with the same name, whose metadata are `OPTIONAL | COUNT`, or
another range.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")
Readings = Mapping[str, float | None]


@dataclass(frozen=True)
class Signal:
    """How a signal is read, None if the system does not report it. Of a counter the increase is stored."""

    read: Callable[[], float | None]
    is_counter: bool = False


def cpu_pressure() -> float | None:
    """Return the percentage of the last 10 s in which a task waited for a CPU."""
    try:
        first = PRESSURE.read_text(encoding="ascii").split("\n", 1)[0]
        return float(first.split("avg10=")[1].split()[0])
    except (OSError, IndexError, ValueError):
        return None


def page_faults() -> int | None:
    """Return how many pages this process was given so far without reading a disk.

    An allocator that returns a buffer to the system after every call pays for them again in the next one.
    """
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


SIGNALS: Mapping[str, Signal] = {
    "psi": Signal(cpu_pressure),
    "faults": Signal(page_faults, is_counter=True),
}


def read_signals() -> Readings:
    """Return the present value of each signal."""
    return {name: signal.read() for name, signal in SIGNALS.items()}


def over_launch(before: Readings, after: Readings) -> Readings:
    """Return what a launch stores: of a counter the increase, of any other signal its value before."""
    return {name: _stored(name, value, after.get(name)) for name, value in before.items()}


def _stored(name: str, before: float | None, after: float | None) -> float | None:
    if not SIGNALS[name].is_counter:
        return before
    return None if before is None or after is None else after - before
