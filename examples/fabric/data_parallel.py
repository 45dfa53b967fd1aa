# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "A data-parallel step: compute, exchange, and what overlap hides"
# devices = ["cpu"]
# claims = ["fabric-governs-training", "two-processes-scale"]
# profiles = ["full"]
# budget_seconds = 60
# ///
"""Two processes compute gradients, each on its own half of the inputs, and average them.

The step is taken apart: `compute` is forward and backward, `exchange` one all-reduce of all gradients in one buffer.
`sequential` does one after the other. Three ways overlap them. `overlapped` is PyTorch's DistributedDataParallel as
it comes: gradients are gathered in buckets of 25 MiB, a first one of 1 MiB apart, and a bucket is sent when all its
gradients are ready. `small-buckets` is the same with buckets of 4 MiB. `unbucketed` starts an exchange for each
gradient as soon as the backward pass has made it. Whatever the overlap, the step should lie between the longer part
and the sum:

    max(compute, exchange) ≤ step ≤ compute + exchange

`alone` is compute with the other process at rest. Efficiency is `alone` over the step: each process has as much to do
as one alone, so a perfect fabric gives 100 %.

The bound assumes that moving data needs no processor. On loopback it does: `processors-busy` says how many the
exchange keeps busy, and an overlap can then win less than the bound promises, or lose.

Caveats. Two processes with one thread each on one machine, gloo, single precision, eight plain layers with gradients
of 8 MiB: less than one default bucket, so that nearly all of them wait for the last. The parts are measured apart,
each as a median, so they need not add up exactly. The calls wait for one another; they are not timed in blocks.
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
WIDTH, LAYERS, SMALL = 512, 8, 4  # SMALL: MiB of a bucket
CALLS, WARM = (4, 2) if ex.quick else (8, 2)
batches = list(ex.sweep("batch", [16, 64, 128, 256], quick=[16, 128]))

# %% [markdown]
# The same network in both processes, other inputs in each.


# %%
def network() -> nn.Sequential:
    torch.manual_seed(0)
    parts: list[nn.Module] = []
    for _ in range(LAYERS):
        parts += [nn.Linear(WIDTH, WIDTH), nn.ReLU()]
    return nn.Sequential(*parts)


def inputs(rank: int, batch: int) -> torch.Tensor:
    return torch.randn(batch, WIDTH, generator=torch.Generator().manual_seed(1 + rank))


class Member:
    """One of the two processes, with its network and its half of the inputs."""

    def __init__(self, rank: int, batch: int) -> None:
        self.rank, self.batch = rank, batch
        self.net, self.x = network(), inputs(rank, batch)
        self.buffer = torch.empty(sum(parameter.numel() for parameter in self.net.parameters()))
        self.waiting: list[dist.Work] = []

    def compute(self) -> None:
        self.net.zero_grad()
        self.net(self.x).square().mean().backward()

    def exchange(self) -> None:
        """All gradients through one buffer, and their averages back."""
        gradients = [parameter.grad for parameter in self.net.parameters()]
        parts = self.buffer.split([gradient.numel() for gradient in gradients])
        for part, gradient in zip(parts, gradients, strict=True):
            part.copy_(gradient.view(-1))
        dist.all_reduce(self.buffer)
        for part, gradient in zip(parts, gradients, strict=True):
            torch.div(part.view_as(gradient), 2, out=gradient)

    def sequential(self) -> None:
        self.compute()
        self.exchange()

    def unbucketed(self) -> None:
        """The hooks start each exchange; here it only remains to wait for them."""
        hooks = [parameter.register_post_accumulate_grad_hook(self._start) for parameter in self.net.parameters()]
        self.compute()
        for work in self.waiting:
            work.wait()
        self.waiting.clear()
        for hook in hooks:
            hook.remove()
        for parameter in self.net.parameters():
            parameter.grad /= 2

    def _start(self, parameter: torch.Tensor) -> None:
        self.waiting.append(dist.all_reduce(parameter.grad, async_op=True))

    def wrap(self, part: str) -> None:
        """Another network, since a wrapper leaves hooks on the parameters of its own."""
        self.net = network()
        self.wrapped = DistributedDataParallel(self.net, bucket_cap_mb=SMALL if part == "small-buckets" else None)

    def overlapped(self) -> None:
        self.net.zero_grad()
        self.wrapped(self.x).square().mean().backward()

    def buckets(self) -> int:
        """Into how many the gradients go, once the wrapper has seen in which order they are ready."""
        data = self.wrapped._get_ddp_logging_data()
        sizes = data.get("rebuilt_bucket_sizes") or data.get("bucket_sizes") or ""
        return len(str(sizes).split(","))

    def error(self) -> float:
        """Of the averaged gradients, against one process with both halves."""
        whole = network()
        whole(torch.cat([inputs(rank, self.batch) for rank in range(2)])).square().mean().backward()
        pairs = zip(self.net.parameters(), whole.parameters(), strict=True)
        return max(float((a.grad - b.grad).abs().max() / b.grad.abs().max()) for a, b in pairs)


# %% [markdown]
# Each part is called some times after a barrier; its time is the median.


# %%
def timed(call: Callable[[], None], together: bool = True) -> tuple[float, float]:
    """Median seconds, and processor seconds for each second."""
    seconds, cpu = [], 0.0
    for number in range(CALLS + WARM):
        if together:
            dist.barrier()
        cpu_began, began = time.process_time(), time.perf_counter()
        call()
        if number >= WARM:
            seconds.append(time.perf_counter() - began)
            cpu += time.process_time() - cpu_began
    return statistics.median(seconds), cpu / sum(seconds)


WRAPPED = ("overlapped", "small-buckets")


def take_apart(rank: int, batch: int) -> dict[object, tuple[float, float]]:
    member = Member(rank, batch)
    seen: dict[object, tuple[float, float]] = {}
    if rank == 0:
        seen["alone"] = timed(member.compute, together=False)
    for part in ("compute", "exchange", "sequential", "unbucketed", *WRAPPED):
        if part in WRAPPED:
            member.wrap(part)
        seen[part] = timed(member.overlapped if part in WRAPPED else getattr(member, part))
        if part not in ("compute", "exchange") and not member.error() <= 1e-4:
            raise ArithmeticError(f"the gradients of the {part} step are wrong by {member.error()}")
        if part in WRAPPED:
            seen["buckets", part] = (member.buckets(), 0.0)
    return seen


# Forked from this process, which has computed nothing yet.
both = run_together(2, lambda rank: {batch: take_apart(rank, batch) for batch in batches})

# %% [markdown]
# The parts, the bounds from them, and what the overlap made of the room between the bounds.

# %%
LABELS = {
    "alone": "compute, the other process at rest",
    "compute": "compute, both at once",
    "exchange": "exchange of the gradients",
    "sequential": "step, one after the other",
    "unbucketed": "step, each gradient by itself",
    "overlapped": "step, DistributedDataParallel",
    "small-buckets": "step, buckets of 4 MiB",
}
for batch in batches:
    parts = {part: max(seen[batch][part][0] for seen in both if part in seen[batch]) for part in LABELS}
    lower, upper = max(parts["compute"], parts["exchange"]), parts["compute"] + parts["exchange"]
    ex.report("lower-bound", lower, unit="s", label="longer part", batch=batch)
    ex.report("upper-bound", upper, unit="s", label="sum of the parts", batch=batch)
    for part, seconds in parts.items():
        ex.report(part, seconds, unit="s", label=LABELS[part], batch=batch)
    busy = sum(seen[batch]["exchange"][1] for seen in both)
    ex.report("processors-busy", busy, unit="processors", label="busy during the exchange", batch=batch)
    share = parts["exchange"] / upper
    ex.report("exchange-share", share, unit="%", label="exchange over compute and exchange", batch=batch)
    for way in WRAPPED:
        number = both[0][batch]["buckets", way][0]
        ex.report("buckets", number, unit="buckets", label=f"buckets, {LABELS[way]}", batch=batch, step=way)
    hidden = (parts["sequential"] - parts["overlapped"]) / min(parts["compute"], parts["exchange"])
    ex.report("hidden", hidden, unit="%", better="higher", label="of what overlap could hide", batch=batch)
    for way in ("sequential", "unbucketed", *WRAPPED):
        efficiency = parts["alone"] / parts[way]
        ex.report("efficiency", efficiency, unit="%", better="higher", label=LABELS[way], batch=batch, step=way)
    ex.ratio("overlap-gain", slow=f"sequential;batch={batch}", fast=f"overlapped;batch={batch}", batch=batch)
    ex.ratio("bucket-gain", slow=f"unbucketed;batch={batch}", fast=f"overlapped;batch={batch}", batch=batch)
