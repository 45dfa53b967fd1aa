# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "Buckets of DistributedDataParallel: how much of the exchange stays exposed"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/fabric.yml"]
# budget_seconds = 120
# launches = 9
# ///
"""PyTorch's DistributedDataParallel sends gradients in buckets during the backward pass. How large should one be?

Two processes train the same network, with gradients of 16 MiB, in buckets of five sizes. A communication hook stamps
the start and the end of each bucket's all-reduce. What the step waits for after the last bucket has been handed over is
`exposed`: no computing is left to hide it. `hidden` is the share of the exchange, timed alone, that is not exposed.

A small bucket leaves little to wait for at the end but pays the latency more often. A large one waits for all of its
gradients before it starts: with a single bucket the whole exchange is exposed. If earlier buckets have been sent by
then, the last one alone is exposed, and `law` says what it takes: latency plus bytes over bandwidth, fitted to
all-reduces of five sizes in the same processes.

That the averaged gradients are those of one process with both halves of the batch is checked for every bucket size.

Caveats. Two processes with one thread each on one machine, gloo over loopback: the processors that compute also send,
so an exchange that is hidden still slows the computing down, and `step` says what is left of the gain. Times are
medians of some steps, of the slower process.
"""

# %%
import statistics
import time
from collections.abc import Callable

import torch
import torch.distributed as dist
from processes import run_together
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from stackdoc import example

ex = example()
MIB = 1 << 20
WIDTH, LAYERS, BATCH = 512, 16, 128
STEPS, WARM = 5, 3  # the wrapper rearranges its buckets after the first step
BUCKETS = list(ex.sweep("bucket", [1, 2, 4, 8, 32]))  # MiB; the last holds all gradients
SIZES = [64 << 10, 256 << 10, 1 * MIB, 4 * MIB, 16 * MIB]

# %% [markdown]
# The same network in both processes, other inputs in each.


# %%
def network() -> nn.Sequential:
    torch.manual_seed(0)
    parts: list[nn.Module] = []
    for _ in range(LAYERS):
        parts += [nn.Linear(WIDTH, WIDTH, bias=False), nn.ReLU()]
    return nn.Sequential(*parts)


def inputs(rank: int) -> torch.Tensor:
    return torch.randn(BATCH, WIDTH, generator=torch.Generator().manual_seed(1 + rank))


def error(net: nn.Module) -> float:
    """Of the averaged gradients, against one process with both halves."""
    whole = network()
    whole(torch.cat([inputs(0), inputs(1)])).square().mean().backward()
    pairs = zip(net.parameters(), whole.parameters(), strict=True)
    return max(float((a.grad - b.grad).abs().max() / b.grad.abs().max()) for a, b in pairs)


# %% [markdown]
# A hook in place of the wrapper's own all-reduce. It does the same, and stamps when a bucket is handed over.


# %%
class Stamped:
    """When each bucket of the last step was handed over, and how many bytes it has."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.sizes: list[int] = []

    def hook(self, _: object, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
        self.starts.append(time.perf_counter())
        self.sizes.append(bucket.buffer().nbytes)
        work = dist.all_reduce(bucket.buffer().div_(2), async_op=True)
        return work.get_future().then(lambda done: done.value()[0])


def in_buckets(rank: int, mib: int) -> dict[str, float]:
    """Medians of some steps: seconds of the step, and seconds after the last bucket was handed over."""
    net, x = network(), inputs(rank)
    wrapped = DistributedDataParallel(net, bucket_cap_mb=mib)
    wrapped.register_comm_hook(None, (stamped := Stamped()).hook)
    steps, exposed = [], []
    for number in range(STEPS + WARM):
        net.zero_grad()
        stamped.starts, stamped.sizes = [], []
        dist.barrier()
        began = time.perf_counter()
        wrapped(x).square().mean().backward()
        ended = time.perf_counter()
        if number >= WARM:
            steps.append(ended - began)
            exposed.append(ended - stamped.starts[-1])
    if not error(net) <= 1e-4:
        raise ArithmeticError(f"the gradients in buckets of {mib} MiB are wrong by {error(net)}")
    seen = {"step": statistics.median(steps), "exposed": statistics.median(exposed)}
    return seen | {"buckets": len(stamped.sizes), "last": stamped.sizes[-1]}


# %% [markdown]
# The parts by themselves: computing alone, and all-reduces of five sizes and of all gradients.


# %%
def timed(call: Callable[[], object], calls: int) -> float:
    seconds = []
    for _ in range(calls + 2):
        dist.barrier()
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[2:])


def take_part(rank: int) -> tuple[dict[int, dict[str, float]], dict[int, float], float]:
    """Each bucket size; all-reduces by size; the step without an exchange."""
    net, x = network(), inputs(rank)

    def compute() -> None:
        net.zero_grad()
        net(x).square().mean().backward()

    arrays = {size: torch.randn(size // 4) for size in SIZES}
    reduces = {size: timed(lambda array=array: dist.all_reduce(array), 6) for size, array in arrays.items()}
    return {mib: in_buckets(rank, mib) for mib in BUCKETS}, reduces, timed(compute, STEPS)


both = run_together(2, take_part)

# %% [markdown]
# Latency and bandwidth of an all-reduce, by least squares of the relative error; then each bucket size.

# %%
reduces = {size: max(seen[1][size] for seen in both) for size in SIZES}
rows = torch.tensor([[1 / reduces[size], size / reduces[size]] for size in SIZES], dtype=torch.float64)
latency, slope = torch.linalg.lstsq(rows, torch.ones(len(SIZES), 1, dtype=torch.float64)).solution.flatten().tolist()
latency, bandwidth = max(latency, 1e-9), 1 / slope
ex.report("latency", latency, unit="s", label="latency of an all-reduce, fitted")
ex.report("bandwidth", bandwidth, unit="B/s", better="higher", label="bandwidth of an all-reduce, fitted")
compute, exchange = max(seen[2] for seen in both), reduces[16 * MIB]
ex.report("compute", compute, unit="s", label="step without an exchange")
ex.report("exchange", exchange, unit="s", label="all gradients, one all-reduce, alone")
for mib in BUCKETS:
    slower = {name: max(seen[0][mib][name] for seen in both) for name in both[0][0][mib]}
    ex.report("step", slower["step"], unit="s", label="step", bucket=mib)
    ex.report("bound", max(compute, exchange), unit="s", label="longer part", bucket=mib)
    ex.report("sum", compute + exchange, unit="s", label="sum of the parts", bucket=mib)
    ex.report("buckets", slower["buckets"], unit="buckets", label="buckets", bucket=mib)
    ex.report("exposed", slower["exposed"], unit="s", label="exposed", bucket=mib)
    law = ex.law("transfer-time", latency=latency, bytes=slower["last"], bandwidth=bandwidth)
    ex.report("law", law, unit="s", label="last bucket alone, by the law", bucket=mib)
    ex.report("over-law", slower["exposed"] / law, unit="×", label="exposed over the law", bucket=mib)
    hidden = 1 - slower["exposed"] / exchange
    ex.report("hidden", hidden, unit="%", better="higher", label="of the exchange hidden", bucket=mib)
    over = slower["step"] / compute
    ex.report("over-compute", over, unit="×", label="step over computing alone", bucket=mib)
ex.ratio("bucket-gain", slow="step;bucket=32", fast="step;bucket=4", label="one bucket over buckets of 4 MiB")
ex.ratio("exposed-gain", slow="exposed;bucket=32", fast="exposed;bucket=4", label="exposed, one bucket over 4 MiB")
