"""How long the launches to come will take: as forecast before the run, corrected by the launches of this run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from stackdoc.model.record import Record
from stackdoc.run.job import Job
from stackdoc.run.pace.forecast import Basis, Forecast, Forecaster

PRIOR_SECONDS = 10.0  # how long launches must have taken to count as much as the first estimate


class Durations:
    """Estimates of the launches to come of a run's `jobs`.

    A job that was launched takes its own mean. Before that, its forecast by the `records` for this `machine` counts,
    multiplied by how much longer the launches so far took than forecasts that rest on the same. `clock` returns
    seconds.
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
        forecaster = Forecaster(records, machine)
        self.forecasts: Mapping[tuple[str, str], Forecast] = {
            (job.example.id, job.device): forecaster.forecast(job) for job in jobs
        }

    def seconds(self, jobs: Sequence[Job]) -> float:
        """Estimate the time of all launches to come of the jobs, as far as their number is known."""
        forecasts = [(job, self._forecast(job)) for job in jobs]
        factors = {basis: self._correction(basis) for basis in {forecast.basis for _, forecast in forecasts}}
        launches = sum(
            job.pending * (job.mean_seconds or forecast.seconds * factors[forecast.basis])
            for job, forecast in forecasts
        )
        return launches * self._overhead()

    def is_guess(self, jobs: Sequence[Job]) -> bool:
        """Whether the estimate rests on the time limits of examples, of which no launch has shown the share."""
        unknown = {
            self._forecast(job).basis
            for job in jobs
            if job.pending and not job.launches and self._forecast(job).basis != "record"
        }
        shown = {self._forecast(job).basis for job in self.jobs if job.launches}
        return bool(unknown - shown)

    def _forecast(self, job: Job) -> Forecast:
        return self.forecasts[job.example.id, job.device]

    def _correction(self, basis: Basis) -> float:
        """Return by what factor launches differ from forecasts that rest on the same."""
        launched = [job for job in self.jobs if job.launches and self._forecast(job).basis == basis]
        actual = sum(job.seconds for job in launched)
        expected = sum(job.launches * self._forecast(job).seconds for job in launched)
        return (actual + PRIOR_SECONDS) / (expected + PRIOR_SECONDS)

    def _overhead(self) -> float:
        """Return the time that passed in this run over that of its launches, some of which run side by side."""
        in_launches = sum(job.seconds - job.resumed_seconds for job in self.jobs)
        return (self.clock() - self.started + PRIOR_SECONDS) / (in_launches + PRIOR_SECONDS)
