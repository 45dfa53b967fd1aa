# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "platform"
# title = "A busy neighbour, seen through five ways of sampling"
# devices = ["cpu"]
# budget_seconds = 60
# ///
"""One fixed matrix product, timed five ways, with the core to itself and with a neighbour that only burns time.

`long` is the mean of a sample of many calls on the wall clock, as much benchmark code takes it; `short` the median of
single calls; `best` the fastest single call; `cpu` processor time over calls; `clean` the median of those calls that
kept their core all along and were not interrupted. The last is this handbook's own way, and it is on trial here.

The neighbour is a process that spins. On the same core it takes every other slice of the scheduler, and the
operating system's counters show it. On another core it takes none, and no counter of the process shows anything: what
it may still cost goes through cache, memory, clock, or a core that is only half of one.

Caveats. The neighbour touches no memory, so a real one can cost more. Where a process cannot be tied to a core the
scheduler keeps the two apart, and nothing is measured. A virtual machine hides its own neighbours on the host.
"""

# %%
import os
import signal
import statistics
import time
from dataclasses import dataclass

import torch

from stackdoc import Work, close, example

ex = example()
N = 256
SHORT_SECONDS = 0.1 if ex.quick else 0.4
LONG_CALLS, LONG_SAMPLES = 60, 3

# %% [markdown]
# The kernel: about a third of a millisecond on a present core, far below a slice of the scheduler.

# %%
left, right = torch.randn(N, N), torch.randn(N, N)
work = Work(flop=2 * N**3, bytes=12 * N * N)
ex.predict("product", seconds=ex.roofs.time(flop=work.flop, dtype="float32"), formula="2n³ / GEMM roof", n=N)
ex.measure(
    "product",
    lambda: torch.mm(left, right),
    n=N,
    work=work,
    dtype="float32",
    label="the product, as every example is timed",
    check=lambda out: close(out, left.double() @ right.double(), rtol=1e-5),
)


@dataclass(frozen=True)
class Call:
    """Seconds on the wall clock and on the processor, and how often the core was taken away."""

    wall: float
    cpu: float
    interruptions: int


def timed(calls: int = 1) -> Call:
    import resource

    switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(calls):
        torch.mm(left, right)
    wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    return Call(wall / 1e9, cpu / 1e9, resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - switches)


# %% [markdown]
# The neighbour is forked, tied to a core, and ended by its parent.


# %%
def start_neighbour(core: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.sched_setaffinity(0, {core})
        end = time.monotonic() + 30  # an orphan ends by itself
        while time.monotonic() < end:
            for _ in range(10_000):
                pass
    finally:
        os._exit(0)


def end_neighbour(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


# %% [markdown]
# Five figures from one neighbourhood. A call is clean when it had its core for 98 % of its time and lost it never.


# %%
def clean(call: Call) -> bool:
    return call.interruptions == 0 and call.cpu >= 0.98 * call.wall


def five_ways() -> tuple[dict[str, float], float]:
    """Seconds a call by way of sampling, and the share of clean calls."""
    for _ in range(20):
        timed()
    calls, end = [], time.monotonic() + SHORT_SECONDS
    while time.monotonic() < end:
        calls.append(timed())
    samples = [timed(LONG_CALLS).wall / LONG_CALLS for _ in range(LONG_SAMPLES)]
    walls, kept = [call.wall for call in calls], [call.wall for call in calls if clean(call)]
    ways = {
        "long": statistics.median(samples),
        "short": statistics.median(walls),
        "best": min(walls),
        "cpu": statistics.fmean(call.cpu for call in calls),
        "clean": statistics.median(kept or walls),
    }
    return ways, len(kept) / len(calls)


# %% [markdown]
# Alone first; then beside a neighbour on another core, where there is one; then on the same core.

# %%
LABELS = {
    "long": "mean of a long sample, wall clock",
    "short": "median of single calls, wall clock",
    "best": "fastest single call",
    "cpu": "processor time over calls",
    "clean": "median of clean calls",
}
if hasattr(os, "sched_setaffinity"):
    cores = sorted(os.sched_getaffinity(0))
    neighbours = {"none": None, "other-core": cores[-1] if len(cores) > 1 else None, "same-core": cores[0]}
    os.sched_setaffinity(0, {cores[0]})
    for where in ex.sweep("neighbour", [*neighbours]):
        core = neighbours[where]
        if core is None and where != "none":
            continue
        child = None if core is None else start_neighbour(core)
        try:
            if child:
                time.sleep(0.02)  # until it spins
            ways, share = five_ways()
        finally:
            if child:
                end_neighbour(child)
        ex.report("clean-share", share, unit="%", better="higher", label="calls that were clean", neighbour=where)
        for way, seconds in ways.items():
            ex.report("figure", seconds, unit="s", neighbour=where, way=way, label=LABELS[way])
            if where != "none":
                ex.ratio(
                    f"distortion-{where}",
                    slow=f"figure;neighbour={where};way={way}",
                    fast="figure;neighbour=none;way=clean",
                    label=LABELS[way],
                    way=way,
                )
    os.sched_setaffinity(0, cores)
