"""Files written completely or not at all, and zip archives: the same files make the same bytes."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ENTRY_TIME = (1980, 1, 1, 0, 0, 0)  # of every entry of an archive
AT_WORKING_DIRECTORY, RENAME_EXCHANGE = -100, 2  # of renameat2(2)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)  # of archives


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file by the content in one step, creating its directories; after a failure the old file is intact."""

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def exchange(one: Path, other: Path) -> bool:
    """Swap two files or directories in one step; False if the system can't, as all but Linux, or one is missing."""
    import ctypes  # every command imports this module

    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    done: int = renameat2(AT_WORKING_DIRECTORY, names[0], AT_WORKING_DIRECTORY, names[1], RENAME_EXCHANGE)
    return done == 0


def is_file(name: str) -> bool:
    """Whether a name that a user gave is that of a file; False for one that no file can have."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def write_archive(target: Path | IO[bytes], entries: Mapping[str, bytes]) -> None:
    """Write a zip archive of the entries, in their order. Reading a damaged one raises an error of DAMAGED."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, ENTRY_TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
