"""Which processors the processes of a machine may use and with which priority, to see whether a launch changed that."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

Schedule = tuple[frozenset[int], int]  # the processors, and the niceness


class Schedules:
    """The schedules of those processes, or of all that run now: launches start later, and may change their own."""

    def __init__(self, pids: Iterable[int] | None = None) -> None:
        self._own = _schedule(0)
        self._started = {pid: _start(pid) for pid in (_pids() if pids is None else pids)}
        self._known = {pid: schedule for pid in self._started if (schedule := _schedule(pid)) is not None}

    def changes(self) -> tuple[str, ...]:
        """Return a sentence about processes whose schedule has changed since the last call; none if there are none.

        This process returns to its own processors, since later launches inherit them.
        """
        changed = 0
        for pid, before in list(self._known.items()):
            now = _schedule(pid)
            if now == before:
                continue
            if now is None or _start(pid) != self._started[pid]:  # it has ended, and its number is another's
                del self._known[pid]
                continue
            self._known[pid] = now
            changed += 1
        if not changed:
            return ()
        if self._own and _schedule(0) != self._own:
            with suppress(OSError):
                os.sched_setaffinity(0, self._own[0])
            self._known[os.getpid()] = _schedule(0) or self._own
        other = "another process" if changed == 1 else f"{changed} other processes"
        return (f"while it ran, the priority or the processors of {other} changed",)


def _pids() -> list[int]:
    """Return the numbers of all processes; none where a process can't be asked for its processors."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _start(pid: int) -> str:
    """Return when the process was started, in the kernel's clock; empty if it is gone."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    return ""


def _schedule(pid: int) -> Schedule | None:
    try:
        return frozenset(os.sched_getaffinity(pid)), os.getpriority(os.PRIO_PROCESS, pid)
    except (OSError, AttributeError):
        return None
