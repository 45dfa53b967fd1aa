"""The most memory that one call held on the host, from the kernel's own counters."""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stackdoc.model.record import Memory

PROCESS = Path("/proc/self")
RESET_PEAK = "5"  # what `clear_refs` takes for it
UNKNOWN = "this system does not count resident memory"


def host_memory(call: Callable[[], Any], process: Path = PROCESS) -> Memory:
    """Calls once. What earlier calls left in the heap is given back first, so that it is counted again.

    Where the kernel lets no process reset its peak, only a call that exceeds all before it has a figure.
    """
    _give_back()
    before = _resident(process, "VmRSS")
    if before is not None and _reset(process):
        call()
        peak = _resident(process, "VmHWM")
        if peak is not None:
            return Memory("host", "VmHWM", before, max(peak, before))
    return _by_maximum(call)


def _by_maximum(call: Callable[[], Any]) -> Memory:
    if sys.platform == "win32":
        return Memory("host", reason=UNKNOWN)
    earlier = _maximum()
    call()
    later = _maximum()
    if later > earlier:
        return Memory("host", "ru_maxrss", earlier, later)
    return Memory("host", reason="the peak can't be reset here, and the process had held more before")


def _maximum() -> int:
    """Bytes that the process held at most since it began."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1 << 10)


def _give_back() -> None:
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _reset(process: Path) -> bool:
    try:
        (process / "clear_refs").write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _resident(process: Path, name: str) -> int | None:
    """A line of `status` in bytes, None where there is none."""
    try:
        found = re.search(rf"^{name}:\s*(\d+) kB$", (process / "status").read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, ValueError):
        return None
    return int(found[1]) << 10 if found else None
