"""One run of several examples: first the one that measures the roofs, then all others, group by group."""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import psutil

from stackdoc.errors import count
from stackdoc.examples.closure import by_byte, by_essence
from stackdoc.git import commit_of
from stackdoc.measure.outputs import PICTURES, STDERR
from stackdoc.model.device import Computed
from stackdoc.model.example import Example
from stackdoc.model.machine import Allotment, Machine, Software
from stackdoc.model.record import SCHEMA, Output, Point, Ratio, Record, method_of
from stackdoc.plan.freshness import package_names
from stackdoc.plan.plan import Host, Profile, current_local_record
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from stackdoc.records.sanity import impossible_values
from stackdoc.run.assemble import LaunchMismatch, above_roof, computed_on, join_launches, with_resources
from stackdoc.run.controls import Controls
from stackdoc.run.job import Job, changed_meanwhile
from stackdoc.run.launcher import THREADS, Launcher
from stackdoc.run.outcome import Outcome
from stackdoc.run.pace.allowance import Allowance
from stackdoc.run.pace.durations import Durations
from stackdoc.run.pace.groups import in_order, next_group
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.output import plain_text, without_local_paths
from stackdoc.run.process.scratch import run_scratch
from stackdoc.run.process.zygotes import CAN_FORK, Zygotes
from stackdoc.run.progress import ExampleEnded, LaunchStarted, Progress, RunEnded, RunStarted
from stackdoc.run.result import ExampleResult
from stackdoc.run.resume import SavedLaunches, StartMethod, remove_expired
from stackdoc.run.rounds import run_jobs
from stackdoc.run.situation import Situation
from stackdoc.run.within_quota import within_quota
from stackdoc.statistics.roofs import Roofs

Labelled = TypeVar("Labelled", Point, Ratio)
MEMORY_SHARE = 0.9  # of the available memory that a launch may use at most


