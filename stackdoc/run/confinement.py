"""What Linux offers to keep a process and its descendants in hand; elsewhere these do nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(number: signal.Signals) -> None:
    """The kernel sends `number` to this process when its parent dies, also when it is dead already."""
    parent = os.getppid()
    if _prctl(PR_SET_PDEATHSIG, number) and os.getppid() != parent:
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Descendants whose parent dies, daemons among them, become children of this process."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def limit_files(file_bytes: int) -> None:
    """No core dumps, and no file longer than `file_bytes`, in this process and those it starts."""
    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, file_bytes)):
        _, hard = resource.getrlimit(kind)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (ceiling, ceiling))


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    done: int = ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
    return done == 0
