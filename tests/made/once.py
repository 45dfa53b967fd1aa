"""Things that are made once in a session of tests, however many processes it has."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock


@dataclass(frozen=True)
class Once:
    """A directory of the session, in which each process finds what another has made."""

    directory: Path

    def made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The path `name`, as `make` left it; whoever asks meanwhile waits. Nobody may change it."""
        place, done = self.directory / name, self.directory / f"{name}.made"
        with FileLock(self.directory / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(place, ignore_errors=True)  # of a maker that failed
                make(place)
                done.touch()
        return place
