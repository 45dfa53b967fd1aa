"""The state of an accelerator during a point, in words."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.model.record import DeviceState, Point


def states_text(point: Point) -> str:
    """`SM clock 1755 to 1980 of 1980 MHz, 412 of 700 W, …` over all launches; empty where no driver told of one."""
    states = [state for launch in point.launches for state in launch.states]
    return ", ".join(_parts(states)) if states else ""


def _parts(states: list[DeviceState]) -> Iterator[str]:
    one = states[-1]
    if clocks := [state.sm_clock_mhz for state in states if state.sm_clock_mhz is not None]:
        yield f"SM clock {_span(clocks)}{f' of {one.max_sm_clock_mhz}' if one.max_sm_clock_mhz else ''} MHz"
    if watts := [state.power_watts for state in states if state.power_watts is not None]:
        limit = f" of {one.power_limit_watts:.0f}" if one.power_limit_watts else ""
        yield f"{_span([round(power) for power in watts])}{limit} W"
    if warm := [state.temperature_celsius for state in states if state.temperature_celsius is not None]:
        yield f"{_span(warm)} °C"
    if reasons := dict.fromkeys(reason for state in states for reason in state.reasons):
        yield f"clock lowered for {' and '.join(reasons)}"
    beside = [state.neighbours for state in states if state.neighbours is not None]
    if beside:
        others = max(beside)
        yield f"{others} other process{'es' if others > 1 else ''} on it" if others else "alone on it"
    if one.ecc is not None:
        yield f"ECC {'on' if one.ecc else 'off'}"
    if one.mig:
        yield "a MIG slice of a larger part"


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return f"{low}" if low == high else f"{low} to {high}"
