"""Memory that processes use without mapping it, which counts for none of them: shared memory files and `memfd`s."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from stackdoc.run.process.seclusion import SHARED_MEMORY

MEMORY_FILES = ("/memfd:", f"{SHARED_MEMORY}/")
BLOCK_BYTES = 512  # of `st_blocks`


def unmapped_bytes(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of memory files beyond those that the processes have mapped, which are resident in them.

    Counted are all files in the shared memory of a launch that has its own, and the files that processes have open.
    """
    own = _device(SHARED_MEMORY)
    open_files: dict[tuple[int, int], int] = {}
    file_systems: dict[int, int] = {}
    mapped = 0
    for process in processes:
        with suppress(OSError):
            for file in _memory_files(process.pid):
                open_files[file.st_dev, file.st_ino] = file.st_blocks * BLOCK_BYTES
        place = f"/proc/{process.pid}/root{SHARED_MEMORY}"
        device = _device(place)
        if device not in (own, 0) and device not in file_systems:
            file_systems[device] = _used(place)
        mapped += _mapped(process.pid)
    files = sum(size for (device, _), size in open_files.items() if device not in file_systems)
    return max(0, files + sum(file_systems.values()) - mapped)


def _memory_files(pid: int) -> Iterator[os.stat_result]:
    with os.scandir(f"/proc/{pid}/fd") as descriptors:
        for descriptor in descriptors:
            with suppress(OSError):
                if str(Path(descriptor.path).readlink()).startswith(MEMORY_FILES):
                    yield Path(descriptor.path).stat()


def _device(path: str) -> int:
    """Return the number of the file system at the path, 0 if it can't be seen."""
    try:
        return Path(path).stat().st_dev
    except OSError:
        return 0


def _used(path: str) -> int:
    try:
        system = os.statvfs(path)
    except OSError:
        return 0
    return (system.f_blocks - system.f_bfree) * system.f_frsize


def _mapped(pid: int) -> int:
    """Return the bytes of shared memory that are resident in the process."""
    with suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
        return int(status.partition("RssShmem:")[2].split(None, 1)[0]) * 1024
    return 0
