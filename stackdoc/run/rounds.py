"""The launches of several jobs: those for display first, several at once, then the timed ones in rounds.

A round launches every job once, in random order and one at a time, so that whatever disturbs the machine for a while
disturbs all of them alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Protocol

from stackdoc.run.expectation import judged
from stackdoc.run.job import Job
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.progress import LaunchEnded, Progress


class Launches(Protocol):
    """What starts launches: a `Launcher`, or a stand-in for it."""

    def displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]: ...

    def timed(self, job: Job) -> LaunchEnd: ...

    def new_round(self) -> None: ...


def ended(jobs: Sequence[Job], launches: Launches, progress: Progress, order: random.Random) -> Iterator[Job]:
    """Every job as it ends: those that an earlier run completed, those that their first launch ends, the others."""
    yield from [job for job in jobs if job.outcome is not None]
    for job, end in launches.displays([job for job in jobs if job.pending and job.kind == "display"]):
        yield from _took(job, judged(end, job.example.expect), progress)
    while going := [job for job in jobs if job.outcome is None]:
        launches.new_round()
        order.shuffle(going)
        for job in going:
            yield from _took(job, launches.timed(job), progress)


def _took(job: Job, end: LaunchEnd, progress: Progress) -> Iterator[Job]:
    kind = job.kind
    job.take(end)
    number = 1 if kind == "display" else len(job.timed) + (end.result is None)
    progress.event(LaunchEnded(job.example.id, job.device, kind, number, job.target, end.seconds, end.outcome))
    if job.outcome is not None:
        yield job
