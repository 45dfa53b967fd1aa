"""Starts the launches of jobs: as forks of warm processes where that is wanted and possible, else fresh."""

from __future__ import annotations

import dataclasses
import os
import select
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from stackdoc.examples.closure import changed
from stackdoc.laws.read import known_laws
from stackdoc.measure.devices.energy import Counter, rapl
from stackdoc.measure.wire import LaunchOrder
from stackdoc.run.job import Job
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.runner import LaunchEnd, started, wait_for
from stackdoc.run.process.task import Running
from stackdoc.run.process.zygotes import CAN_FORK, NoZygote, Zygotes, heavy_imports
from stackdoc.statistics.roofs import Roofs

THREADS = 1
LOOK_SECONDS = 1.0
CROWDED = ("out-of-memory", "signal")  # how a launch may end because of those beside it


class Launcher:
    """`root` holds the examples, `scratch` everything temporary; `limits` bound each launch, but for the seconds."""

    def __init__(self, root: Path, scratch: Path, zygotes: Zygotes, limits: Limits) -> None:
        self.root = root
        self.scratch = scratch
        self.zygotes = zygotes
        self.limits = limits
        self.at_once = 1 if isinstance(rapl(), Counter) else len(os.sched_getaffinity(0)) if CAN_FORK else 1

    def new_round(self) -> None:
        """Later forks are of new warm processes."""
        self.zygotes.renew()

    def timed(self, job: Job) -> LaunchEnd:
        """One launch that has the machine to itself."""
        try:
            launch, ending = self._start(job)
        except NoZygote as refusal:
            return LaunchEnd(Outcome("failed", str(refusal)), None, 0.0)
        with ending:
            return self._held(job, wait_for(launch, job.kind))

    def displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]:
        """One launch of each, as many at once as there are CPUs, and one at a time on an accelerator.

        Where the energy of calls can be read, it is read in these launches, and they go one by one. One that may
        have died of the company is launched again by itself.
        """
        waiting, crowded = list(jobs), []
        going: dict[Running, tuple[Job, ExitStack]] = {}
        try:
            while waiting or going:
                while job := self._next(waiting, [job for job, _ in going.values()]):
                    launch, ending = self._start(job)
                    going[launch] = job, ending
                for launch in _ended(going):
                    alone = len(going) == 1
                    job, ending = going.pop(launch)
                    with ending:
                        end = wait_for(launch, job.kind)
                    if end.outcome.name in CROWDED and not alone:
                        crowded.append(job)
                    else:
                        yield job, self._held(job, end)
        finally:
            for _, ending in going.values():
                ending.close()
        for job in crowded:
            yield job, self.timed(job)

    def _held(self, job: Job, end: LaunchEnd) -> LaunchEnd:
        """The end, refused when a file of the example changed: nobody knows which state the launch has seen."""
        edited = changed(self.root, job.example.closure)
        if not edited:
            return end
        reason = f"changed while it was measured: {', '.join(edited)}; the next run measures it"
        return dataclasses.replace(end, outcome=Outcome("refused", reason, tail=end.outcome.tail), result=None)

    def _next(self, waiting: list[Job], going: Sequence[Job]) -> Job | None:
        """Takes one that may start beside those that are going."""
        if len(going) >= self.at_once:
            return None
        busy = {job.device for job in going} - {"cpu"}
        free = next((job for job in waiting if job.device not in busy), None)
        if free is not None:
            waiting.remove(free)
        return free

    def _start(self, job: Job) -> tuple[Running, ExitStack]:
        """The launch, and what ends it. Raises NoZygote when earlier launches were forks and this one can't be."""
        job.begin()
        order = self._order(job)
        limits = dataclasses.replace(self.limits, seconds=job.example.budget_seconds)
        start = partial(started, order, limits, job.interpreter, self._temporary(job), self.scratch)
        ending = ExitStack()
        if job.launched == "forked":
            try:
                fork = start(zygotes=self.zygotes, modules=heavy_imports(job.example))
                return ending.enter_context(fork), ending
            except NoZygote as refusal:
                if job.launches:
                    raise
                job.launched, job.why_fresh = "fresh", str(refusal)
        return ending.enter_context(start()), ending

    def _order(self, job: Job) -> LaunchOrder:
        return LaunchOrder(
            path=str((self.root / job.example.path).resolve()),
            device=job.device,
            profile=job.profile,
            threads=THREADS,
            index=len(job.timed),
            roofs=Roofs.from_record(job.roofs) if job.roofs else None,
            kind=job.kind,
            cells=job.example.cells,
            network=job.example.network,
            root=str(self.root.resolve()),
            sources=tuple(path for path, _ in job.example.closure),
            laws=known_laws(self.root, job.example.data),
        )

    def _temporary(self, job: Job) -> Path | None:
        """The directory that the job's launches share, where its example asks for one."""
        if not job.example.shared_scratch:
            return None
        directory = self.scratch / "shared" / job.example.id.replace("/", "-") / job.device
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def _ended(going: dict[Running, tuple[Job, ExitStack]]) -> list[Running]:
    """Waits until one has ended, or is stuck."""
    while True:
        ready, _, _ = select.select(list(going), [], [], LOOK_SECONDS)
        if found := ready or [launch for launch in going if launch.overdue]:
            return found
