"""Start the launches of jobs: as forks of warm processes where that is wanted and possible, else as fresh processes."""

from __future__ import annotations

import dataclasses
import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from stackdoc.examples.closure import changed
from stackdoc.laws.read import known_laws
from stackdoc.machine import this_allotment
from stackdoc.measure.devices.energy import Counter, rapl
from stackdoc.measure.wire import LaunchOrder
from stackdoc.model.machine import Allotment
from stackdoc.run.job import Job, changed_meanwhile
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.runner import LaunchEnd, start_launch, wait_for_end
from stackdoc.run.process.scheduling import Schedules
from stackdoc.run.process.task import RunningTask
from stackdoc.run.process.zygotes import CAN_FORK, NoZygote, Zygotes, heavy_imports
from stackdoc.statistics.roofs import Roofs

THREADS = 1
POLL_SECONDS = 1.0
CONTROL_SECONDS = 20.0  # the limit of a launch of the controls, which usually takes a fifth of a second
MOST_AT_ONCE = 16  # launches; each takes memory for its imports, and all share one disk
CROWDING_OUTCOMES = ("out-of-memory", "signal", "timeout")  # which concurrent launches may have caused


class Launcher:
    """Starts launches of examples below `root`, with all temporary files below `scratch`.

    `limits` bound each launch, except for the seconds, which each example sets itself. `allotment` is what launches may
    use of the machine; under a quota of less than one CPU their time limits grow by the same factor. `starts` is called
    with the job before each of its launches.
    """

    def __init__(
        self,
        root: Path,
        scratch: Path,
        zygotes: Zygotes,
        limits: Limits,
        allotment: Allotment | None = None,
        starts: Callable[[Job], None] = lambda _: None,
    ) -> None:
        self.root = root
        self.scratch = scratch
        self.zygotes = zygotes
        self.limits = limits
        self.starts = starts
        self.schedules = Schedules()
        energy_is_read = isinstance(rapl(), Counter)  # of the whole package, so only one launch may run
        allotment = allotment or this_allotment()
        self.slowdown = allotment.slowdown
        self.concurrency = min(allotment.usable_cpus, MOST_AT_ONCE) if CAN_FORK and not energy_is_read else 1

    def new_round(self) -> None:
        """Fork later launches from new warm processes."""
        self.zygotes.renew()

    def run_timed(self, job: Job) -> LaunchEnd:
        """Run one launch with the machine to itself."""
        try:
            launch, cleanup = self._start(job)
        except NoZygote as refusal:
            return LaunchEnd(Outcome("failed", str(refusal)), None, 0.0)
        with cleanup:
            return self._examined(job, wait_for_end(launch, job.kind))

    def run_control(self, index: int) -> LaunchEnd:
        """Run one launch of the controls for the round, with our own interpreter and as a fork where possible."""
        order = LaunchOrder(path="", threads=THREADS, index=index, kind="control")
        limits = dataclasses.replace(self.limits, seconds=CONTROL_SECONDS * self.slowdown)
        start = partial(start_launch, order, limits, scratch=self.scratch)
        if CAN_FORK:
            try:
                with start(zygotes=self.zygotes) as launch:
                    return wait_for_end(launch, order.kind)
            except NoZygote:
                pass
        with start() as launch:
            return wait_for_end(launch, order.kind)

    def run_displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]:
        """Run one launch of each job, as many at once as there are CPUs and 16 at most, but one on an accelerator.

        Where the energy of a call can be read, they run one by one, because these launches read it. A launch that may
        have died because of concurrent ones is repeated alone.
        """
        waiting, crowded = list(jobs), []
        running: dict[RunningTask, tuple[Job, ExitStack]] = {}
        try:
            while waiting or running:
                while job := self._take_startable(waiting, [job for job, _ in running.values()]):
                    launch, cleanup = self._start(job)
                    running[launch] = job, cleanup
                for launch in _wait_for_any(running):
                    alone = len(running) == 1
                    job, cleanup = running.pop(launch)
                    with cleanup:
                        end = wait_for_end(launch, job.kind)
                    if end.outcome.name in CROWDING_OUTCOMES and not alone:
                        crowded.append(job)
                    else:
                        yield job, self._examined(job, end)
        finally:
            for _, cleanup in running.values():
                cleanup.close()
        for job in crowded:
            yield job, self.run_timed(job)

    def _examined(self, job: Job, end: LaunchEnd) -> LaunchEnd:
        """Refuse the result if a file of the example changed: it is unknown which version the launch has read.

        Add what the launch did to other processes.
        """
        end = dataclasses.replace(end, caveats=(*end.caveats, *self.schedules.changes()))
        edited = changed(self.root, job.example.closure)
        if not edited:
            return end
        outcome = dataclasses.replace(changed_meanwhile(edited), tail=end.outcome.tail)
        return dataclasses.replace(end, outcome=outcome, result=None)

    def _take_startable(self, waiting: list[Job], running: Sequence[Job]) -> Job | None:
        """Remove and return a waiting job that may start beside the running ones, if there is one."""
        if len(running) >= self.concurrency:
            return None
        busy = {job.device for job in running} - {"cpu"}
        startable = next((job for job in waiting if job.device not in busy), None)
        if startable is not None:
            waiting.remove(startable)
        return startable

    def _start(self, job: Job) -> tuple[RunningTask, ExitStack]:
        """Start a launch, which closing the stack ends. Raises NoZygote if, unlike earlier ones, it can't be a fork."""
        job.mark_started()
        self.starts(job)
        order = self._order(job)
        limits = dataclasses.replace(self.limits, seconds=job.example.budget_seconds * self.slowdown)
        start = partial(start_launch, order, limits, job.interpreter, self._shared_directory(job), self.scratch)
        cleanup = ExitStack()
        if job.start_method == "forked":
            try:
                fork = start(zygotes=self.zygotes, modules=heavy_imports(job.example))
                return cleanup.enter_context(fork), cleanup
            except NoZygote as refusal:
                if job.launches:
                    raise
                job.start_method, job.why_fresh = "fresh", str(refusal)
        return cleanup.enter_context(start()), cleanup

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
            laws=known_laws(self.root, [path for path, _ in job.example.closure]),
        )

    def _shared_directory(self, job: Job) -> Path | None:
        """Make the directory for temporary files that all launches of the job share, if its example asks for one."""
        if not job.example.shared_scratch:
            return None
        directory = self.scratch / "shared" / job.example.id.replace("/", "-") / job.device
        directory.mkdir(parents=True, exist_ok=True)
        return directory


def _wait_for_any(running: dict[RunningTask, tuple[Job, ExitStack]]) -> list[RunningTask]:
    """Wait until a launch has ended or its supervisor is stuck, and return those launches."""
    while True:
        ready, _, _ = select.select(list(running), [], [], POLL_SECONDS)
        if ended := ready or [launch for launch in running if launch.overdue]:
            return ended
