"""This machine's hardware, and its name."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace
from math import ceil
from pathlib import Path

from stackdoc.machine.accelerators import GIB, accelerators
from stackdoc.machine.identity import identify
from stackdoc.machine.processor import Processor, of_linux, of_macos
from stackdoc.machine.topology import topology
from stackdoc.model.machine import Machine

# The kernel keeps 1 to 4 % of the memory for itself; sizes are rounded up to what is sold.
MEMORY_STEPS = ((16, 1), (64, 2), (256, 8), (1 << 30, 32))


def this_machine(root: Path = Path("/")) -> Machine:
    """Reads the files below `root` and asks the driver for accelerators: no clock, address, serial or host name.

    All cores and all memory of the machine, whatever a process may use of them: `this_allotment` says that.
    """
    import psutil

    processor = _processor(root)
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    unnamed = Machine(
        id="",
        cpu=processor.name,
        vendor=processor.vendor,
        architecture=platform.machine(),
        microarchitecture=processor.microarchitecture,
        cores=cores,
        memory_gib=rounded_gib(psutil.virtual_memory().total),
        l1d_bytes=processor.l1d_bytes,
        l2_bytes=processor.l2_bytes,
        l3_bytes=processor.l3_bytes,
        isa=processor.isa,
        virtual=processor.virtual,
        accelerators=accelerators(root),
        topology=topology(root),
    )
    return replace(unnamed, id=identify(unnamed))


def _processor(root: Path) -> Processor:
    if sys.platform == "linux":
        return of_linux(root)
    if sys.platform == "darwin":
        return of_macos()
    return Processor(platform.processor(), "", "")


def rounded_gib(total_bytes: int) -> int:
    """GiB as sold: the total that the kernel reports, rounded up."""
    gib = total_bytes / GIB
    step = next(step for limit, step in MEMORY_STEPS if gib <= limit)
    return ceil(gib / step) * step
