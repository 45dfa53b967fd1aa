"""One example on one device in a run: its launches so far, those still wanted, how it ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.plan.plan import Profile
from stackdoc.run.assemble import Mismatch, joined
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.resume import KeptLaunch, KeptLaunches, Launched
from stackdoc.run.schedule import first_target, next_target

Kind = Literal["display", "timed"]
UNKNOWN_SECONDS = 5.0  # what a launch is guessed to take before any has ended


@dataclass
class Job:
    """`interpreter` runs its launches, `roofs` are those of its device, where they were measured.

    The first launch is the untimed one whose output goes on the page: it finds a broken example
    before any time is spent on it, and leaves the files of the imports in the cache. All launches are
    started in the same way; `why_fresh` says why they are no forks where forks were wanted.
    """

    example: Example
    device: str
    profile: Profile
    launched: Launched = "fresh"
    interpreter: str = sys.executable
    roofs: Record | None = None
    target: int = 0
    why_fresh: str = ""
    began: str = ""
    outcome: Outcome | None = None
    kept: KeptLaunches | None = None
    display: LaunchResult | None = None
    timed: list[LaunchResult] = field(default_factory=list)
    seconds: float = 0.0
    launches: int = 0
    left_behind: int = 0
    caveats: tuple[str, ...] = ()  # of its launches, each once

    def __post_init__(self) -> None:
        self.target = self.target or first_target(self.profile, self.example.launches)
        if self.must_fail:
            self.target = 0

    @property
    def must_fail(self) -> bool:
        return self.example.expect is not None and self.example.expect.must_fail

    def resume(self, kept: KeptLaunches) -> None:
        """Takes over the launches that are kept, and keeps those to come there."""
        self.kept = kept
        for launch in kept.read():
            self.began, self.launched = launch.began, launch.launched
            self._enter(launch.end)

    @property
    def kind(self) -> Kind:
        """Of the next launch."""
        return "display" if self.display is None else "timed"

    @property
    def pending(self) -> int:
        """Launches still wanted, as far as is known."""
        if self.outcome is not None:
            return 0
        return self.target - len(self.timed) + (self.display is None)

    @property
    def mean_seconds(self) -> float:
        return self.seconds / self.launches if self.launches else 0.0

    def begin(self) -> None:
        """To be called before each launch."""
        self.began = self.began or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def take(self, end: LaunchEnd) -> None:
        """Enters the end of one launch and keeps it; the first that is not ok ends the job."""
        number = self.launches
        self._enter(end)
        if self.kept and end.result is not None:
            self.kept.keep(number, KeptLaunch(end, self.launched, self.began))

    def _enter(self, end: LaunchEnd) -> None:
        self.seconds += end.seconds
        self.launches += 1
        self.left_behind += end.left_behind
        self.caveats = tuple(dict.fromkeys((*self.caveats, *end.caveats)))
        if end.result is None:
            self.outcome = end.outcome
        elif self.display is None:
            self.display = end.result
            self.outcome = Outcome("ok") if self.must_fail else None
        else:
            self.timed.append(end.result)
            self._settle()

    def _settle(self) -> None:
        if len(self.timed) < self.target:
            return
        try:
            points = joined(self.timed)
        except Mismatch as mismatch:
            self.outcome = Outcome("failed", str(mismatch))
            return
        self.target = next_target(self.profile, self.example.launches, len(self.timed), points)
        if len(self.timed) >= self.target:
            self.outcome = Outcome("ok")


def remaining_seconds(jobs: Sequence[Job], round_seconds: float = 0.0) -> float:
    """An estimate: each job's launches to come at its own mean, or at that of all where it has none.

    `round_seconds` are spent once a round on the warm processes.
    """
    launched = sum(job.launches for job in jobs)
    mean = sum(job.seconds for job in jobs) / launched if launched else UNKNOWN_SECONDS
    rounds = max((job.pending for job in jobs), default=0)
    return rounds * round_seconds + sum(job.pending * (job.mean_seconds or mean) for job in jobs)
