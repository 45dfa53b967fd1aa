"""One run over several examples: the roofs first, then all others, each result stored as it comes."""

from __future__ import annotations

import dataclasses
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from stackdoc import store
from stackdoc.example import Example
from stackdoc.freshness import package_names
from stackdoc.machine import Software
from stackdoc.measure.launch import LaunchOrder
from stackdoc.plan import Place, Profile, latest_here
from stackdoc.record import METHOD, SCHEMA, Output, Record
from stackdoc.roofs import Roofs
from stackdoc.run.course import Course, interleaved, remaining_seconds
from stackdoc.run.limits import Limits
from stackdoc.run.merge import joined, over_the_roof, with_resources
from stackdoc.run.outcome import Outcome
from stackdoc.run.output import printable
from stackdoc.run.progress import Began, ExampleEnded, Progress
from stackdoc.run.provenance import commit_of
from stackdoc.run.result import Result
from stackdoc.run.runner import LaunchEnd, run_launch
from stackdoc.run.survey import Survey

SHARE_OF_MEMORY = 0.9  # a launch may not take more of what the machine has
THREADS = 1


class Campaign:
    """Runs what the survey decided. `limits` bound each launch, but for the seconds, which the example states."""

    def __init__(self, root: Path, found: Survey, profile: Profile, progress: Progress, limits: Limits) -> None:
        self.root = root
        self.found = found
        self.profile = profile
        self.progress = progress
        memory_bytes = min(limits.memory_bytes, int(SHARE_OF_MEMORY * psutil.virtual_memory().total))
        self.limits = dataclasses.replace(limits, memory_bytes=memory_bytes)
        self.records = dict(found.records)
        self.place = found.place
        self.courses = [
            Course(found.examples[decision.example], decision.device, profile)
            for decision in found.decisions
            if decision.action == "run"
        ]
        self.began: dict[tuple[str, str], datetime] = {}

    def run(self) -> Iterator[Result]:
        """Yields each result when its example has ended and its record is on disk."""
        if not self.courses:
            return
        store.make_ready(self.root)
        self.progress.event(Began(len(self.courses), sum(course.pending for course in self.courses)))
        order = random.Random()
        with tempfile.TemporaryDirectory(prefix="stackdoc-", ignore_cleanup_errors=True) as shared:
            for roofs in (True, False):
                batch = [course for course in self.courses if course.example.roofs is roofs]
                for course in interleaved(batch, partial(self._launch, Path(shared)), self.progress, order):
                    yield self._finish(course)

    def _launch(self, shared: Path, course: Course) -> LaunchEnd:
        self.began.setdefault((course.example.id, course.device), datetime.now(UTC))
        roofs = self._roofs_for(course)
        order = LaunchOrder(
            path=str((self.root / course.example.path).resolve()),
            device=course.device,
            profile=self.profile,
            threads=THREADS,
            index=len(course.timed),
            roofs=Roofs.from_record(roofs) if roofs else None,
            kind=course.kind,
            cells=course.example.cells,
            network=course.example.network,
        )
        limits = dataclasses.replace(self.limits, seconds=course.example.budget_seconds)
        interpreter = self._interpreter(course.example)
        return run_launch(order, limits, interpreter, temporary=_temporary(shared, course))

    def _interpreter(self, example: Example) -> str:
        made = self.place.environments.get(example.environment)
        return made.interpreter if made else sys.executable

    def _roofs_for(self, course: Course) -> Record | None:
        """The roofs measured here on the course's device; an example of roofs has none itself."""
        if course.example.roofs:
            return None
        roofs = next((example for example in self.found.examples.values() if example.roofs), None)
        return latest_here(roofs, course.device, self.records, self.place, "quick") if roofs else None

    def _finish(self, course: Course) -> Result:
        outcome, record = self._record(course)
        if record is not None:
            store.write(self.root, record)
            store.enter_in_ledger(self.root, [record.id])
            self.records[record.id] = record
            self.place = dataclasses.replace(self.place, ledger=self.place.ledger | {record.id})
        left = sum(other.outcome is None for other in self.courses)
        remaining = remaining_seconds(self.courses)
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
        try:
            return course.outcome, store.identified(record)
        except ValueError as error:
            return Outcome("refused", f"the record has no canonical form: {error}"), None

    def _compose(self, course: Course, roofs: Record | None) -> Record:
        example = course.example
        commit, dirty = commit_of(self.root, [path for path, _ in example.closure])
        began = self.began[example.id, course.device]
        return Record(
            id="",
            schema=SCHEMA,
            method=METHOD,
            example=example.id,
            device=course.device,
            profile=self.profile,
            threads=THREADS,
            measured_at=began.strftime("%Y-%m-%dT%H:%M:%SZ"),
            machine=self.place.machine,
            software=software_of(example, self.place),
            digest=example.digest,
            closure=example.closure,
            commit=commit,
            dirty=dirty,
            launched="fresh",
            points=with_resources(joined(course.timed), course.display),
            ratios=course.timed[0].ratios,
            outputs=tuple(map(_shown, course.display.outputs)) if course.display else (),
            roofs=roofs.id if roofs else "",
            caveats=_caveats(course),
        )


def software_of(example: Example, place: Place) -> Software:
    """What the example runs on: of a named environment all packages, else those alone that it declares."""
    installed = place.software_of(example)
    if example.environment:
        return installed
    names = package_names(example.dependencies, installed.python)
    packages = {name: installed.packages[name] for name in names if name in installed.packages}
    return dataclasses.replace(installed, packages=packages)


def _temporary(shared: Path, course: Course) -> Path | None:
    """The directory that the course's launches share below that of the whole run, where its example asks for one."""
    if not course.example.shared_scratch:
        return None
    directory = shared / course.example.id.replace("/", "-") / course.device
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _shown(output: Output) -> Output:
    return dataclasses.replace(output, data=printable(output.data)) if output.mime == "text/plain" else output


def _caveats(course: Course) -> tuple[str, ...]:
    if not course.left_behind:
        return course.caveats
    return (*course.caveats, f"{course.left_behind} processes outlived their launches and were ended")
