"""The launches of several examples: those for display at once, the timed ones one by one in random order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from stackdoc.example import Example
from stackdoc.measure.launch import LaunchResult
from stackdoc.plan import Profile
from stackdoc.run.expecting import judged
from stackdoc.run.kept import KeptLaunch, KeptLaunches, Launched
from stackdoc.run.merge import Mismatch, joined
from stackdoc.run.outcome import Outcome
from stackdoc.run.progress import LaunchEnded, Progress
from stackdoc.run.runner import LaunchEnd
from stackdoc.run.schedule import first_target, next_target

Kind = Literal["display", "timed"]
UNKNOWN_SECONDS = 5.0  # what a launch is guessed to take before any has ended


@dataclass
class Course:
    """One example on one device on its way: what has been launched, what is still wanted, how it ended.

    The first launch is the untimed one whose output goes on the page: it finds a broken example
    before any time is spent on it, and leaves the files of the imports in the cache. All launches are
    started in the same way; `why_fresh` says why they are no forks where forks were wanted.
    """

    example: Example
    device: str
    profile: Profile
    launched: Launched = "fresh"
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
            self._enter(LaunchEnd(Outcome("ok"), launch.result, launch.seconds, launch.left_behind, launch.caveats))

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
        """Enters the end of one launch and keeps it; the first that is not ok ends the course."""
        number = self.launches
        self._enter(end)
        if self.kept and end.result is not None:
            launch = KeptLaunch(end.result, end.seconds, end.left_behind, self.launched, self.began, end.caveats)
            self.kept.keep(number, launch)

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


def displayed(
    courses: Sequence[Course],
    launch: Callable[[Sequence[Course]], Iterable[tuple[Course, LaunchEnd]]],
    progress: Progress,
) -> Iterator[Course]:
    """The untimed launches, several at once; yields every course that they end."""
    for course, end in launch([course for course in courses if course.pending and course.kind == "display"]):
        yield from _took(course, end, progress)


def interleaved(
    courses: Sequence[Course],
    launch: Callable[[Course], LaunchEnd],
    progress: Progress,
    order: random.Random,
    new_round: Callable[[], None],
) -> Iterator[Course]:
    """Round after round in random order, each course once a round; yields every course as it ends."""
    while going := [course for course in courses if course.outcome is None]:
        new_round()
        order.shuffle(going)
        for course in going:
            yield from _took(course, launch(course), progress)


def _took(course: Course, end: LaunchEnd, progress: Progress) -> Iterator[Course]:
    kind = course.kind
    end = judged(end, course.example.expect) if kind == "display" else end
    course.take(end)
    number = 1 if kind == "display" else len(course.timed) + (end.result is None)
    progress.event(LaunchEnded(course.example.id, course.device, kind, number, course.target, end.seconds, end.outcome))
    if course.outcome is not None:
        yield course


def remaining_seconds(courses: Sequence[Course], round_seconds: float = 0.0) -> float:
    """An estimate: each course's launches to come at its own mean, or at that of all where it has none.

    `round_seconds` are spent once a round on the warm processes.
    """
    launched = sum(course.launches for course in courses)
    mean = sum(course.seconds for course in courses) / launched if launched else UNKNOWN_SECONDS
    rounds = max((course.pending for course in courses), default=0)
    return rounds * round_seconds + sum(course.pending * (course.mean_seconds or mean) for course in courses)
