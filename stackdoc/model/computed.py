"""The device that computed what a record states."""

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