class Session:
    """Runs the examples that are due. `limits` bound each launch, except for the seconds, which each example sets.

    Where processes can't be forked, launches are fresh processes whatever the `start_method`. A group of jobs that
    would exceed the `allowed_seconds` of this run is not started; what is left is in `left_out`, with the reason.
    `priorities` are those of examples, the lowest first. `commit` is that of a copy without git, `repeats` the digest
    of the record that is run again.
    """

    def __init__(
        self,
        situation: Situation,
        profile: Profile,
        progress: Progress,
        limits: Limits,
        start_method: StartMethod,
        *,
        allowed_seconds: float | None = None,
        priorities: Mapping[str, int] | None = None,
        commit: str = "",
        repeats: str | None = None,
    ) -> None:
        self.layout = situation.project.layout
        self.situation = situation
        self.profile = profile
        self.progress = progress
        self.limits = limits_within(limits, situation.host.allotment)
        self.start_method: StartMethod = start_method if CAN_FORK else "fresh"
        self.records = dict(situation.records)
        self.host = situation.host
        self.jobs = [
            Job(situation.project.examples[decision.example], decision.device, profile, self.start_method)
            for decision in situation.due
        ]
        self.priorities = priorities or {}
        self.commit = commit
        self.repeats = repeats
        self.allowance = Allowance(allowed_seconds)
        self.durations = Durations(self.jobs, situation.project.records.values(), self.host.machine.id)
        self.left_out: dict[tuple[str, str], str] = {}
        self.controls = Controls()

    def run(self) -> Iterator[ExampleResult]:
        """Yield the result of each example once it has ended and its record is on disk."""
        if not self.jobs:
            return
        store.ensure_writable(self.layout)
        remove_expired(self.layout.root)
        quota = within_quota(self.host.allotment)
        with quota, run_scratch(self.layout.root) as scratch, Zygotes(scratch) as zygotes:
            launcher = Launcher(
                self.layout.root, scratch, zygotes, self.limits, self.host.allotment, starts=self._launch_starts
            )
            for group in self._groups():
                self.controls = Controls()
                for job in run_jobs(group, launcher, self.controls, self.progress, random.Random()):
                    yield self._finish(job)
        self.progress.event(RunEnded(len(self.left_out)))

    def _groups(self) -> Iterator[list[Job]]:
        """Yield the jobs in groups while there is time for another one, first those that measure the roofs."""
        of_roofs = [job for job in self.jobs if job.example.roofs]
        others = [job for job in self.jobs if not job.example.roofs]
        self._prepare(of_roofs or others)
        self._report_start()
        for jobs in (of_roofs, others):
            self._prepare(jobs)
            waiting = in_order(jobs, self.priorities)
            while not self.left_out and (group := next_group(waiting, self.durations.seconds, self.allowance.left)):
                yield group
                waiting = [job for job in waiting if not any(job is done for done in group)]
            self._leave_out(waiting)

    def _report_start(self) -> None:
        launches = sum(job.pending for job in self.jobs)
        seconds, guess = self.durations.seconds(self.jobs), self.durations.is_guess(self.jobs)
        self.progress.event(RunStarted(len(self.jobs), launches, seconds, guess, self.allowance.seconds))

    def _launch_starts(self, job: Job) -> None:
        number, wanted = job.launches + 1, job.launches + job.pending
        self.progress.event(LaunchStarted(job.example.id, job.device, number, wanted, *self._remaining()))

    def _remaining(self) -> tuple[float, int]:
        """Estimate the time until this run ends, and count the examples that have not ended."""
        unfinished = [job for job in self.jobs if job.outcome is None]
        return min(self.durations.seconds(unfinished), self.allowance.left), len(unfinished)

    def _leave_out(self, jobs: Sequence[Job]) -> None:
        """Note why the jobs are left to the next run. Without time for the roofs nothing else was begun."""
        roofs_first = any(self.situation.project.examples[example].roofs for example, _ in self.left_out)
        left = self.allowance.left
        for job in jobs:
            needed = f"about {self.durations.seconds([job]):.0f} s were needed and {left:.0f} s left"
            reason = "the roofs come first, and there was no time for them" if roofs_first else needed
            self.left_out[job.example.id, job.device] = f"{reason}; the next run measures it"

    def _prepare(self, jobs: Sequence[Job]) -> None:
        """Give each job the roofs of its device, its interpreter, and the launches saved by an interrupted run."""
        for job in jobs:
            if job.saved is None:
                job.roofs = self._roofs_for(job)
                installation = self.host.environments.get(job.example.environment)
                job.interpreter = installation.interpreter if installation else sys.executable
                job.resume(SavedLaunches(self.layout.root, self._plan_of(job)))

    def _plan_of(self, job: Job) -> dict[str, object]:
        """Return everything that must be equal for two launches to belong to one record."""
        example, roofs = job.example, job.roofs
        return {
            "example": example.id,
            "digest": example.digest,
            "device": job.device,
            "profile": self.profile,
            "launched": self.start_method,
            "method": method_of(job.device),
            "threads": THREADS,
            "roofs": roofs.id if roofs else "",
            "machine": dataclasses.asdict(self.host.machine),
            "software": dataclasses.asdict(recorded_software(example, self.host)),
        }

    def _roofs_for(self, job: Job) -> Record | None:
        """Return the roofs measured here on the job's device; None for an example that measures roofs itself."""
        if job.example.roofs:
            return None
        roofs = next((example for example in self.situation.project.examples.values() if example.roofs), None)
        return current_local_record(roofs, job.device, self.records, self.host) if roofs else None

    def _finish(self, job: Job) -> ExampleResult:
        """Store the record of an ended job and report the job's end."""
        outcome, record = self._checked_record(job)
        outcome = dataclasses.replace(outcome, reason=without_local_paths(outcome.reason, self.layout.root))
        if record is not None:
            store.write(self.layout, record)
            ledger.enter(self.layout, [record])
            self.records[record.id] = record
            self.host = dataclasses.replace(self.host, ledger=self.host.ledger | {record.id})
        if job.saved is not None:
            job.saved.remove()
        self.progress.event(
            ExampleEnded(job.example.id, job.device, outcome, job.seconds, job.launches, *self._remaining())
        )
        return ExampleResult(job.example.id, job.device, outcome, record, job.seconds, job.launches)

    def _checked_record(self, job: Job) -> tuple[Outcome, Record | None]:
        """Return the outcome of a job and, if its figures are accepted, its record."""
        assert job.outcome is not None
        if not job.outcome.ok:
            return job.outcome, None
        if edited := self._edited(job):
            return changed_meanwhile(edited), None
        try:
            record = self._record(job)
        except LaunchMismatch as mismatch:
            return Outcome("refused", str(mismatch)), None
        if faults := [f"{where} {message}" for where, message in impossible_values(record)]:
            return Outcome("refused", "; ".join(faults)), None
        if reasons := above_roof(record, Roofs.from_record(job.roofs) if job.roofs else None):
            return Outcome("refused", "; ".join(reasons)), None
        try:
            return job.outcome, with_id(record)
        except ValueError as error:
            return Outcome("refused", f"the record has no canonical form: {error}"), None

    def _edited(self, job: Job) -> list[str]:
        """Return the files that the launches loaded and that have changed since."""
        present = [path for path in job.loaded if (self.layout / path).is_file()]
        now = dict(by_byte(self.layout.root, present))
        return sorted(path for path, sha256 in job.loaded.items() if now.get(path) != sha256)

    def _record(self, job: Job) -> Record:
        """Return the record of a completed job, as yet without an id."""
        example = job.example
        closure = tuple(sorted((*example.closure, *by_essence(self.layout.root, tuple(job.loaded.items())))))
        commit, dirty = commit_of(self.layout.root, [path for path, _ in closure], self.commit)
        computed = computed_on([*([job.display] if job.display else []), *job.timed])
        return Record(
            id="",
            schema=SCHEMA,
            method=method_of(job.device),
            example=example.id,
            device=job.device,
            profile=self.profile,
            threads=THREADS,
            measured_at=job.started_at,
            machine=with_units(self.host.machine, computed),
            software=recorded_software(example, self.host),
            digest=example.digest,
            closure=closure,
            commit=commit,
            dirty=dirty,
            launched=job.start_method,
            points=tuple(map(self._impersonal, with_resources(join_launches(job.timed), job.display))),
            ratios=tuple(map(self._impersonal, job.timed[0].ratios if job.timed else ())),
            outputs=tuple(map(self._publishable, job.display.outputs)) if job.display else (),
            roofs=job.roofs.id if job.roofs else "",
            caveats=_caveats(job, self.controls, self.host.machine),
            controls=self.controls.results,
            computed=computed,
            allotment=self.host.allotment,
            repeats=self.repeats,
        )

    def _impersonal(self, item: Labelled) -> Labelled:
        """Return the point or ratio without the paths of this computer in its label."""
        return dataclasses.replace(item, label=without_local_paths(item.label, self.layout.root))

    def _publishable(self, output: Output) -> Output:
        """Return the output without control characters and without the paths of this computer."""
        if output.mime in PICTURES:
            return output
        data = plain_text(output.data) if output.mime in ("text/plain", STDERR) else output.data
        return dataclasses.replace(output, data=without_local_paths(data, self.layout.root))


