"""What NVIDIA's management library says of one device: its clock, why it was lowered, the energy it took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from stackdoc.measure.devices.clock import Conditions
from stackdoc.measure.devices.energy import Counter

T = TypeVar("T")
REASONS = {  # of the clock event reasons, those that make a figure worth less
    "nvmlClocksEventReasonHwThermalSlowdown": "hardware thermal slowdown",
    "nvmlClocksEventReasonSwThermalSlowdown": "software thermal slowdown",
    "nvmlClocksEventReasonHwPowerBrakeSlowdown": "power brake",
}
NO_PACKAGE = "the package nvidia-ml-py is not installed"
NEVER_WRAPS = 1 << 64


def conditions(uuid: str) -> Conditions:
    """Empty without the library, its Python package or the device."""
    found = _asked(uuid, _conditions)
    return Conditions() if isinstance(found, str) else found


def energy_counter(uuid: str) -> Counter | str:
    """The device's total energy, or why there is none: devices before Volta have no counter."""

    def counter(pynvml: Any, device: Any) -> Counter:
        def read() -> tuple[int, ...]:
            return (int(pynvml.nvmlDeviceGetTotalEnergyConsumption(device)),)

        read()
        return Counter("NVML total energy", read, (NEVER_WRAPS,), 1e-3)

    return _asked(uuid, counter)


def _conditions(pynvml: Any, device: Any) -> Conditions:
    mask = pynvml.nvmlDeviceGetCurrentClocksEventReasons(device)
    clock = int(pynvml.nvmlDeviceGetClockInfo(device, pynvml.NVML_CLOCK_SM))
    found = tuple(words for name, words in REASONS.items() if mask & int(getattr(pynvml, name, 0)))
    return Conditions(throttle=found, sm_clock_mhz=clock)


def _asked(uuid: str, question: Callable[[Any, Any], T]) -> T | str:
    try:
        import pynvml
    except ImportError:
        return NO_PACKAGE
    try:
        pynvml.nvmlInit()
        return question(pynvml, pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}"))
    except pynvml.NVMLError as error:
        return f"NVML: {error}"
