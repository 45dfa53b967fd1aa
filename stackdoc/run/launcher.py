"""Starts the launches of courses: as forks of warm processes where that is wanted and possible, else fresh."""

from __future__ import annotations

import dataclasses
import os
import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from stackdoc.example import Example
from stackdoc.measure.energy import Counter, rapl
from stackdoc.measure.launch import LaunchOrder
from stackdoc.record import Record
from stackdoc.roofs import Roofs
from stackdoc.run.course import Course
from stackdoc.run.limits import Limits
from stackdoc.run.outcome import Outcome
from stackdoc.run.runner import LaunchEnd, UnderWay, started
from stackdoc.run.zygotes import CAN_FORK, NoZygote, Zygotes, heavy_imports

THREADS = 1
LOOK_SECONDS = 1.0
CROWDED = ("out-of-memory", "signal")  # how a launch may end because of those beside it


class Launcher:
    """`root` holds the examples, `scratch` everything temporary; `limits` bound each launch, but for the seconds."""

    def __init__(
        self,
        root: Path,
        scratch: Path,
        zygotes: Zygotes,
        limits: Limits,
        roofs_for: Callable[[Course], Record | None],
        interpreter_of: Callable[[Example], str],
    ) -> None:
        self.root = root
        self.scratch = scratch
        self.zygotes = zygotes
        self.limits = limits
        self.roofs_for = roofs_for
        self.interpreter_of = interpreter_of
        self.at_once = 1 if isinstance(rapl(), Counter) else len(os.sched_getaffinity(0)) if CAN_FORK else 1

    def timed(self, course: Course) -> LaunchEnd:
        """One launch that has the machine to itself."""
        try:
            launch, ending = self._start(course)
        except NoZygote as refusal:
            return LaunchEnd(Outcome("failed", str(refusal)), None, 0.0)
        with ending:
            return launch.end()

    def displays(self, courses: Sequence[Course]) -> Iterator[tuple[Course, LaunchEnd]]:
        """One launch of each, as many at once as there are CPUs, and one at a time on an accelerator.

        Where the energy of calls can be read, it is read in these launches, and they go one by one. One that may
        have died of the company is launched again by itself.
        """
        waiting, crowded = list(courses), []
        going: dict[UnderWay, tuple[Course, ExitStack]] = {}
        try:
            while waiting or going:
                while course := self._next(waiting, [course for course, _ in going.values()]):
                    launch, ending = self._start(course)
                    going[launch] = course, ending
                for launch in _ended(going):
                    alone = len(going) == 1
                    course, ending = going.pop(launch)
                    with ending:
                        end = launch.end()
                    if end.outcome.name in CROWDED and not alone:
                        crowded.append(course)
                    else:
                        yield course, end
        finally:
            for _, ending in going.values():
                ending.close()
        for course in crowded:
            yield course, self.timed(course)

    def _next(self, waiting: list[Course], going: Sequence[Course]) -> Course | None:
        """Takes one that may start beside those that are going."""
        if len(going) >= self.at_once:
            return None
        busy = {course.device for course in going} - {"cpu"}
        free = next((course for course in waiting if course.device not in busy), None)
        if free is not None:
            waiting.remove(free)
        return free

    def _start(self, course: Course) -> tuple[UnderWay, ExitStack]:
        """The launch, and what ends it. Raises NoZygote when earlier launches were forks and this one can't be."""
        course.begin()
        order = self._order(course)
        limits = dataclasses.replace(self.limits, seconds=course.example.budget_seconds)
        interpreter = self.interpreter_of(course.example)
        start = partial(started, order, limits, interpreter, self._temporary(course), self.scratch)
        ending = ExitStack()
        if course.launched == "forked":
            try:
                fork = start(zygotes=self.zygotes, modules=heavy_imports(course.example))
                return ending.enter_context(fork), ending
            except NoZygote as refusal:
                if course.launches:
                    raise
                course.launched, course.why_fresh = "fresh", str(refusal)
        return ending.enter_context(start()), ending

    def _order(self, course: Course) -> LaunchOrder:
        roofs = self.roofs_for(course)
        return LaunchOrder(
            path=str((self.root / course.example.path).resolve()),
            device=course.device,
            profile=course.profile,
            threads=THREADS,
            index=len(course.timed),
            roofs=Roofs.from_record(roofs) if roofs else None,
            kind=course.kind,
            cells=course.example.cells,
            network=course.example.network,
            root=str(self.root.resolve()),
            sources=tuple(path for path, _ in course.example.closure),
        )

    def _temporary(self, course: Course) -> Path | None:
        """The directory that the course's launches share, where its example asks for one."""
        if not course.example.shared_scratch:
            return None
        directory = self.scratch / "shared" / course.example.id.replace("/", "-") / course.device
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def _ended(going: dict[UnderWay, tuple[Course, ExitStack]]) -> list[UnderWay]:
    """Waits until one has ended, or is stuck."""
    while True:
        ready, _, _ = select.select(list(going), [], [], LOOK_SECONDS)
        if found := ready or [launch for launch in going if launch.overdue]:
            return found
