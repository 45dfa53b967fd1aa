# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "data"
# title = "Loading behind computing: none, a thread, a process"
# devices = ["cpu", "cuda"]
# claims = ["loaders-hide-preparation", "loader-processes-hide-python"]
# budget_seconds = 60
# ///
"""Batches are prepared and computed on: one after the other, or the next one while the last one is computed on.

With time l to prepare a batch and a to compute on it, a step takes max(l, a) when everything overlaps and l + a
when nothing does. Two preparations are tried. The computing is made twice as long, so that a perfect loader leaves no
time in which nothing is computed, and none at all leaves a third of it.
`unpack` is one call into a compiled library that lets go of the interpreter's lock. `parse` turns text into numbers
in plain Python and holds the lock all the while. Each is done by a thread ahead, and by a process ahead. The
further measurement: which of the four hides anything says whether cores or the lock were short.

`hidden` is the share of the preparation that disappeared: (step without - step) / min(l, a), 100 % for perfect overlap
and below zero where the helper slowed the step down. `idle` is the share of a step in which nothing is computed.

Caveats. A second core must be free; on one core nothing can be hidden. Without an accelerator the computing is a matrix
product on one thread of the processor, which shares memory and the interpreter with the loader; on one, the batch is
copied to it and the processor waits for the result. The clock of a round starts behind its first batch, which nothing
can hide. Steps are medians over rounds in which all ways take turns.
"""

# %%
import time
import zlib
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import Queue
from statistics import median
from threading import Thread

import torch

from stackdoc import example

ex = example()
BATCHES, SIDE, ROUNDS = 9, 128, 3 if ex.quick else 12

# %% [markdown]
# The same numbers, packed as bytes and written as text. Both give a batch back as a matrix.

# %%
numbers = torch.randn(8, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).round(decimals=2)
packed = zlib.compress(numbers.numpy().tobytes(), 1)
written = "\n".join(map(str, numbers[0].flatten().tolist()))


def unpack() -> torch.Tensor:
    return torch.frombuffer(bytearray(zlib.decompress(packed)), dtype=torch.float32).view(-1, SIDE, SIDE)[0]


def parse() -> torch.Tensor:
    return torch.tensor([float(line) for line in written.split("\n")]).view(SIDE, SIDE)


# %% [markdown]
# Three ways to the batches of a round. The process is forked once and prepares whenever it is asked.


# %%
def one_after_another(prepare: Callable[[], torch.Tensor]) -> Iterator[torch.Tensor]:
    for _ in range(BATCHES):
        yield prepare()


def thread_ahead(prepare: Callable[[], torch.Tensor]) -> Iterator[torch.Tensor]:
    queue: Queue[torch.Tensor] = Queue(maxsize=2)
    Thread(target=lambda: [queue.put(prepare()) for _ in range(BATCHES)], daemon=True).start()
    for _ in range(BATCHES):
        yield queue.get()


class ProcessAhead:
    """A child that prepares a round when asked; a batch crosses as bytes."""

    def __init__(self, prepare: Callable[[], torch.Tensor]) -> None:
        fork = get_context("fork")
        self.pipe, end = fork.Pipe()
        self.child = fork.Process(target=self._serve, args=(end, prepare), daemon=True)
        self.child.start()

    def _serve(self, end: Connection, prepare: Callable[[], torch.Tensor]) -> None:
        torch.set_num_threads(1)
        while end.recv():
            for _ in range(BATCHES):
                end.send_bytes(prepare().numpy().tobytes())

    def batches(self) -> Iterator[torch.Tensor]:
        self.pipe.send(True)
        for _ in range(BATCHES):
            yield torch.frombuffer(bytearray(self.pipe.recv_bytes()), dtype=torch.float32).view(SIDE, SIDE)

    def close(self) -> None:
        self.pipe.send(False)
        self.child.join()


# %% [markdown]
# Computing: as many products as take about twice as long as the preparation.


# %%
def compute(batch: torch.Tensor, products: int) -> torch.Tensor:
    """On the device; waits for the result, which comes back."""
    batch = batch.to(ex.device)
    out = batch
    for _ in range(products):
        out = (batch @ out) / SIDE**0.5
    return out.cpu()


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def least(call: Callable[[], object]) -> float:
    return min(seconds(call) for _ in range(7))


# %% [markdown]
# Every way must give the batch that was written.

# %%
for name, prepare in {"unpack": unpack, "parse": parse}.items():
    if not torch.equal(prepare(), numbers[0]):
        raise ValueError(f"{name} does not give the batch back")
    process = ProcessAhead(prepare)
    batch = prepare()
    few, many = (least(lambda batch=batch, count=count: compute(batch, count)) for count in (1, 21))
    products = max(1, round((2 * least(prepare) - few) / ((many - few) / 20)))
    expected = compute(batch, products)
    ways = {
        "none": lambda prepare=prepare: one_after_another(prepare),
        "thread": lambda prepare=prepare: thread_ahead(prepare),
        "process": process.batches,
    }
    taken: dict[str, list[float]] = {way: [] for way in ("load", "compute", *ways)}
    for _ in range(ROUNDS):
        taken["load"].append(seconds(prepare))
        taken["compute"].append(seconds(lambda batch=batch, products=products: compute(batch, products)))
        for way, batches in ways.items():
            prepared = batches()
            outs = [compute(next(prepared), products)]
            start = time.perf_counter()
            outs += [compute(one, products) for one in prepared]
            taken[way].append((time.perf_counter() - start) / (BATCHES - 1))
            if not torch.equal(outs[-1], expected):
                raise ValueError(f"{name}, {way}: another result than without a loader")
    process.close()
    load, computing = median(taken["load"]), median(taken["compute"])
    whole = median(taken["none"])
    ex.report("load", load, unit="s", label="preparing a batch", preparation=name)
    ex.report("compute", computing, unit="s", label="computing on it", preparation=name)
    bound = max(load, computing)
    ex.report("bound", bound, unit="s", label="the longer of the two", preparation=name)
    for way in ways:
        step = median(taken[way])
        ex.report("step", step, unit="s", label="a step", preparation=name, ahead=way)
        ex.report("idle", max(0.0, 1 - computing / step), unit="%", preparation=name, ahead=way)
        if way != "none":
            hidden = (whole - step) / min(load, computing)
            ex.report("hidden", hidden, unit="%", better="higher", preparation=name, ahead=way)
