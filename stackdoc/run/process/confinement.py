"""Isolate a process and its descendants and tie their lives together, on Linux; elsewhere these do nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

from stackdoc.run.process.seclusion import drop_capabilities, foreign_sockets, keep_apart

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
WITHIN_REACH = "not isolated: the network was within reach"
OTHERS_WITHIN_REACH = "not isolated: sockets and shared memory of other programs were within reach"


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send the signal `number` to this process when its parent dies, or at once if it is dead."""
    parent = os.getppid()
    if _prctl(PR_SET_PDEATHSIG, number) and os.getppid() != parent:
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Make descendants whose parent dies, such as daemons, children of this process."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def limit_files(file_bytes: int) -> None:
    """Forbid core dumps and files larger than `file_bytes` to this process and those it starts."""
    import resource  # here, so that pages can be built where there is no such module

    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, file_bytes)):
        _, hard = resource.getrlimit(kind)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (ceiling, ceiling))


def confine(network: bool) -> tuple[str, ...]:
    """Leave this process and those it starts no network except 127.0.0.1, and no host name except `localhost`.

    They also get shared memory of their own, which ends with them, and find no sockets of other programs. They keep
    no right to undo this, or to enter other processes.

    Return the caveats: empty if the process is isolated. With `network` it is not isolated, because the example asks
    for that.

    Call this while the process has one thread, and before `die_with_parent`, whose setting the kernel may drop.
    """
    if network:
        return (f"{WITHIN_REACH}, as the example asks",)
    sockets = foreign_sockets()  # before the process leaves the namespace that they are listed in
    apart = CLONE_NEWNS | CLONE_NEWIPC
    if _leave_network(apart):
        is_apart = keep_apart(sockets)
    elif _leave_network():
        is_apart = False
    else:
        return (WITHIN_REACH,)
    drop_capabilities()
    return () if is_apart else (OTHERS_WITHIN_REACH,)


def can_confine() -> bool:
    """Whether `confine` can isolate a process here; tried in a short-lived process."""
    trial = subprocess.run((sys.executable, "-m", "stackdoc.run.process.confinement"), capture_output=True, check=False)
    return trial.returncode == 0


def _leave_network(more: int = 0) -> bool:
    """Enter a network namespace with only a loopback interface, through a user namespace unless run by root.

    `more` are the flags of other namespaces to enter. Nothing is entered if one of them can't be.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    namespaces = CLONE_NEWNET | CLONE_NEWUTS | more
    if not _unshare(namespaces):
        if not _unshare(CLONE_NEWUSER | namespaces):
            return False
        with contextlib.suppress(OSError):
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
            Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with contextlib.suppress(OSError):
        socket.sethostname("localhost")
    with contextlib.suppress(OSError):  # without this even 127.0.0.1 can't be reached
        _raise_loopback()
    return True


def _raise_loopback() -> None:
    from fcntl import ioctl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", ioctl(control, SIOCGIFFLAGS, name), 16)
        ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def _unshare(flags: int) -> bool:
    status: int = ctypes.CDLL(None, use_errno=True).unshare(flags)
    return status == 0


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    status: int = ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
    return status == 0


if __name__ == "__main__":
    sys.exit(0 if confine(network=False) == () else 1)
