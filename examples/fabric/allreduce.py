# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "All-reduce by size, by link and by number of processes"
# devices = ["cpu"]
# budget_seconds = 60
# ///
"""Processes sum an array so that all have the result, over the loopback device with gloo, and through shared memory.

A transfer takes a latency and its bytes over a bandwidth. Both are fitted to five sizes, by least squares of the
relative error; `distance-from-fit` is how far each size lies from the line. A full run also takes a size that was not
fitted, four times as large.

`busbw` is payload over time times 2(n − 1)/n, the part of the payload that each process must send in the best
algorithm, so that the figure can be compared with the rate of a link whatever n is. For two processes the factor is
one.

`shared` is the same sum by two processes that see the same memory: each copies its array in, adds one half, and
copies the result out. No byte passes through the kernel, so the distance to loopback is what sockets cost.

`sent` counts the bytes that the loopback device carried in one call, for each process and as a multiple of the array.
Gloo's ring should send 2(n − 1)/n, which `ring` says. With more processes than cores they take turns: what their number
shows here is the count and that the sum is right, and their times are those of a scheduler.

Loopback has no wire. So the processor time of both processes is reported too, in processors kept busy.

Caveats. One thread a process, and gloo has helpers of its own. The calls wait for one another, so their time is the
median of many calls and not of blocks of processor time. The device's count includes what any other program sends
over loopback meanwhile; the least of several calls is taken.
"""

# %%
import math
import mmap
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from processes import run_together

from stackdoc import Work, example

ex = example()
KIB, MIB = 1 << 10, 1 << 20
FITTED = [4 * KIB, 32 * KIB, 256 * KIB, 1 * MIB, 4 * MIB]
wanted = list(ex.sweep("bytes", [*FITTED, 16 * MIB], quick=FITTED))

# %% [markdown]
# One of the processes. The inputs come from a normal distribution with a known seed, so that each process knows what
# the sum must be. It is copied anew before every call, outside of the clock.


