"""One run over several examples: the roofs first, then all others, each result stored as it comes."""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from stackdoc import store
from stackdoc.example import Example
from stackdoc.freshness import package_names
from stackdoc.machine import Software
from stackdoc.plan import Place, Profile, latest_here
from stackdoc.reading import implausible
from stackdoc.reading.closure import changed
from stackdoc.record import METHOD, SCHEMA, Output, Record
from stackdoc.roofs import Roofs
from stackdoc.run.course import Course, displayed, interleaved, remaining_seconds
from stackdoc.run.kept import KeptLaunches, Launched, remove_old
from stackdoc.run.launcher import THREADS, Launcher
from stackdoc.run.limits import Limits
from stackdoc.run.merge import joined, over_the_roof, with_resources
from stackdoc.run.outcome import Outcome
from stackdoc.run.output import impersonal, printable
from stackdoc.run.progress import Began, ExampleEnded, Progress
from stackdoc.run.provenance import commit_of
from stackdoc.run.result import Result
from stackdoc.run.runner import LaunchEnd
from stackdoc.run.scratch import scratch_of_run
from stackdoc.run.survey import Survey
from stackdoc.run.zygotes import CAN_FORK, Zygotes

SHARE_OF_MEMORY = 0.9  # a launch may not take more of what the machine has