def limits_within(limits: Limits, allotment: Allotment | None) -> Limits:
    """Return the limits, reduced to the memory that there is for this process. Under a quota, silence may be longer."""
    total_bytes = psutil.virtual_memory().total
    memory_bytes = min((allotment.memory_bytes if allotment else None) or total_bytes, total_bytes)
    return dataclasses.replace(
        limits,
        memory_bytes=min(limits.memory_bytes, int(MEMORY_SHARE * memory_bytes)),
        silence_seconds=limits.silence_seconds * (allotment.slowdown if allotment else 1.0),
    )


def with_units(machine: Machine, computed: Computed | None) -> Machine:
    """Return the machine with the units of the accelerator that computed, which some drivers do not state."""
    if computed is None:
        return machine
    accelerators = (
        dataclasses.replace(part, units=part.units or computed.units) if part.name == computed.name else part
        for part in machine.accelerators
    )
    return dataclasses.replace(machine, accelerators=tuple(accelerators))


def recorded_software(example: Example, host: Host) -> Software:
    """Return the software for the example's record: all packages of a named environment, else only declared ones."""
    installed = host.software_of(example)
    if example.environment:
        return installed
    names = package_names(example.dependencies, installed.python)
    packages = {name: installed.packages[name] for name in names if name in installed.packages}
    return dataclasses.replace(installed, packages=packages)


def _caveats(job: Job, controls: Controls, machine: Machine) -> tuple[str, ...]:
    caveats = list(job.caveats)
    if job.left_behind:
        caveats.append(f"{count(job.left_behind, 'process', 'processes')} outlived their launches and were ended")
    if job.why_fresh:
        caveats.append(f"launches were fresh processes, not forks: {job.why_fresh}")
    if machine.topology and machine.topology.kinds:
        kinds = " and ".join(f"{count} {name}" for name, count in machine.topology.kinds)
        caveats.append(f"launches could run on cores of different kinds: {kinds}")
    if controls.error:
        caveats.append(f"the controls of a round could not be measured: {controls.error}")
    return tuple(caveats)
