"""What NVIDIA's management library says of one device: its state, who else computes on it, the energy it took."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from stackdoc.measure.devices.energy import Counter
from stackdoc.model.device import DeviceState

T = TypeVar("T")
POWER_LIMIT = "power limit"  # the usual state of a large part under load, and no fault
REASONS = {  # for which a clock is lowered; one that is merely idle is not
    "nvmlClocksEventReasonSwPowerCap": POWER_LIMIT,
    "nvmlClocksEventReasonHwThermalSlowdown": "hardware thermal slowdown",
    "nvmlClocksEventReasonSwThermalSlowdown": "software thermal slowdown",
    "nvmlClocksEventReasonHwPowerBrakeSlowdown": "power brake",
    "nvmlClocksEventReasonHwSlowdown": "hardware slowdown",
}
NO_PACKAGE = "the package nvidia-ml-py is not installed"
NEVER_WRAPS = 1 << 64


def state(uuid: str) -> DeviceState | None:
    """The state now; None without the library, its Python package or the device."""
    found = _asked(uuid, _state)
    return None if isinstance(found, str) else found


def energy_counter(uuid: str) -> Counter | str:
    """The device's total energy, or why there is none: devices before Volta have no counter."""

    def counter(pynvml: Any, device: Any) -> Counter:
        def read() -> tuple[int, ...]:
            return (int(pynvml.nvmlDeviceGetTotalEnergyConsumption(device)),)

        read()
        return Counter("NVML total energy", read, (NEVER_WRAPS,), 1e-3)

    return _asked(uuid, counter)


def _state(pynvml: Any, device: Any) -> DeviceState:
    """Each part by itself: what a device or driver does not know is left out."""

    def asked(question: str, *arguments: Any) -> Any:
        try:
            return getattr(pynvml, question)(device, *arguments)
        except (AttributeError, pynvml.NVMLError):
            return None

    def scaled(value: Any, by: float) -> float | None:
        return None if value is None else float(value) * by

    mask = asked("nvmlDeviceGetCurrentClocksEventReasons") or 0
    modes = asked("nvmlDeviceGetEccMode"), asked("nvmlDeviceGetMigMode")
    ecc, mig = (None if mode is None else bool(mode[0]) for mode in modes)
    return DeviceState(
        sm_clock_mhz=asked("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_SM),
        max_sm_clock_mhz=asked("nvmlDeviceGetMaxClockInfo", pynvml.NVML_CLOCK_SM),
        power_watts=scaled(asked("nvmlDeviceGetPowerUsage"), 1e-3),
        power_limit_watts=scaled(asked("nvmlDeviceGetEnforcedPowerLimit"), 1e-3),
        temperature_celsius=asked("nvmlDeviceGetTemperature", pynvml.NVML_TEMPERATURE_GPU),
        reasons=tuple(words for name, words in REASONS.items() if mask & int(getattr(pynvml, name, 0))),
        neighbours=_neighbours(asked("nvmlDeviceGetComputeRunningProcesses")),
        ecc=ecc,
        mig=mig,
    )


def _neighbours(processes: Any) -> int | None:
    """Others that compute on the device. Within a container the driver may name this process by another number."""
    if processes is None:
        return None
    others = [process for process in processes if process.pid != os.getpid()]
    unnamed = len(others) == len(processes) and processes  # this process is one of them, under another number
    return len(others) - 1 if unnamed else len(others)


def _asked(uuid: str, question: Callable[[Any, Any], T]) -> T | str:
    try:
        import pynvml
    except ImportError:
        return NO_PACKAGE
    try:
        pynvml.nvmlInit()
        return question(pynvml, _device(pynvml, uuid))
    except pynvml.NVMLError as error:
        return f"NVML: {error}"


def _device(pynvml: Any, uuid: str) -> Any:
    """The device that torch knows by that number, which may be a slice. Raises NVMLError."""
    try:
        return pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
    except pynvml.NVMLError:
        return pynvml.nvmlDeviceGetHandleByUUID(f"MIG-{uuid}")
