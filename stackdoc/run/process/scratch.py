"""The directory for all temporary files of one run."""

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
def run_scratch(root: Path) -> Iterator[Path]:
    """Make a directory, and remove it afterwards together with what a killed run left behind.

    Only one run at a time may do this: it takes a directory that is noted in the checkout for that of a killed run.
    """
    _remove_leftover(root)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        write_atomically(root / SCRATCH_NOTE, os.fsencode(directory))
        yield directory
    finally:
        _kill_processes_in(directory)
        shutil.rmtree(directory, ignore_errors=True)
        (root / SCRATCH_NOTE).unlink(missing_ok=True)


def _remove_leftover(root: Path) -> None:
    """Remove the noted directory if its place and name are those of ours: the note may come from a stranger."""
    with suppress(OSError):
        noted = Path(os.fsdecode((root / SCRATCH_NOTE).read_bytes()))
        if noted.name.startswith(PREFIX) and noted.parent == Path(tempfile.gettempdir()) and not noted.is_symlink():
            _kill_processes_in(noted)
            shutil.rmtree(noted, ignore_errors=True)


def _kill_processes_in(directory: Path) -> None:
    """Kill all processes whose home is below the directory.

    Those of a launch that killed its own supervisor can't be found in another way.
    """
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if f"{process.environ().get('HOME', '')}/".startswith(f"{directory}/"):
                process.kill()
