"""Completed launches of an interrupted run, kept until their record is made, so that the next run can resume."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from stackdoc.files import write_atomically
from stackdoc.project import LAUNCHES
from stackdoc.reading.decode import adapter
from stackdoc.run.process.runner import LaunchEnd

Launched = Literal["fresh", "forked"]
KEPT_SECONDS = 2 * 24 * 3600.0  # after that, what is still wanted is measured anew: too much may have changed


@dataclass(frozen=True)
class KeptLaunch:
    """A launch that ended ok, and how it was started; `began` is when its example did (UTC)."""

    end: LaunchEnd
    launched: Launched
    began: str


class KeptLaunches:
    """Those of one example under one plan; another script, software, machine or roof is another plan."""

    def __init__(self, root: Path, plan: Mapping[str, object]) -> None:
        digest = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()
        self.directory = root / LAUNCHES / digest[:24]

    def read(self) -> list[KeptLaunch]:
        """In the order in which they ended, up to the first that is missing or damaged."""
        found: list[KeptLaunch] = []
        while True:
            try:
                content = self._path(len(found)).read_bytes()
                found.append(adapter(KeptLaunch).validate_json(content, strict=True))
            except (OSError, ValueError):
                return found

    def keep(self, number: int, launch: KeptLaunch) -> None:
        """Complete or not at all."""
        write_atomically(self._path(number), json.dumps(asdict(launch)).encode())

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.directory / f"{number:03}.json"


def remove_old(root: Path) -> None:
    """Removes what was kept longer ago than two days."""
    limit = time.time() - KEPT_SECONDS
    for directory in (root / LAUNCHES).glob("*"):
        if directory.is_dir() and directory.stat().st_mtime < limit:
            shutil.rmtree(directory, ignore_errors=True)
