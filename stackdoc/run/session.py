"""One run over several examples: the roofs first, then all others, each result stored as it comes."""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Iterator, Sequence

import psutil

from stackdoc.model.example import Example
from stackdoc.model.machine import Software
from stackdoc.model.record import SCHEMA, Output, Record, method_of
from stackdoc.plan.freshness import package_names
from stackdoc.plan.plan import Host, Profile, current_local_record
from stackdoc.records import store
from stackdoc.records.sanity import impossible_values
from stackdoc.run.assemble import joined, over_the_roof, with_resources
from stackdoc.run.controls import Controls
from stackdoc.run.job import Job, remaining_seconds
from stackdoc.run.launcher import THREADS, Launcher
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.output import impersonal, printable
from stackdoc.run.process.scratch import scratch_of_run
from stackdoc.run.process.zygotes import CAN_FORK, Zygotes
from stackdoc.run.progress import Began, ExampleEnded, Progress
from stackdoc.run.provenance import commit_of
from stackdoc.run.result import Result
from stackdoc.run.resume import KeptLaunches, Launched, remove_old
from stackdoc.run.rounds import ended
from stackdoc.run.situation import Situation
from stackdoc.statistics.roofs import Roofs

SHARE_OF_MEMORY = 0.9  # a launch may not take more of what the machine has