class Campaign:
    """Runs what the survey decided. `limits` bound each launch, but for the seconds, which the example states.

    `launched` is how launches are started; where forks are wanted and impossible they are fresh processes.
    """

    def __init__(
        self, root: Path, found: Survey, profile: Profile, progress: Progress, limits: Limits, launched: Launched
    ) -> None:
        self.root = root
        self.found = found
        self.profile = profile
        self.progress = progress
        memory_bytes = min(limits.memory_bytes, int(SHARE_OF_MEMORY * psutil.virtual_memory().total))
        self.limits = dataclasses.replace(limits, memory_bytes=memory_bytes)
        self.launched: Launched = launched if CAN_FORK else "fresh"
        self.records = dict(found.records)
        self.place = found.place
        self.courses = [
            Course(found.examples[decision.example], decision.device, profile, self.launched)
            for decision in found.decisions
            if decision.action == "run"
        ]

    def run(self) -> Iterator[Result]:
        """Yields each result when its example has ended and its record is on disk."""
        if not self.courses:
            return
        store.make_ready(self.root)
        remove_old(self.root)
        of_roofs = [course for course in self.courses if course.example.roofs]
        others = [course for course in self.courses if not course.example.roofs]
        with scratch_of_run(self.root) as scratch, Zygotes(scratch) as self.zygotes:
            launcher = Launcher(self.root, scratch, self.zygotes, self.limits, self._roofs_for, self._interpreter)
            self._resume(of_roofs or others)
            self.progress.event(Began(len(self.courses), sum(course.pending for course in self.courses)))
            for batch in (of_roofs, others):
                yield from map(self._finish, self._ran(batch, launcher))

    def _ran(self, courses: list[Course], launcher: Launcher) -> Iterator[Course]:
        """Every course as it ends: what an earlier run had all launches of, then those to display, then the timed."""
        self._resume(courses)
        yield from [course for course in courses if course.outcome is not None]

        def displays(courses: Sequence[Course]) -> Iterator[tuple[Course, LaunchEnd]]:
            return ((course, self._held(course, end)) for course, end in launcher.displays(courses))

        def timed(course: Course) -> LaunchEnd:
            return self._held(course, launcher.timed(course))

        yield from displayed(courses, displays, self.progress)
        yield from interleaved(courses, timed, self.progress, random.Random(), self.zygotes.renew)

    def _held(self, course: Course, end: LaunchEnd) -> LaunchEnd:
        """The end, refused when nobody knows which state of the files the launch has seen."""
        edited = changed(self.root, course.example.closure)
        if not edited:
            return end
        reason = f"changed while it was measured: {', '.join(edited)}; the next run measures it"
        return dataclasses.replace(end, outcome=Outcome("refused", reason, tail=end.outcome.tail), result=None)

    def _resume(self, courses: list[Course]) -> None:
        """Takes over the launches that an interrupted run has left."""
        for course in courses:
            if course.kept is None:
                course.resume(KeptLaunches(self.root, self._plan_of(course)))

    def _plan_of(self, course: Course) -> dict[str, object]:
        """Everything that two launches of one record have in common."""
        example, roofs = course.example, self._roofs_for(course)
        return {
            "example": example.id,
            "digest": example.digest,
            "device": course.device,
            "profile": self.profile,
            "launched": self.launched,
            "method": METHOD,
            "threads": THREADS,
            "roofs": roofs.id if roofs else "",
            "machine": dataclasses.asdict(self.place.machine),
            "software": dataclasses.asdict(software_of(example, self.place)),
        }

    def _interpreter(self, example: Example) -> str:
        made = self.place.environments.get(example.environment)
        return made.interpreter if made else sys.executable

    def _roofs_for(self, course: Course) -> Record | None:
        """The roofs measured here on the course's device; an example of roofs has none itself."""
        if course.example.roofs:
            return None
        roofs = next((example for example in self.found.examples.values() if example.roofs), None)
        return latest_here(roofs, course.device, self.records, self.place) if roofs else None

    def _finish(self, course: Course) -> Result:
        outcome, record = self._record(course)
        outcome = dataclasses.replace(outcome, reason=impersonal(outcome.reason, self.root))
        if record is not None:
            store.write(self.root, record)
            store.enter_in_ledger(self.root, [record.id])
            self.records[record.id] = record
            self.place = dataclasses.replace(self.place, ledger=self.place.ledger | {record.id})
        if course.kept is not None:
            course.kept.remove()
        left = sum(other.outcome is None for other in self.courses)
        remaining = remaining_seconds(self.courses, self.zygotes.round_seconds)
        self.progress.event(
            ExampleEnded(course.example.id, course.device, outcome, course.seconds, course.launches, remaining, left)
        )
        return Result(course.example.id, course.device, outcome, record, course.seconds, course.launches)

    def _record(self, course: Course) -> tuple[Outcome, Record | None]:
        """The record of a course that ended ok, unless its figures are refused."""
        assert course.outcome is not None
        if not course.outcome.ok:
            return course.outcome, None
        roofs = self._roofs_for(course)
        record = self._compose(course, roofs)
        if reasons := over_the_roof(record, Roofs.from_record(roofs) if roofs else None):
            return Outcome("refused", "; ".join(reasons)), None
        if faults := [f"{where} {message}" for where, message in implausible(record)]:
            return Outcome("refused", "; ".join(faults)), None
        try:
            return course.outcome, store.identified(record)
        except ValueError as error:
            return Outcome("refused", f"the record has no canonical form: {error}"), None

    def _compose(self, course: Course, roofs: Record | None) -> Record:
        example = course.example
        commit, dirty = commit_of(self.root, [path for path, _ in example.closure])
        return Record(
            id="",
            schema=SCHEMA,
            method=METHOD,
            example=example.id,
            device=course.device,
            profile=self.profile,
            threads=THREADS,
            measured_at=course.began,
            machine=self.place.machine,
            software=software_of(example, self.place),
            digest=example.digest,
            closure=example.closure,
            commit=commit,
            dirty=dirty,
            launched=course.launched,
            points=with_resources(joined(course.timed), course.display),
            ratios=course.timed[0].ratios if course.timed else (),
            outputs=tuple(map(self._shown, course.display.outputs)) if course.display else (),
            roofs=roofs.id if roofs else "",
            caveats=_caveats(course),
        )

    def _shown(self, output: Output) -> Output:
        """As it may be published."""
        if output.mime == "image/png":
            return output
        data = printable(output.data) if output.mime == "text/plain" else output.data
        return dataclasses.replace(output, data=impersonal(data, self.root))


def software_of(example: Example, place: Place) -> Software:
    """What the example runs on: of a named environment all packages, else those alone that it declares."""
    installed = place.software_of(example)
    if example.environment:
        return installed
    names = package_names(example.dependencies, installed.python)
    packages = {name: installed.packages[name] for name in names if name in installed.packages}
    return dataclasses.replace(installed, packages=packages)


def _caveats(course: Course) -> tuple[str, ...]:
    found = list(course.caveats)
    if course.left_behind:
        found.append(f"{course.left_behind} processes outlived their launches and were ended")
    if course.why_fresh:
        found.append(f"launches were fresh processes, not forks: {course.why_fresh}")
    return tuple(found)
