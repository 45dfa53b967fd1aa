"""The launches of several jobs: those for display first, several at once, then the timed ones in rounds.

A round launches every job and the controls once, in random order and one at a time, so that whatever disturbs the
machine for a while disturbs all of them alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Protocol

from stackdoc.run.controls import Controls
from stackdoc.run.expectation import judged
from stackdoc.run.job import Job
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.progress import LaunchEnded, Progress


class Launches(Protocol):
    """What starts launches: a `Launcher`, or a stand-in for it."""

    def displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]: ...

    def timed(self, job: Job) -> LaunchEnd: ...

    def control(self, index: int) -> LaunchEnd: ...

    def new_round(self) -> None: ...


def ended(
    jobs: Sequence[Job], launches: Launches, controls: Controls, progress: Progress, order: random.Random
) -> Iterator[Job]:
    """Every job as it ends: those that an earlier run completed, those that their first launch ends, the others.

    The others end with their round, when its controls are known.
    """
    yield from [job for job in jobs if job.outcome is not None]
    for job, end in launches.displays([job for job in jobs if job.pending and job.kind == "display"]):
        yield from _took(job, judged(end, job.example.expect), progress)
    while going := [job for job in jobs if job.outcome is None]:
        launches.new_round()
        yield from _round(going, launches, controls, progress, order)


def _round(
    going: Sequence[Job], launches: Launches, controls: Controls, progress: Progress, order: random.Random
) -> list[Job]:
    """Launches each job once, and the controls among them. Returns the jobs that have ended."""
    found: list[Job] = []
    turns: list[Job | None] = [*going, None]
    order.shuffle(turns)
    for job in turns:
        if job is None:
            controls.take(launches.control(controls.rounds))
        else:
            found += _took(job, launches.timed(job), progress)
    return found


def _took(job: Job, end: LaunchEnd, progress: Progress) -> Iterator[Job]:
    kind = job.kind
    job.take(end)
    number = 1 if kind == "display" else len(job.timed) + (end.result is None)
    progress.event(LaunchEnded(job.example.id, job.device, kind, number, job.target, end.seconds, end.outcome))
    if job.outcome is not None:
        yield job