class Session:
    """Runs what was decided. `limits` bound each launch, but for the seconds, which the example states.

    `launched` is how launches are started; where forks are wanted and impossible they are fresh processes.
    """

    def __init__(
        self, found: Situation, profile: Profile, progress: Progress, limits: Limits, launched: Launched
    ) -> None:
        self.layout = found.project.layout
        self.found = found
        self.profile = profile
        self.progress = progress
        memory_bytes = min(limits.memory_bytes, int(SHARE_OF_MEMORY * psutil.virtual_memory().total))
        self.limits = dataclasses.replace(limits, memory_bytes=memory_bytes)
        self.launched: Launched = launched if CAN_FORK else "fresh"
        self.records = dict(found.records)
        self.host = found.host
        self.jobs = [
            Job(found.project.examples[decision.example], decision.device, profile, self.launched)
            for decision in found.due
        ]
        self.controls = Controls()

    def run(self) -> Iterator[Result]:
        """Yields each result when its example has ended and its record is on disk."""
        if not self.jobs:
            return
        store.ensure_writable(self.layout)
        remove_old(self.layout.root)
        of_roofs = [job for job in self.jobs if job.example.roofs]
        others = [job for job in self.jobs if not job.example.roofs]
        with scratch_of_run(self.layout.root) as scratch, Zygotes(scratch) as zygotes:
            launcher = Launcher(self.layout.root, scratch, zygotes, self.limits)
            self._prepare(of_roofs or others)
            self.progress.event(Began(len(self.jobs), sum(job.pending for job in self.jobs)))
            for jobs in (of_roofs, others):
                self._prepare(jobs)
                self.controls = Controls()
                for job in ended(jobs, launcher, self.controls, self.progress, random.Random()):
                    yield self._finish(job, zygotes.round_seconds + self.controls.round_seconds)

    def _prepare(self, jobs: Sequence[Job]) -> None:
        """Gives each job the roofs of its device and its interpreter, and the launches that an interrupted run left."""
        for job in jobs:
            if job.kept is None:
                job.roofs = self._roofs_for(job)
                made = self.host.environments.get(job.example.environment)
                job.interpreter = made.interpreter if made else sys.executable
                job.resume(KeptLaunches(self.layout.root, self._plan_of(job)))

    def _plan_of(self, job: Job) -> dict[str, object]:
        """Everything that two launches of one record have in common."""
        example, roofs = job.example, job.roofs
        return {
            "example": example.id,
            "digest": example.digest,
            "device": job.device,
            "profile": self.profile,
            "launched": self.launched,
            "method": method_of(job.device),
            "threads": THREADS,
            "roofs": roofs.id if roofs else "",
            "machine": dataclasses.asdict(self.host.machine),
            "software": dataclasses.asdict(software_of(example, self.host)),
        }

    def _roofs_for(self, job: Job) -> Record | None:
        """The roofs measured here on the job's device; an example of roofs has none itself."""
        if job.example.roofs:
            return None
        roofs = next((example for example in self.found.project.examples.values() if example.roofs), None)
        return current_local_record(roofs, job.device, self.records, self.host) if roofs else None

    def _finish(self, job: Job, round_seconds: float) -> Result:
        outcome, record = self._record(job)
        outcome = dataclasses.replace(outcome, reason=impersonal(outcome.reason, self.layout.root))
        if record is not None:
            store.write(self.layout, record)
            store.enter_in_ledger(self.layout, [record.id])
            self.records[record.id] = record
            self.host = dataclasses.replace(self.host, ledger=self.host.ledger | {record.id})
        if job.kept is not None:
            job.kept.remove()
        left = sum(other.outcome is None for other in self.jobs)
        remaining = remaining_seconds(self.jobs, round_seconds)
        self.progress.event(
            ExampleEnded(job.example.id, job.device, outcome, job.seconds, job.launches, remaining, left)
        )
        return Result(job.example.id, job.device, outcome, record, job.seconds, job.launches)

    def _record(self, job: Job) -> tuple[Outcome, Record | None]:
        """The record of a job that ended ok, unless its figures are refused."""
        assert job.outcome is not None
        if not job.outcome.ok:
            return job.outcome, None
        record = self._compose(job)
        if reasons := over_the_roof(record, Roofs.from_record(job.roofs) if job.roofs else None):
            return Outcome("refused", "; ".join(reasons)), None
        if faults := [f"{where} {message}" for where, message in impossible_values(record)]:
            return Outcome("refused", "; ".join(faults)), None
        try:
            return job.outcome, store.with_id(record)
        except ValueError as error:
            return Outcome("refused", f"the record has no canonical form: {error}"), None

    def _compose(self, job: Job) -> Record:
        example = job.example
        commit, dirty = commit_of(self.layout.root, [path for path, _ in example.closure])
        return Record(
            id="",
            schema=SCHEMA,
            method=method_of(job.device),
            example=example.id,
            device=job.device,
            profile=self.profile,
            threads=THREADS,
            measured_at=job.began,
            machine=self.host.machine,
            software=software_of(example, self.host),
            digest=example.digest,
            closure=example.closure,
            commit=commit,
            dirty=dirty,
            launched=job.launched,
            points=with_resources(joined(job.timed), job.display),
            ratios=job.timed[0].ratios if job.timed else (),
            outputs=tuple(map(self._shown, job.display.outputs)) if job.display else (),
            roofs=job.roofs.id if job.roofs else "",
            caveats=_caveats(job, self.controls),
            controls=self.controls.found,
        )

    def _shown(self, output: Output) -> Output:
        """As it may be published."""
        if output.mime == "image/png":
            return output
        data = printable(output.data) if output.mime == "text/plain" else output.data
        return dataclasses.replace(output, data=impersonal(data, self.layout.root))


def software_of(example: Example, host: Host) -> Software:
    """What the example runs on: of a named environment all packages, else those alone that it declares."""
    installed = host.software_of(example)
    if example.environment:
        return installed
    names = package_names(example.dependencies, installed.python)
    packages = {name: installed.packages[name] for name in names if name in installed.packages}
    return dataclasses.replace(installed, packages=packages)


def _caveats(job: Job, controls: Controls) -> tuple[str, ...]:
    found = list(job.caveats)
    if job.left_behind:
        found.append(f"{job.left_behind} processes outlived their launches and were ended")
    if job.why_fresh:
        found.append(f"launches were fresh processes, not forks: {job.why_fresh}")
    if controls.fault:
        found.append(f"the controls of a round could not be measured: {controls.fault}")
    return tuple(found)
