"""The order of the launches of several jobs: all display launches, several at once, then the timed ones in rounds.

A round launches every job and the controls once, in random order and one at a time, so that a passing disturbance of
the machine affects all of them alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Protocol

from stackdoc.run.controls import Controls
from stackdoc.run.expectation import check_expectation
from stackdoc.run.job import Job
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.progress import LaunchEnded, Progress


class LauncherLike(Protocol):
    """What starts the launches: a `Launcher`, or a stand-in for it."""

    def run_displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]: ...

    def run_timed(self, job: Job) -> LaunchEnd: ...

    def run_control(self, index: int) -> LaunchEnd: ...

    def new_round(self) -> None: ...


def run_jobs(
    jobs: Sequence[Job], launcher: LauncherLike, controls: Controls, progress: Progress, order: random.Random
) -> Iterator[Job]:
    """Run the jobs and yield each when it has ended.

    Jobs that an interrupted run completed come first, then those that end with their display launch. Each of the
    others is yielded at the end of its last round, when the controls of that round are known.
    """
    yield from [job for job in jobs if job.outcome is not None]
    for job, end in launcher.run_displays([job for job in jobs if job.pending and job.kind == "display"]):
        _add_launch(job, check_expectation(end, job.example.expect, job.example.cells), progress)
        if job.outcome is not None:
            yield job
    while running := [job for job in jobs if job.outcome is None]:
        launcher.new_round()
        _run_round(running, launcher, controls, progress, order)
        yield from [job for job in running if job.outcome is not None]


def _run_round(
    jobs: Sequence[Job], launcher: LauncherLike, controls: Controls, progress: Progress, order: random.Random
) -> None:
    turns: list[Job | None] = [*jobs, None]  # None is the turn of the controls
    order.shuffle(turns)
    for job in turns:
        if job is None:
            controls.add(launcher.run_control(controls.rounds))
        else:
            _add_launch(job, launcher.run_timed(job), progress)


def _add_launch(job: Job, end: LaunchEnd, progress: Progress) -> None:
    kind = job.kind
    job.add(end)
    number = 1 if kind == "display" else len(job.timed) + (end.result is None)
    progress.event(LaunchEnded(job.example.id, job.device, kind, number, job.target, end.seconds, end.outcome))
