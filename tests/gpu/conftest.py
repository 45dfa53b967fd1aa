"""The virtual device under the clock of an accelerator."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.gpu.virtual_device import VirtualDevice


@pytest.fixture
def device_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], VirtualDevice]:
    """Makes a virtual device whose waiting kernel counts at that many GHz, and puts it in the place of torch."""

    def put(ghz: float) -> VirtualDevice:
        made = VirtualDevice(ghz)
        monkeypatch.setitem(sys.modules, "torch", made.torch())
        monkeypatch.setattr("stackdoc.measure.devices.accelerator.time", made)
        return made

    return put


@pytest.fixture
def device(device_at: Callable[[float], VirtualDevice]) -> VirtualDevice:
    return device_at(1.98)
