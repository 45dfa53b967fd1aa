"""An accelerator, as a record states it: which one computed, and its state meanwhile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Computed:
    """The device that computed, as torch names it: the one at `index` of the `visible` ones.

    `backend` is a name in `stackdoc.machine.backends`, `build` the version of the runtime that torch was built for
    (`12.6`). `units` are multiprocessors. `slice` is the profile of a MIG slice (`1g.18gb`), empty for a whole device.
    `libraries` are (name, version) of what ran the kernels.
    """

    backend: str
    name: str
    build: str = ""
    architecture: str = ""
    memory_bytes: int = 0
    units: int = 0
    index: int = 0
    visible: int = 1
    slice: str = ""
    libraries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the driver reported of an accelerator at one moment; None where it does not report it.

    `reasons` are the reasons for which the clock is lowered, such as the power limit. `neighbours` counts other
    processes that compute on the device; `mig` is true for a slice of a larger device.
    """

    sm_clock_mhz: int | None = None
    max_sm_clock_mhz: int | None = None
    power_watts: float | None = None
    power_limit_watts: float | None = None
    temperature_celsius: int | None = None
    reasons: tuple[str, ...] = ()
    neighbours: int | None = None
    ecc: bool | None = None
    mig: bool | None = None
