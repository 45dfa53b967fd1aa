"""The directory that all temporary files of one run lie below."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from stackdoc.files import write_atomically
from stackdoc.project import SCRATCH_NOTE

PREFIX = "stackdoc-"


@contextmanager
def scratch_of_run(root: Path) -> Iterator[Path]:
    """A directory that is gone afterwards. One run at a time may have it: what it finds noted, a killed run left."""
    remove_left_over(root)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        write_atomically(root / SCRATCH_NOTE, os.fsencode(directory))
        yield directory
    finally:
        end_what_lives_in(directory)
        shutil.rmtree(directory, ignore_errors=True)
        (root / SCRATCH_NOTE).unlink(missing_ok=True)


def remove_left_over(root: Path) -> None:
    """Removes the noted directory if it bears our name."""
    with suppress(OSError):
        noted = Path(os.fsdecode((root / SCRATCH_NOTE).read_bytes()))
        if noted.name.startswith(PREFIX) and noted.is_absolute() and not noted.is_symlink():
            end_what_lives_in(noted)
            shutil.rmtree(noted, ignore_errors=True)


def end_what_lives_in(directory: Path) -> None:
    """Kills the processes whose home lies there: those of a launch that killed its own supervisor nobody else knows."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if f"{process.environ().get('HOME', '')}/".startswith(f"{directory}/"):
                process.kill()
