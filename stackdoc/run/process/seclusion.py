"""What a launch that has its own mount namespace no longer shares with other programs, on Linux."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

SHARED_MEMORY = "/dev/shm"
SOCKETS = Path("/proc/net/unix")
RUNTIME = "/run"  # where services of the system have their sockets
DEPTH = 3  # directories below RUNTIME that are looked into
DRIVERS = "nvidia"  # the sockets of a device's driver are part of the device
MOST_SOCKETS = 500
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
PR_CAPBSET_DROP = 24
CAPABILITIES = 0x20080522  # the version of the structure below
CAP_SYS_PTRACE, CAP_SYS_ADMIN = 19, 21


def foreign_sockets() -> list[str]:
    """Return the paths of sockets that other programs listen at, except those of drivers."""
    paths = dict.fromkeys((*_bound(), *_below(RUNTIME, DEPTH)))
    return [path for path in paths if DRIVERS not in path and _is_socket(path)][:MOST_SOCKETS]


def _bound() -> Iterator[str]:
    """Yield the paths that the kernel lists for this network namespace."""
    try:
        lines = SOCKETS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return
    for line in lines[1:]:
        fields = line.split(None, 7)
        if len(fields) == 8 and fields[7].startswith("/"):  # others have no name, or one without a file
            yield fields[7]


def _below(directory: str, depth: int) -> Iterator[str]:
    """Yield sockets in a directory: those of a container's host are in no list."""
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and depth > 1:
                yield from _below(entry.path, depth - 1)
            elif not entry.is_file(follow_symlinks=False):
                yield entry.path


def _is_socket(path: str) -> bool:
    try:
        return Path(path).is_socket()
    except (OSError, ValueError):
        return False


def keep_apart(sockets: Iterable[str]) -> bool:
    """Give this mount namespace shared memory of its own and hide the sockets in it. Return whether that was possible.

    Nothing is mounted unless mounts stay in this namespace.
    """
    if not _mount(None, "/", None, MS_REC | MS_PRIVATE):
        return False
    hidden = [_mount(os.devnull, path, None, MS_BIND) or not _is_socket(path) for path in sockets]
    own_memory = _mount("tmpfs", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    return all(hidden) and (own_memory or not Path(SHARED_MEMORY).is_dir())


def drop_capabilities() -> None:
    """Give up the capabilities that enter other namespaces and processes or change mounts, also for programs started.

    Does nothing where a process has none.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, for capabilities 0 to 31 and then 32 to 63
    if libc.capget(header, sets) != 0:
        return
    for capability in (CAP_SYS_PTRACE, CAP_SYS_ADMIN):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        for index in range(3):
            sets[index] &= ~(1 << capability) & 0xFFFFFFFF
    libc.capset(header, sets)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> bool:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    mount = ctypes.CDLL(None, use_errno=True).mount
    mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
    status: int = mount(texts[0], texts[1], texts[2], flags, texts[3])
    return status == 0
