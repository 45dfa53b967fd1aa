# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "Collectives: what each must send, and what each takes"
# environment = "low"
# ///
"""Five collective operations between two processes over the loopback device, by Gloo, on one array.

What a collective must send is a law of counting. For an array of S bytes among n processes, a `broadcast` sends S
from one of them. An `all-gather` of n parts gives each process the n − 1 parts that it lacks, S (n − 1)/n of bytes. A
`reduce-scatter` sends as many, and an `all-to-all` too, for each process keeps the nth part of what it has. An
`all-reduce` is a reduce-scatter with an all-gather behind it, so it sends twice that.

So the all-reduce is held against the sum of its two halves, and the bus bandwidth of each, bytes that must be sent
over the time, can be compared with the others'. What counting doesn't know is how well each is written: where a half
takes longer than the whole, a library has been tuned for the one that everybody calls. A barrier, which sends next to
nothing, shows the latency.

That the results are right is checked in both processes.

Caveats. Loopback has no wire: its bandwidth is that of copying through the kernel, by processors that also add. The
calls wait for one another, so a time is the median of many calls, of the slower process. Where fewer than two cores are
free the processes take turns. A library may have a better algorithm for one collective than for another.
"""

# %%
import statistics
import time
from collections.abc import Callable

import torch
import torch.distributed as dist
from two_processes import run_two

from stackdoc import example

ex = example()
N, MIB = 2, 1 << 20
SIZES = list(ex.sweep("bytes", [64 << 10, MIB, 8 * MIB], quick=[64 << 10, MIB]))
SENT = {"broadcast": 1.0, "all-gather": 0.5, "reduce-scatter": 0.5, "all-to-all": 0.5, "all-reduce": 1.0}  # of S, n = 2

# %% [markdown]
# One process. Both know what both drew, and so what must come out.


# %%
def collectives(rank: int, size: int) -> dict[str, tuple[Callable[[], object], Callable[[], bool]]]:
    """By name: the call, and whether its result is right."""
    drawn = [torch.randn(size // 4, generator=torch.Generator().manual_seed(seed)) for seed in range(N)]
    parts = [list(one.chunk(N)) for one in drawn]
    total = drawn[0] + drawn[1]
    one, whole, part = drawn[0].clone(), torch.empty(size // 4), torch.empty(size // 4 // N)
    exchanged, mine = torch.empty(size // 4), drawn[rank].clone()
    summed = torch.empty(size // 4)

    def all_reduce() -> None:
        summed.copy_(mine)
        dist.all_reduce(summed)

    # Their names from the version on in which the older ones are deprecated.
    all_gather = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor
    reduce_scatter = getattr(dist, "reduce_scatter_single", None) or dist.reduce_scatter_tensor

    return {
        "broadcast": (lambda: dist.broadcast(one, 0), lambda: torch.equal(one, drawn[0])),
        "all-gather": (
            lambda: all_gather(whole, parts[rank][rank]),
            lambda: torch.equal(whole, torch.cat([parts[0][0], parts[1][1]])),
        ),
        "reduce-scatter": (
            lambda: reduce_scatter(part, mine),
            lambda: torch.allclose(part, total.chunk(N)[rank]),
        ),
        "all-to-all": (
            lambda: dist.all_to_all_single(exchanged, mine),
            lambda: torch.equal(exchanged, torch.cat([parts[0][rank], parts[1][rank]])),
        ),
        "all-reduce": (all_reduce, lambda: torch.allclose(summed, total)),
    }


def seconds_of(call: Callable[[], object], calls: int) -> float:
    taken = []
    for _ in range(calls + 3):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[3:])


def observe(rank: int) -> dict[tuple[str, int], float]:
    seen = {("barrier", 0): seconds_of(dist.barrier, 40)}
    for size in SIZES:
        for name, (call, right) in collectives(rank, size).items():
            seen[name, size] = seconds_of(call, 12 if size > MIB else 40)
            if not right():
                raise ArithmeticError(f"{name} of {size} bytes gave process {rank} a wrong result")
    return seen


both = run_two(observe)
seconds = {key: max(seen[key] for seen in both) for key in both[0]}

# %%
ex.report("barrier", seconds["barrier", 0], unit="s", label="barrier")
for size in SIZES:
    for name, share in SENT.items():
        ex.report("time", seconds[name, size], unit="s", label=name, collective=name, bytes=size)
        rate = share * size / seconds[name, size]
        ex.report("busbw", rate, unit="B/s", better="higher", label=f"{name}, sent", collective=name, bytes=size)
    halves = seconds["reduce-scatter", size] + seconds["all-gather", size]
    ex.report("halves", halves, unit="s", label="reduce-scatter and all-gather, added", bytes=size)
    ex.report(
        "over-halves", seconds["all-reduce", size] / halves, unit="×", label="all-reduce over its halves", bytes=size
    )
