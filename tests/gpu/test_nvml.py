"""What NVIDIA's management library is asked, on a made-up one."""

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from stackdoc.measure.devices import nvml
from stackdoc.measure.devices.energy import Counter


class Library(ModuleType):
    """Knows one device by its number, and of it what `answers` say."""

    NVML_CLOCK_SM = 1
    NVML_TEMPERATURE_GPU = 0
    nvmlClocksEventReasonSwPowerCap = 4
    nvmlClocksEventReasonHwThermalSlowdown = 64

    class NVMLError(Exception):
        pass

    def __init__(self, uuid: str, **answers: Any) -> None:
        super().__init__("pynvml")
        self.uuid = uuid
        self.nvmlInit = lambda: None
        for name, answer in answers.items():
            setattr(self, name, lambda *_, answer=answer: answer)

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        if uuid != self.uuid:
            raise self.NVMLError(f"not found: {uuid}")
        return uuid


def of_processes(*pids: int) -> list[SimpleNamespace]:
    return [SimpleNamespace(pid=pid) for pid in pids]


WHOLE = {
    "nvmlDeviceGetCurrentClocksEventReasons": 4 | 64,
    "nvmlDeviceGetClockInfo": 1755,
    "nvmlDeviceGetMaxClockInfo": 1980,
    "nvmlDeviceGetPowerUsage": 698_500,
    "nvmlDeviceGetEnforcedPowerLimit": 700_000,
    "nvmlDeviceGetTemperature": 58,
    "nvmlDeviceGetEccMode": (1, 1),
    "nvmlDeviceGetMigMode": (0, 0),
    "nvmlDeviceGetComputeRunningProcesses": of_processes(os.getpid(), 1),
    "nvmlDeviceGetTotalEnergyConsumption": 12_345,
}


def test_the_state_is_that_of_the_device_that_torch_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library("GPU-7", **WHOLE))
    state = nvml.state("7")
    assert state is not None
    assert (state.sm_clock_mhz, state.max_sm_clock_mhz, state.power_watts) == (1755, 1980, pytest.approx(698.5))
    assert state.power_limit_watts == pytest.approx(700)
    assert (state.reasons, state.neighbours) == (("power limit", "hardware thermal slowdown"), 1)
    assert (state.ecc, state.mig) == (True, False)
    assert nvml.state("8") is None


def test_a_slice_is_found_by_the_number_that_torch_has_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Much is not known of a slice alone; what is not is left out."""
    monkeypatch.setitem(sys.modules, "pynvml", Library("MIG-7", nvmlDeviceGetMigMode=(1, 1)))
    state = nvml.state("7")
    assert state is not None
    assert (state.mig, state.power_watts, state.neighbours) == (True, None, None)


@pytest.mark.parametrize(("pids", "neighbours"), [((), 0), ((1,), 0), ((1, 2), 1)])
def test_within_a_container_this_process_has_another_number(
    pids: tuple[int, ...], neighbours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"nvmlDeviceGetComputeRunningProcesses": of_processes(*pids)}
    monkeypatch.setitem(sys.modules, "pynvml", Library("GPU-7", **answers))
    state = nvml.state("7")
    assert state is not None
    assert state.neighbours == neighbours


def test_energy_is_that_of_the_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library("GPU-7", **WHOLE))
    counter = nvml.energy_counter("7")
    assert isinstance(counter, Counter)
    assert counter.between((0,), counter.read()) == pytest.approx(12.345)
    assert nvml.energy_counter("8") == "NVML: not found: MIG-8"
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvml.energy_counter("7") == nvml.NO_PACKAGE
