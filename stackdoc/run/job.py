"""One example on one device during a run: its launches so far, those to come, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from stackdoc.measure.timer import timestamp
from stackdoc.measure.wire import LaunchResult
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.plan.plan import Profile
from stackdoc.run.assemble import LaunchMismatch, join_launches
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.resume import SavedLaunch, SavedLaunches, StartMethod
from stackdoc.run.schedule import first_target, next_target

Kind = Literal["display", "timed"]


@dataclass
class Job:
    """The state of one example on one device.

    The first launch is the display launch: untimed, and its output goes on the page. It finds a broken example before
    time is spent on it, and leaves the imported files in the operating system's cache. `target` timed launches
    follow, none for an example that measures nothing.

    `interpreter` runs the launches; `roofs` is the record of the device's roofs, if they were measured. All launches
    use the same `start_method`; `why_fresh` is the reason if fresh processes had to replace forks. `launches` counts
    the launches, which took `seconds`, of them `resumed_seconds` in an interrupted run; `left_behind` counts processes
    that outlived them.
    """

    example: Example
    device: str
    profile: Profile
    start_method: StartMethod = "fresh"
    interpreter: str = sys.executable
    roofs: Record | None = None
    target: int = 0
    why_fresh: str = ""
    started_at: str = ""
    outcome: Outcome | None = None
    saved: SavedLaunches | None = None
    display: LaunchResult | None = None
    timed: list[LaunchResult] = field(default_factory=list)
    seconds: float = 0.0
    resumed_seconds: float = 0.0
    launches: int = 0
    left_behind: int = 0
    caveats: tuple[str, ...] = ()  # of all launches, without duplicates
    loaded: dict[str, str] = field(default_factory=dict)  # files that launches loaded, with the SHA-256 of their bytes

    def __post_init__(self) -> None:
        self.target = self.target or first_target(self.profile, self.example.launches)

    @property
    def may_measure(self) -> bool:
        """False if the display launch is known to be the only one."""
        return "example(" in self.example.source and not (self.example.expect and self.example.expect.must_fail)

    def resume(self, saved: SavedLaunches) -> None:
        """Take over the launches of an interrupted run, and save further ones beside them."""
        self.saved = saved
        for launch in saved.read():
            self.started_at, self.start_method = launch.started_at, launch.start_method
            self._add(launch.end)
        self.resumed_seconds = self.seconds

    @property
    def kind(self) -> Kind:
        """The kind of the next launch."""
        return "display" if self.display is None else "timed"

    @property
    def pending(self) -> int:
        """The number of launches to come, as far as known."""
        if self.outcome is not None:
            return 0
        return (self.target - len(self.timed) if self.may_measure else 0) + (self.display is None)

    @property
    def mean_seconds(self) -> float:
        return self.seconds / self.launches if self.launches else 0.0

    def mark_started(self) -> None:
        """Note the time of the first launch. Call this before each launch."""
        self.started_at = self.started_at or timestamp()

    def add(self, end: LaunchEnd) -> None:
        """Add and save one launch; the first that is not ok ends the job."""
        number = self.launches
        self._add(end)
        if self.saved and end.result is not None:
            self.saved.save(number, SavedLaunch(end, self.start_method, self.started_at))

    def _add(self, end: LaunchEnd) -> None:
        self.seconds += end.seconds
        self.launches += 1
        self.left_behind += end.left_behind
        remarks = end.result.remarks if end.result else ()
        self.caveats = tuple(dict.fromkeys((*self.caveats, *end.caveats, *remarks)))
        changed = [path for path, sha256 in end.loaded if self.loaded.setdefault(path, sha256) != sha256]
        if end.result is None:
            self.outcome = end.outcome
        elif changed:
            self.outcome = changed_meanwhile(changed)
        elif self.display is None:
            self.display = end.result
            self.outcome = None if end.result.points else Outcome("ok")
        else:
            self.timed.append(end.result)
            self._end_at_target()

    def _end_at_target(self) -> None:
        """Once the target is reached, raise it if more launches are needed, else end the job."""
        if len(self.timed) < self.target:
            return
        try:
            points = join_launches(self.timed)
        except LaunchMismatch as mismatch:
            self.outcome = Outcome("failed", str(mismatch))
            return
        self.target = next_target(self.profile, self.example.launches, len(self.timed), points)
        if len(self.timed) >= self.target:
            self.outcome = Outcome("ok")


def changed_meanwhile(paths: Sequence[str]) -> Outcome:
    """Return the outcome if files changed between launches: it is unknown which version each launch has read."""
    return Outcome("refused", f"changed while it was measured: {', '.join(paths)}; the next run measures it again")
