"""How long launches take: by earlier records or the limits of examples, corrected by the launches of this run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from stackdoc.model.record import Record
from stackdoc.run.job import Job

UNRECORDED_SECONDS = 1.2  # of a launch before its first point and until the next one, as seen in earlier runs
SHARE_OF_LIMIT = 0.1  # that a launch takes of its time limit; half of the handbook's examples take less than 0.05
PRIOR_SECONDS = 10.0  # how long launches must have taken to count as much as the first estimate


class Durations:
    """Estimates of the launches to come of a run's `jobs`.

    A job that was launched takes its own mean. Before that, its newest record counts, preferably one of this
    `machine`, device and profile; without any record, a share of the example's time limit. Both are multiplied by how
    much longer the launches so far took than expected. `clock` returns seconds.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        records: Iterable[Record],
        machine: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs = jobs
        self.clock = clock
        self.started = clock()
        by_example: dict[str, list[Record]] = {}
        for record in records:
            by_example.setdefault(record.example, []).append(record)
        self.recorded: Mapping[tuple[str, str], float] = {
            (job.example.id, job.device): seconds
            for job in jobs
            if (seconds := _recorded_seconds(job, by_example.get(job.example.id, ()), machine)) is not None
        }

    def seconds(self, jobs: Sequence[Job]) -> float:
        """Estimate the time of all launches to come of the jobs, as far as their number is known."""
        factors = {recorded: self._correction(recorded) for recorded in (True, False)}
        launches = sum(
            job.pending * (job.mean_seconds or self._expected(job) * factors[self._has_record(job)]) for job in jobs
        )
        return launches * self._overhead()

    def is_guess(self, jobs: Sequence[Job]) -> bool:
        """Whether the estimate rests on the time limits of examples, of which no launch has shown the share."""
        unknown = [job for job in jobs if job.pending and not job.launches and not self._has_record(job)]
        return bool(unknown) and not any(job.launches for job in self.jobs if not self._has_record(job))

    def _has_record(self, job: Job) -> bool:
        return (job.example.id, job.device) in self.recorded

    def _expected(self, job: Job) -> float:
        """Return the seconds of one launch as expected before this run."""
        return self.recorded.get((job.example.id, job.device), SHARE_OF_LIMIT * job.example.budget_seconds)

    def _correction(self, recorded: bool) -> float:
        """Return by what factor launches differ from what was expected by records, or by limits."""
        launched = [job for job in self.jobs if job.launches and self._has_record(job) is recorded]
        actual = sum(job.seconds for job in launched)
        expected = sum(job.launches * self._expected(job) for job in launched)
        return (actual + PRIOR_SECONDS) / (expected + PRIOR_SECONDS)

    def _overhead(self) -> float:
        """Return the time that passed in this run over that of its launches, some of which run side by side."""
        in_launches = sum(job.seconds - job.resumed_seconds for job in self.jobs)
        return (self.clock() - self.started + PRIOR_SECONDS) / (in_launches + PRIOR_SECONDS)


def _recorded_seconds(job: Job, records: Iterable[Record], machine: str) -> float | None:
    """Return the seconds of a launch by the record that is most like the job; None if none has a launch."""
    alike = sorted(
        records,
        key=lambda record: (
            record.device == job.device,
            record.profile == job.profile,
            record.machine.id == machine,
            record.measured_at,
        ),
        reverse=True,
    )
    return next((seconds for record in alike if (seconds := launch_seconds(record)) is not None), None)


def launch_seconds(record: Record) -> float | None:
    """Return the mean time of the record's launches, from the start of their first point; None if it has none."""
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for launch in (launch for point in record.points for launch in point.launches):
        start = datetime.fromisoformat(launch.started).timestamp()
        end = start + sum(launch.wall_ns) / 1e9
        starts[launch.index] = min(start, starts.get(launch.index, start))
        ends[launch.index] = max(end, ends.get(launch.index, end))
    if not starts:
        return None
    return sum(ends[index] - starts[index] for index in starts) / len(starts) + UNRECORDED_SECONDS
