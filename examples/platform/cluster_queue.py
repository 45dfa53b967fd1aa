# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "platform"
# title = "A queue for a cluster: first come first served against backfill"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/platform.yml"]
# budget_seconds = 90
# launches = 6
# ///
"""A cluster of 64 nodes with eight devices, simulated, with jobs from one device to 256, at five loads.

`fifo` starts the job at the head of the queue as soon as it fits, and nothing before it. `backfill` also starts a later
job, if by its time limit it ends before the head could start, or leaves the head enough devices; that is the rule of
Slurm's default scheduler, with a reservation for the first job alone. It sees only the limits that users give: up to
five times the length. With `exact` limits it would know the lengths.

`wait` is the mean wait of small jobs (at most eight devices) and of large ones, `used` the share of device time that
jobs have until the last one ends. The same jobs arrive at every load, only closer together. Where `used` stays below
the load the queue grows for as long as jobs arrive, and its `wait` is that of this many jobs and not a steady state.

For one node with one device and jobs of random length, the simulation must give what the law of queues gives.

Caveats. The jobs are made up: sizes by powers of two, most of them small; lengths from a wide (log-normal) distribution
with a mean of an hour; arrivals at random, while real ones follow the working day. A job may use any free devices;
whether they are on one node is the question of another example.
"""

# %%
import heapq
import math
import statistics
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from stackdoc import example

ex = example()
DEVICES = 512
SIZES = {1: 50, 2: 10, 4: 10, 8: 18, 16: 6, 32: 3, 64: 2, 256: 1}  # devices: weight
HOUR, SPREAD = 3600.0, 1.0  # mean length, and standard deviation of its logarithm
JOBS, WARM = 12_000, 1000
DEPTH = 100  # jobs that backfill looks at


@dataclass(frozen=True)
class Job:
    arrival: float
    size: int
    length: float
    limit: float


def drawn() -> list[Job]:
    """Jobs that would keep all devices busy all the time, if each could start at once on any part of them."""
    random = Random(1)
    sizes = random.choices(list(SIZES), weights=list(SIZES.values()), k=JOBS)
    lengths = [random.lognormvariate(math.log(HOUR) - SPREAD**2 / 2, SPREAD) for _ in sizes]
    gap = sum(size * length for size, length in zip(sizes, lengths, strict=True)) / DEVICES / JOBS
    arrivals = accumulate(random.expovariate(1 / gap) for _ in sizes)
    limits = [length * random.uniform(1, 5) for length in lengths]
    return [Job(*values) for values in zip(arrivals, sizes, lengths, limits, strict=True)]


# %% [markdown]
# One queue in front of some devices. Events are arrivals and ends; after each, jobs start as the policy allows.


# %%
class Cluster:
    """Devices with one queue. The scheduler knows the limits of jobs and not their lengths."""

    def __init__(self, devices: int, backfill: bool = False) -> None:
        self.free, self.backfill = devices, backfill
        self.queue: list[Job] = []
        self.running: list[tuple[float, float, int]] = []  # a heap: end, latest end that is known, devices
        self.starts: dict[Job, float] = {}

    def run(self, jobs: list[Job]) -> dict[Job, float]:
        """When each job started."""
        for job in jobs:
            self._advance(job.arrival)
            self.queue.append(job)
            self._schedule(job.arrival)
        self._advance(math.inf)
        return self.starts

    def _advance(self, until: float) -> None:
        while self.running and self.running[0][0] <= until:
            now, _, size = heapq.heappop(self.running)
            self.free += size
            self._schedule(now)

    def _schedule(self, now: float) -> None:
        while self.queue and self.queue[0].size <= self.free:
            self._start(self.queue.pop(0), now)
        if self.backfill and len(self.queue) > 1 and self.free:
            self._fill(now)

    def _fill(self, now: float) -> None:
        """Start later jobs that do not delay the head of the queue, as far as the limits tell."""
        at, spare = self._reservation(self.queue[0].size)
        for job in self.queue[1 : 1 + DEPTH]:
            ends_before = now + job.limit <= at
            if job.size <= self.free and (ends_before or job.size <= spare):
                self.queue.remove(job)
                self._start(job, now)
                spare -= 0 if ends_before else job.size

    def _reservation(self, size: int) -> tuple[float, int]:
        """When the head can start at the latest, and how many devices it then leaves."""
        free = self.free
        for _, at, freed in sorted(self.running, key=lambda job: job[1]):
            free += freed
            if free >= size:
                return at, free - size
        raise ValueError(f"{size} devices are more than the cluster has")

    def _start(self, job: Job, now: float) -> None:
        self.free -= job.size
        heapq.heappush(self.running, (now + job.length, now + job.limit, job.size))
        self.starts[job] = now


# %% [markdown]
# One device and jobs of random length: the simulation against the law. Then the cluster at five loads.

# %%
random = Random(1)
lengths = [random.expovariate(1 / HOUR) for _ in range(40_000)]
arrivals = list(accumulate(random.expovariate(0.7 / HOUR) for _ in lengths))
alone = [Job(at, 1, length, length) for at, length in zip(arrivals, lengths, strict=True)]
waited = statistics.fmean(start - job.arrival for job, start in Cluster(1).run(alone).items())
expected = float(ex.law("queue-wait", service=HOUR, load=0.7, variation=1))
if abs(waited / expected - 1) > 0.1:
    raise ArithmeticError(f"one device: jobs wait {waited:.0f} s on average, by the law {expected:.0f} s")
ex.report("one-device", waited, unit="s", label="one device, simulated")
ex.report("one-device-law", expected, unit="s", label="one device, law")

LABELS = {"fifo": "first come first served", "backfill": "backfill", "exact": "backfill, exact limits"}
JOBS_AT_FULL_LOAD = drawn()
for load in ex.sweep("load", [40, 50, 60, 70, 80, 90]):
    jobs = [replace(job, arrival=job.arrival * 100 / load) for job in JOBS_AT_FULL_LOAD]
    for policy, label in LABELS.items():
        known = [replace(job, limit=job.length) for job in jobs] if policy == "exact" else jobs
        starts = Cluster(DEVICES, backfill=policy != "fifo").run(known)
        for kind in ("small", "large"):
            waits = [starts[job] - job.arrival for job in known[WARM:-WARM] if (job.size <= 8) == (kind == "small")]
            words = f"{kind} jobs, {label}"
            ex.report("wait", statistics.fmean(waits), unit="s", label=words, policy=policy, jobs=kind, load=load)
        last = max(start + job.length for job, start in starts.items())
        used = sum(job.size * job.length for job in jobs) / DEVICES / last
        ex.report("used", used, unit="%", better="higher", label=label, policy=policy, load=load)
