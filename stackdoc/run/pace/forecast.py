"""How long a launch of an example takes, as known before a run: by earlier records, or by the example's time limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from math import sqrt
from statistics import median
from typing import Literal

from stackdoc.model.record import Record
from stackdoc.run.job import Job

UNRECORDED_SECONDS = 1.2  # of a launch before its first point and until the next one, as seen in earlier runs
SHARE_OF_LIMIT = 0.1  # that a launch takes of its time limit; half of the handbook's examples take less than 0.05
MOST_PAIRS = 50  # of records that show how two conditions differ

Basis = Literal["record", "older source", "limit"]
Condition = tuple[str, str]  # a machine's id and a profile


@dataclass(frozen=True)
class Forecast:
    """The seconds of one launch, and what they rest on."""

    seconds: float
    basis: Basis


class Forecaster:
    """Forecasts launches on a `machine` from the records of a project.

    The record that is most like the job counts: of the same device and source, then of this machine, then of the same
    profile. What was measured on another machine or with another profile is scaled by how the two differ for other
    examples that were measured in both conditions. A record of an older source shows what the example was, its time
    limit what the author expects of it now, so their geometric mean counts. No launch takes longer than its limit.
    """

    def __init__(self, records: Iterable[Record], machine: str) -> None:
        self._machine = machine
        self._by_example: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._by_example[record.example].append(record)
        self._scales: dict[tuple[str, Condition, Condition], float | None] = {}

    def forecast(self, job: Job) -> Forecast:
        example, limit = job.example, job.example.budget_seconds
        expected = SHARE_OF_LIMIT * limit
        for record in sorted(
            self._by_example[example.id], key=lambda record: self._likeness(job, record), reverse=True
        ):
            seconds = launch_seconds(record)
            if seconds is None:
                continue
            seconds *= self._scale(record.device, condition_of(record), (self._machine, job.profile))
            if record.device == job.device and example.matches(record.digest, record.closure):
                return Forecast(min(seconds, limit), "record")
            return Forecast(min(sqrt(seconds * expected), limit), "older source")
        return Forecast(expected, "limit")

    def _likeness(self, job: Job, record: Record) -> tuple[bool, bool, bool, bool, str]:
        return (
            record.device == job.device,
            job.example.matches(record.digest, record.closure),
            record.machine.id == self._machine,
            record.profile == job.profile,
            record.measured_at,
        )

    def _scale(self, device: str, then: Condition, now: Condition) -> float:
        """Return how much longer a launch takes now, by other examples; 1 if none was measured in both conditions.

        On a machine without records only the profile is known to differ.
        """
        for condition in (now, (then[0], now[1])):
            if condition == then:
                break
            if scale := self._known_scale(device, then, condition):
                return scale
        return 1.0

    def _known_scale(self, device: str, then: Condition, now: Condition) -> float | None:
        if (device, then, now) not in self._scales:
            ratios = list(islice(self._ratios(device, then, now), MOST_PAIRS))
            self._scales[device, then, now] = median(ratios) if ratios else None
        return self._scales[device, then, now]

    def _ratios(self, device: str, then: Condition, now: Condition) -> Iterator[float]:
        """Yield how much longer launches take in the second condition, for each source measured in both."""
        for conditions in self._newest.values():
            before, after = (conditions.get((device, *each)) for each in (then, now))
            times = launch_seconds(before) if before else None, launch_seconds(after) if after else None
            if times[0] and times[1]:
                yield times[1] / times[0]

    @cached_property
    def _newest(self) -> Mapping[tuple[str, str], Mapping[tuple[str, str, str], Record]]:
        """The newest record by example and source, then by device and condition."""
        newest: dict[tuple[str, str], dict[tuple[str, str, str], Record]] = defaultdict(dict)
        for records in self._by_example.values():
            for record in sorted(records, key=lambda record: record.measured_at):
                newest[record.example, record.digest][record.device, *condition_of(record)] = record
        return newest


def condition_of(record: Record) -> Condition:
    return record.machine.id, record.profile


def launch_seconds(record: Record) -> float | None:
    """Return the mean time of the record's launches, from the start of their first point; None if it has none."""
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for launch in (launch for point in record.points for launch in point.launches):
        start = datetime.fromisoformat(launch.started).timestamp()
        end = start + launch.total_ns / 1e9
        starts[launch.index] = min(start, starts.get(launch.index, start))
        ends[launch.index] = max(end, ends.get(launch.index, end))
    if not starts:
        return None
    return sum(ends[index] - starts[index] for index in starts) / len(starts) + UNRECORDED_SECONDS
