"""Completed launches of an interrupted run, saved until their record is made, so that the next run can resume."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from stackdoc.files import write_atomically
from stackdoc.git import is_ignored
from stackdoc.project import LAUNCHES
from stackdoc.reading.decode import adapter
from stackdoc.records.sanity import impossible_points
from stackdoc.run.process.runner import LaunchEnd

StartMethod = Literal["fresh", "forked"]
DIRECTORY = re.compile(r"[0-9a-f]{24}")
EXPIRY_SECONDS = 2 * 24 * 3600.0  # older launches are measured again: too much of the machine may have changed


@dataclass(frozen=True)
class SavedLaunch:
    """A launch that ended ok; `started_at` is when the first launch of its job was started (UTC)."""

    end: LaunchEnd
    start_method: StartMethod
    started_at: str


class SavedLaunches:
    """The saved launches of one example under one plan: another script, package, machine or roof is another plan."""

    def __init__(self, root: Path, plan: Mapping[str, object]) -> None:
        digest = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()
        self.root, self.directory = root, root / LAUNCHES / digest[:24]

    def read(self) -> list[SavedLaunch]:
        """Return the launches in the order in which they ended, up to a missing, damaged or impossible one.

        There are none if they came with the repository: this machine did not measure them.
        """
        launches: list[SavedLaunch] = []
        if self.directory.exists() and is_ignored(self.root, LAUNCHES):
            return launches
        while True:
            try:
                content = self._path(len(launches)).read_bytes()
                launch: SavedLaunch = adapter(SavedLaunch).validate_json(content, strict=True)
            except (OSError, ValueError):
                return launches
            timed = [point for point in launch.end.result.points if point.launches] if launch.end.result else []
            if any(impossible_points(timed)):
                return launches
            launches.append(launch)

    def save(self, number: int, launch: SavedLaunch) -> None:
        """Write one launch atomically."""
        write_atomically(self._path(number), json.dumps(asdict(launch)).encode())

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.directory / f"{number:03}.json"


def remove_expired(root: Path) -> None:
    """Remove the launches that were saved more than two days ago, and nothing to which a link leads."""
    limit = time.time() - EXPIRY_SECONDS
    for directory in (root / LAUNCHES).glob("*"):
        if DIRECTORY.fullmatch(directory.name) and directory.is_dir() and directory.stat().st_mtime < limit:
            shutil.rmtree(directory, ignore_errors=True)
