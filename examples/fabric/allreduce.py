# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "All-reduce between two processes, by size"
# devices = ["cpu"]
# budget_seconds = 60
# ///
"""Two processes sum an array so that both have the result, over the loopback device, with gloo.

A transfer takes a latency and its bytes over a bandwidth. Both are fitted from the smallest and the largest size
alone; the sizes between are predicted from the fit before they are measured, and reported beside it.

`algbw` is payload over time. `busbw` multiplies it by 2(n − 1)/n, the part of the payload that each process must send
in the best algorithm, so that the figure can be held against the rate of a link whatever n is. For two processes
the factor is one.

Loopback has no wire. So the processor time of both processes is reported too, in processors kept busy: where it is near
one or two, the link is the processor, and the bandwidth is that of copying through the kernel.

Caveats. One thread a process, and gloo has helpers of its own. Where fewer than two cores are free the processes take
turns, and the figure is the scheduler's. The calls wait for one another, so their time is the median of many calls
and not of blocks of processor time.
"""

# %%
import math
import statistics
import time

import torch
import torch.distributed as dist
from two_processes import run_two

from stackdoc import Work, example

ex = example()
KIB, MIB = 1 << 10, 1 << 20
SIZES = [4 * KIB, 32 * KIB, 256 * KIB, 1 * MIB, 4 * MIB, 16 * MIB]
QUICK_SIZES = [4 * KIB, 32 * KIB, 1 * MIB, 4 * MIB]
wanted = list(ex.sweep("bytes", SIZES, quick=QUICK_SIZES))

# %% [markdown]
# One of the two processes. The inputs come from a normal distribution with a known seed, so that each process
# knows what the sum must be. It is copied anew before every call, outside of the clock.


# %%
def calls_for(bytes: int) -> int:
    return max(8, min(40, 8 * MIB // bytes))


def timed(mine: torch.Tensor, total: torch.Tensor) -> dict[str, float]:
    """Median seconds of a call, processor seconds a call, relative error of the last result."""
    seconds, cpu = [], 0.0
    for number in range(calls_for(mine.nbytes) + 3):
        buffer = mine.clone()
        cpu_began, began = time.process_time(), time.perf_counter()
        dist.all_reduce(buffer)
        if number >= 3:
            seconds.append(time.perf_counter() - began)
            cpu += time.process_time() - cpu_began
    error = float((buffer - total).abs().max() / total.abs().max())
    return {"seconds": statistics.median(seconds), "busy": cpu / sum(seconds), "error": error}


def observe(rank: int) -> dict[int, dict[str, float]]:
    seen = {}
    for bytes in wanted:
        both = [torch.randn(bytes // 4, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
        seen[bytes] = timed(both[rank], both[0] + both[1])
    return seen


both = run_two(observe)
for bytes in wanted:
    error = max(seen[bytes]["error"] for seen in both)
    if not error <= 1e-6:
        raise ArithmeticError(f"the sum of {bytes} bytes is wrong by {error}")

# %% [markdown]
# The time of a call is that of the slower process. Latency and bandwidth come from the two ends.

# %%
seconds = {bytes: max(seen[bytes]["seconds"] for seen in both) for bytes in wanted}
smallest, largest = QUICK_SIZES[0], QUICK_SIZES[-1]
bandwidth = (largest - smallest) / max(seconds[largest] - seconds[smallest], 1e-9)
latency = max(seconds[smallest] - smallest / bandwidth, 1e-9)
ex.report("latency", latency, unit="s", label="latency, from the fit")
ex.report("bandwidth", bandwidth, unit="B/s", better="higher", label="bandwidth, from the fit")
ex.report("half-size", latency * bandwidth, unit="B", label="size that reaches half of it")

# %% [markdown]
# Every size beside the fit.

# %%
for bytes in wanted:
    model = latency + bytes / bandwidth
    ex.report("all-reduce", seconds[bytes], unit="s", label="all-reduce", bytes=bytes)
    ex.report("fit", model, unit="s", label="latency + bytes / bandwidth", bytes=bytes)
    ex.report("busbw", bytes / seconds[bytes], unit="B/s", better="higher", label="bus bandwidth", bytes=bytes)
    busy = sum(seen[bytes]["busy"] for seen in both)
    ex.report("processors-busy", busy, unit="processors", label="processors kept busy", bytes=bytes)
    if bytes not in (smallest, largest):
        distance = math.exp(abs(math.log(seconds[bytes] / model)))
        ex.report("distance-from-fit", distance, unit="×", label="measured against the fit, either way", bytes=bytes)

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
ex.ratio("socket-price", slow=f"all-reduce;bytes={4 * MIB}", fast=f"copy;bytes={4 * MIB}", label="copy over all-reduce")
