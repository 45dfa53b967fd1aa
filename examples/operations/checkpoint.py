# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "safetensors>=0.4"]
# [tool.stackdoc]
# layer = "operations"
# title = "Checkpoints: writing, loading, and how often"
# devices = ["cpu"]
# claims = ["hubs-lower-the-barrier"]
# budget_seconds = 30
# ///
"""Writes a checkpoint until it is on storage, loads it in three ways, and finds out how often to save.

The same tensors are written by `torch.save` and as safetensors, each followed by `fsync`. They are loaded by
`torch.load`, by `torch.load` with the file mapped into memory, and by safetensors. Loading is timed twice: until the
call returns, and until every number has been used once. A mapped file returns before anything is read; the page
faults counted beside the times tell when the bytes come.

How often to save? With a checkpoint of C seconds and a stop every M on average, Young's formula has the shortest
interval that pays: √(2 C M). A simulation of random stops draws the cost around it.

Every way has a cost that no byte explains: opening the file, reading its table, making sixteen tensors. `empty`
measures it on a checkpoint of as many tensors with one number each. A load is predicted from that, and from reading
the file's bytes into fresh memory where the way copies them. Use adds a pass over the numbers, in memory where they
were copied, in a fresh mapping of the file where they were not.

Caveats. The files were written a moment ago and are read from the page cache, so loading touches no storage. A drive or
a hypervisor may confirm an `fsync` too early. The simulation has no time for restarting and no second stop within it.
"""

# %%
import math
import mmap
import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stackdoc import Work, close, example

ex = example()
State = dict[str, torch.Tensor]
scratch = Path(tempfile.mkdtemp(dir=Path.cwd()))
MEGABYTE, TENSORS = 1 << 20, 16


def state(megabytes: int) -> State:
    torch.manual_seed(7)
    count = megabytes * MEGABYTE // 4 // TENSORS
    return {f"layer.{number}.weight": torch.randn(count) for number in range(TENSORS)}


def used(loaded: State) -> torch.Tensor:
    """A sum that has to read every number."""
    return torch.stack([loaded[name].sum() for name in sorted(loaded)])


def same(loaded: State, tensors: State) -> bool:
    return loaded.keys() == tensors.keys() and all(torch.equal(loaded[name], tensors[name]) for name in tensors)


def faults(call: Callable[[], object]) -> int:
    """Pages that the process was given while the call ran."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    call()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def seconds_of(call: Callable[[], object], calls: int = 9) -> float:
    samples = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        samples.append(time.perf_counter() - began)
    return min(samples)


def read_once(path: str) -> float:
    """Seconds to read a file's bytes, from the page cache into fresh memory."""
    return seconds_of(lambda: Path(path).read_bytes())


