"""An accelerator in words: which it was, and its state during a point."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.machine.backends import named
from stackdoc.model.device import Computed, DeviceState
from stackdoc.model.record import Point

GIB = 1 << 30


def computed_text(computed: Computed | None) -> str:
    """`NVIDIA H200 (sm_90, 132 units, 140 GiB), device 0 of 8 that torch could use, CUDA 12.6, cublas 12.6.4`."""
    if computed is None:
        return ""
    memory = f"{computed.memory_bytes / GIB:.0f} GiB" if computed.memory_bytes else ""
    units = f"{computed.units} units" if computed.units else ""
    size = ", ".join(filter(None, [computed.architecture, units, memory]))
    backend = named(computed.backend)
    build = f"{backend.label if backend else computed.backend} {computed.build}".strip()
    which = f"device {computed.index} of {computed.visible} that torch could use" if computed.visible > 1 else ""
    part = f"slice {computed.slice} of a larger part" if computed.slice else ""
    libraries = [f"{name} {version}" for name, version in computed.libraries]
    name = f"{computed.name} ({size})" if size else computed.name
    return ", ".join(filter(None, [name, part, which, build, *libraries]))


def states_text(point: Point) -> str:
    """`SM clock 1755 to 1980 of 1980 MHz, 412 of 700 W, …` over all launches; empty if no driver reported any."""
    states = [state for launch in point.launches for state in launch.states]
    return ", ".join(_parts(states)) if states else ""


def _parts(states: list[DeviceState]) -> Iterator[str]:
    last = states[-1]
    if clocks := [state.sm_clock_mhz for state in states if state.sm_clock_mhz is not None]:
        yield f"SM clock {_span(clocks)}{f' of {last.max_sm_clock_mhz}' if last.max_sm_clock_mhz else ''} MHz"
    if watts := [state.power_watts for state in states if state.power_watts is not None]:
        limit = f" of {last.power_limit_watts:.0f}" if last.power_limit_watts else ""
        yield f"{_span([round(power) for power in watts])}{limit} W"
    if temperatures := [state.temperature_celsius for state in states if state.temperature_celsius is not None]:
        yield f"{_span(temperatures)} °C"
    if reasons := dict.fromkeys(reason for state in states for reason in state.reasons):
        yield f"clock lowered for {' and '.join(reasons)}"
    neighbours = [state.neighbours for state in states if state.neighbours is not None]
    if neighbours:
        others = max(neighbours)
        yield f"{others} other process{'es' if others > 1 else ''} on it" if others else "alone on it"
    if last.ecc is not None:
        yield f"ECC {'on' if last.ecc else 'off'}"
    if last.mig:
        yield "a MIG slice of a larger part"


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low} to {high}"