# %%
def calls_for(bytes: int) -> int:
    return max(8, min(40, 8 * MIB // bytes))


def drawn(bytes: int, ranks: int = 2) -> list[torch.Tensor]:
    return [torch.randn(bytes // 4, generator=torch.Generator().manual_seed(1 + rank)) for rank in range(ranks)]


def timed(reduce: Callable[[torch.Tensor], object], mine: torch.Tensor, total: torch.Tensor) -> dict[str, float]:
    """Median seconds of a call, processor seconds a second, relative error of the last result."""
    seconds, cpu = [], 0.0
    for number in range(calls_for(mine.nbytes) + 3):
        buffer = mine.clone()
        cpu_began, began = time.process_time(), time.perf_counter()
        reduce(buffer)
        if number >= 3:
            seconds.append(time.perf_counter() - began)
            cpu += time.process_time() - cpu_began
    error = float((buffer - total).abs().max() / total.abs().max())
    return {"seconds": statistics.median(seconds), "busy": cpu / sum(seconds), "error": error}


# %% [markdown]
# **Through shared memory.** Three arrays that both see: one of each process, and the result. A counter for each says
# how far it is, and who waits lets others run.

# %%
room = torch.frombuffer(mmap.mmap(-1, 3 * max(wanted)), dtype=torch.float32).view(3, -1)
steps = torch.frombuffer(mmap.mmap(-1, mmap.PAGESIZE), dtype=torch.int64)


def meet(rank: int) -> None:
    steps[rank] += 1
    reached = int(steps[rank])
    while int(steps[1 - rank]) < reached:
        os.sched_yield()


def by_shared_memory(rank: int, buffer: torch.Tensor) -> None:
    count = len(buffer)
    half = slice(rank * count // 2, (rank + 1) * count // 2)
    room[rank, :count].copy_(buffer)
    meet(rank)
    torch.add(room[0, half], room[1, half], out=room[2, half])
    meet(rank)
    buffer.copy_(room[2, :count])
    meet(rank)


def observe(rank: int) -> dict[str, dict[int, dict[str, float]]]:
    seen: dict[str, dict[int, dict[str, float]]] = {"all-reduce": {}, "shared": {}}
    for bytes in wanted:
        both = drawn(bytes)
        total = both[0] + both[1]
        seen["all-reduce"][bytes] = timed(dist.all_reduce, both[rank], total)
        seen["shared"][bytes] = timed(lambda buffer: by_shared_memory(rank, buffer), both[rank], total)
    return seen


both = run_together(2, observe)
for way in ("all-reduce", "shared"):
    for bytes in wanted:
        error = max(seen[way][bytes]["error"] for seen in both)
        if not error <= 1e-6:
            raise ArithmeticError(f"the sum of {bytes} bytes by {way} is wrong by {error}")

# %% [markdown]
# The time of a call is that of the slower process. The line through five sizes: seconds are divided by their own size
# first, so that the small ones count as much as the large ones.


# %%
def fitted(seconds: dict[int, float]) -> tuple[float, float]:
    """Latency in seconds and bandwidth in bytes a second."""
    rows = [(1 / seconds[bytes], bytes / seconds[bytes]) for bytes in FITTED]
    aa, ab, bb = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b = (sum(row[i] for row in rows) for i in (0, 1))
    whole = aa * bb - ab * ab
    latency, slope = (a * bb - b * ab) / whole, (b * aa - a * ab) / whole
    return max(latency, 1e-9), 1 / max(slope, 1e-15)


seconds = {way: {bytes: max(seen[way][bytes]["seconds"] for seen in both) for bytes in wanted} for way in both[0]}
latency, bandwidth = fitted(seconds["all-reduce"])
ex.report("latency", latency, unit="s", label="latency, from the fit")
ex.report("bandwidth", bandwidth, unit="B/s", better="higher", label="bandwidth, from the fit")
ex.report("half-size", latency * bandwidth, unit="B", label="size that reaches half of it")
shared_latency, shared_bandwidth = fitted(seconds["shared"])
ex.report("shared-latency", shared_latency, unit="s", label="latency through shared memory")
ex.report("shared-bandwidth", shared_bandwidth, unit="B/s", better="higher", label="bandwidth through shared memory")

# %% [markdown]
# Every size beside the fit.

# %%
for bytes in wanted:
    model = latency + bytes / bandwidth
    taken = seconds["all-reduce"][bytes]
    ex.report("all-reduce", taken, unit="s", label="all-reduce, loopback", bytes=bytes)
    ex.report("shared", seconds["shared"][bytes], unit="s", label="all-reduce, shared memory", bytes=bytes)
    ex.report("fit", model, unit="s", label="latency + bytes / bandwidth", bytes=bytes)
    ex.report("busbw", bytes / taken, unit="B/s", better="higher", label="bus bandwidth", bytes=bytes)
    busy = sum(seen["all-reduce"][bytes]["busy"] for seen in both)
    ex.report("processors-busy", busy, unit="processors", label="processors kept busy", bytes=bytes)
    distance = math.exp(abs(math.log(taken / model)))
    ex.report("distance-from-fit", distance, unit="×", label="measured against the fit, either way", bytes=bytes)

# %% [markdown]
# **More processes.** What the loopback device carried, for each process, over the array.

# %%
COUNTERS = Path("/proc/self/net/dev")  # of the network that this process sees
COUNTED = 4 * MIB


def carried() -> int:
    """Bytes that the loopback device has sent so far; 0 where no such table is."""
    for line in COUNTERS.read_text().splitlines() if COUNTERS.exists() else ():
        device, _, numbers = line.partition(":")
        if device.strip() == "lo":
            return int(numbers.split()[8])
    return 0


def counted(rank: int, ranks: int) -> dict[str, list[float]]:
    """Of each call: seconds, bytes that the device carried meanwhile; and the error of the last result."""
    inputs = drawn(COUNTED, ranks)
    total, sent, seconds = sum(inputs), [], []
    for _ in range(6):
        buffer = inputs[rank].clone()
        dist.barrier()
        before, began = carried(), time.perf_counter()
        dist.barrier()  # nobody sends before all have read the counter
        dist.all_reduce(buffer)
        seconds.append(time.perf_counter() - began)
        dist.barrier()
        sent.append(carried() - before)
    error = float((buffer - total).abs().max() / total.abs().max())
    return {"seconds": seconds, "sent": sent, "error": [error]}


for ranks in ex.sweep("ranks", [2, 4, 8], quick=[2, 4]):
    group = run_together(ranks, lambda rank, ranks=ranks: counted(rank, ranks))
    error = max(seen["error"][0] for seen in group)
    if not error <= 1e-5:
        raise ArithmeticError(f"the sum of {ranks} processes is wrong by {error}")
    sent = min(max(call) for call in zip(*(seen["sent"] for seen in group), strict=True)) / ranks / COUNTED
    slowest = [max(call) for call in zip(*(seen["seconds"] for seen in group), strict=True)]
    ex.report("ring", 2 * (ranks - 1) / ranks, unit="×", label="2(n − 1)/n", ranks=ranks)
    if sent:
        ex.report("sent", sent, unit="×", label="sent by each process", ranks=ranks)
    ex.report("many", statistics.median(slowest), unit="s", label="all-reduce of 4 MiB", ranks=ranks)

# %% [markdown]
# The same bytes moved without a socket: one copy within a process.

# %%
x = torch.randn(4 * MIB // 4)
copy = torch.empty_like(x)
ex.measure(
    "copy",
    lambda: copy.copy_(x),
    label="copy within a process",
    bytes=4 * MIB,
    work=Work(bytes=8 * MIB),
    check=lambda out: bool((out == x).all()),
)
ex.ratio("socket-price", slow=f"all-reduce;bytes={4 * MIB}", fast=f"copy;bytes={4 * MIB}", label="all-reduce over copy")
ex.ratio(
    "loopback-to-shared",
    slow=f"all-reduce;bytes={4 * MIB}",
    fast=f"shared;bytes={4 * MIB}",
    label="loopback over shared memory",
)