def mapped_once(path: str) -> float:
    """Seconds to map a file and to add up its numbers, which brings its pages."""

    def total() -> torch.Tensor:
        with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as pages:
            return torch.frombuffer(pages, dtype=torch.float32, count=len(pages) // 4).sum()

    return seconds_of(total)


# %% [markdown]
# Writing, until the system says that it is on storage.


# %%
def write(save: Callable[[State, str], None], tensors: State, path: Path) -> float:
    """Seconds, with `fsync`."""
    began = time.perf_counter()
    save(tensors, str(path))
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    return time.perf_counter() - began


WRITERS = {"torch": ("torch.save and fsync", torch.save), "safetensors": ("safetensors and fsync", save_file)}
LOADERS: dict[str, tuple[str, Callable[[str], State], str]] = {
    "torch": ("torch.load", lambda path: torch.load(path, weights_only=True), "torch"),
    "mapped": ("torch.load, mapped", lambda path: torch.load(path, weights_only=True, mmap=True), "torch"),
    "safetensors": ("safetensors", load_file, "safetensors"),
}
rates = []
for way, (_, save) in WRITERS.items():
    save({name: tensor[:1].clone() for name, tensor in state(1).items()}, str(scratch / f"empty-{way}"))
empty = {
    way: ex.measure(
        "empty",
        lambda load=load, file=file: load(str(scratch / f"empty-{file}")),
        label=f"{label}, sixteen tensors of one number",
        check=lambda out: len(out) == TENSORS,
        way=way,
    ).seconds
    for way, (label, load, file) in LOADERS.items()
}
for megabytes in ex.sweep("megabytes", [2, 16], quick=[2]):
    tensors = state(megabytes)
    size = megabytes * MEGABYTE
    for way, (label, save) in WRITERS.items():
        seconds = statistics.median(write(save, tensors, scratch / way) for _ in range(3))
        ex.report("write", size / seconds, unit="B/s", better="higher", label=label, megabytes=megabytes, way=way)
        rates.append(size / seconds)
    timed, summed = {}, seconds_of(lambda tensors=tensors: used(tensors))
    for way, (label, load, file) in LOADERS.items():
        path = str(scratch / file)
        copied = read_once(path) if way == "torch" else 0.0
        ex.predict(
            "load",
            seconds=empty[way] + copied,
            formula="as many empty tensors" + (" + the file's bytes read into fresh memory" if copied else ""),
            megabytes=megabytes,
            way=way,
        )
        timed["load", way] = ex.measure(
            "load",
            lambda load=load, path=path: load(path),
            label=f"{label}, until it returns",
            check=lambda out, tensors=tensors: same(out, tensors),
            megabytes=megabytes,
            way=way,
        )
        ex.predict(
            "use",
            seconds=empty[way] + (copied + summed if copied else mapped_once(path)),
            formula="the same + one pass over the numbers",
            megabytes=megabytes,
            way=way,
        )
        timed["use", way] = ex.measure(
            "use",
            lambda load=load, path=path: used(load(path)),
            work=Work(bytes=size),
            label=f"{label}, until all is read",
            check=lambda out, tensors=tensors: close(out, used(tensors), rtol=1e-4),
            megabytes=megabytes,
            way=way,
        )
        loaded: list[State] = []
        while_loading = faults(lambda load=load, path=path, loaded=loaded: loaded.append(load(path)))
        while_using = faults(lambda loaded=loaded: used(loaded[0]))
        for at, doing, count in (("load", "loading", while_loading), ("use", "reading", while_using)):
            ex.report(
                "faults", count, unit="pages", label=f"{label}, while {doing}", at=at, megabytes=megabytes, way=way
            )
    for until in ("load", "use"):
        slow, fast = timed[until, "torch"], timed[until, "safetensors"]
        label = "torch.load over safetensors, until " + ("it returns" if until == "load" else "all is read")
        ex.ratio("gain", slow=slow, fast=fast, label=label, megabytes=megabytes, until=until)
shutil.rmtree(scratch, ignore_errors=True)

# %% [markdown]
# How often: the share of time lost to saving and to work done twice, simulated, beside the formula. A checkpoint
# takes 40 s, and a stop comes every 3.1 hours on average, as two published runs had it.

# %%
SAVE_S, BETWEEN_STOPS_S = 40.0, 54 * 86400 / 419
young = math.sqrt(2 * SAVE_S * BETWEEN_STOPS_S)
ex.report("young", young / 60, unit="min", label="interval by Young's formula")
ex.report("young-loss", math.sqrt(2 * SAVE_S / BETWEEN_STOPS_S), unit="%", label="loss there by his formula")


def lost(interval: float, pieces: int) -> float:
    """The share of time that is no progress, over so many intervals of work."""
    stops = random.Random(11)
    spent = 0.0
    for _ in range(pieces):
        until_stop = stops.expovariate(1 / BETWEEN_STOPS_S)
        while until_stop < interval + SAVE_S:
            spent += until_stop
            until_stop = stops.expovariate(1 / BETWEEN_STOPS_S)
        spent += interval + SAVE_S
    return 1 - pieces * interval / spent


FACTORS = {"quarter": 0.25, "half": 0.5, "young": 1.0, "twice": 2.0, "fourfold": 4.0, "published": 3 * 3600 / young}
for interval in ex.sweep("interval", [*FACTORS]):
    seconds = FACTORS[interval] * young
    share = lost(seconds, pieces=12000)
    ex.report("lost", share, unit="%", label=f"saving every {seconds / 60:.0f} min", interval=interval)

# %% [markdown]
# The same for this machine: the state of seven billion parameters at 16 bytes each, written by one process.

# %%
here = 16 * 7e9 / max(rates)
ex.report("save-here", here / 60, unit="min", label="112 GB at the best rate written here")
interval_here = math.sqrt(2 * here * BETWEEN_STOPS_S)
ex.report("young-here", interval_here / 60, unit="min", label="interval for that by Young's formula")
