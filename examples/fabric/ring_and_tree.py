# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "All-reduce as a ring, as a tree and by halving: sent by processes, and simulated for many devices"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/fabric.yml"]
# budget_seconds = 120
# launches = 7
# ///
"""One all-reduce, three algorithms, each written once as a schedule: rounds of messages between devices.

A schedule is used twice. Processes on this machine carry it out, with point-to-point messages of gloo over loopback:
their results are compared with gloo's own all-reduce, and what each process sends is counted. A simulation carries it
out for up to 256 devices, on links with a latency and a bandwidth: it adds real numbers, so that a wrong schedule
gives a wrong sum, and it counts the bytes. Both must count the same bytes, and where the number of devices is a power
of two the simulation must take the time that the law gives.

In a `ring` every device passes a part of the array to the next, 2(n − 1) times. In a binomial `tree` pairs add whole
arrays up to a root, which sends the sum back down. In `halving` pairs exchange halves, quarters and so on, and put the
sum together in the reverse order.

`alpha` and `beta` are the latency and the bandwidth of one message between two processes, fitted to five sizes.
`law` is what they and the law give for `n` processes, and `over-law` the measured time over that. The law assumes that
all devices send at once. Processes that share two processors take turns, so `over-law` should grow with their number.

The links of the simulation are not measured: 5 µs and 50 GB/s, a network adapter of 400 Gbit/s for each device.

Caveats. Loopback has no wire, and the processors that send also add. Calls wait for one another, so a time is the
median of several calls, of the slowest process. A library divides large messages into pieces that follow one another
through a tree, which this one does not.
"""

# %%
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.distributed as dist
from processes import run_together

from stackdoc import example

ex = example()
KIB, MIB = 1 << 10, 1 << 20
SIZES = list(ex.sweep("bytes", [4 * KIB, 64 * KIB, 512 * KIB, 2 * MIB, 8 * MIB]))
RANKS = list(ex.sweep("ranks", [2, 4, 8]))

# %% [markdown]
# The schedules. The array has as many parts as there are devices. A message takes the parts from `first` up to `end`
# from one device to another, which adds them to its own or replaces its own by them.


# %%
@dataclass(frozen=True)
class Message:
    sender: int
    receiver: int
    first: int
    end: int
    adds: bool


Schedule = list[list[Message]]  # rounds; in each a device sends at most one message and receives at most one


def ring(devices: int) -> Schedule:
    def message(step: int, rank: int) -> Message:
        part = (rank - step) % devices
        return Message(rank, (rank + 1) % devices, part, part + 1, adds=step < devices - 1)

    return [[message(step, rank) for rank in range(devices)] for step in range(2 * (devices - 1))]


def tree(devices: int) -> Schedule:
    up: Schedule = []
    distance = 1
    while distance < devices:
        pairs = [rank for rank in range(0, devices, 2 * distance) if rank + distance < devices]
        up.append([Message(rank + distance, rank, 0, devices, adds=True) for rank in pairs])
        distance *= 2
    return up + [[Message(m.receiver, m.sender, 0, devices, adds=False) for m in level] for level in reversed(up)]


def halving(devices: int) -> Schedule:
    """For a power of two. A device keeps the half of its range in which its own part is."""
    down: Schedule = []
    size = devices
    while size > 1:
        size //= 2
        partners = [(rank, rank ^ size) for rank in range(devices)]
        down.append([Message(a, b, b // size * size, b // size * size + size, adds=True) for a, b in partners])
    up = [[Message(m.receiver, m.sender, m.first, m.end, adds=False) for m in level] for level in reversed(down)]
    return down + up


WAYS: dict[str, Callable[[int], Schedule]] = {"ring": ring, "tree": tree, "halving": halving}

# %% [markdown]
# **By processes.** A rank sends and receives what the schedule says, round by round.


# %%
def carry_out(schedule: Schedule, rank: int, buffer: torch.Tensor) -> int:
    """Sum `buffer` over all ranks, in place. Returns the bytes that this rank sent."""
    parts = buffer.view(dist.get_world_size(), -1)
    room, sent = torch.empty_like(parts), 0
    for messages in schedule:
        pending = []
        for m in messages:
            if m.sender == rank:
                pending.append(dist.isend(parts[m.first : m.end], m.receiver))
                sent += parts[m.first : m.end].nbytes
            if m.receiver == rank:
                pending.append(dist.irecv(room[m.first : m.end], m.sender))
        for work in pending:
            work.wait()
        for m in messages:
            if m.receiver == rank and m.adds:
                parts[m.first : m.end] += room[m.first : m.end]
            elif m.receiver == rank:
                parts[m.first : m.end] = room[m.first : m.end]
    return sent


def seconds_of(reduce: Callable[[torch.Tensor], object], mine: torch.Tensor) -> tuple[list[float], torch.Tensor]:
    """Seconds of each call, and the last result."""
    seconds = []
    for number in range(6 if mine.nbytes < MIB else 4):
        buffer = mine.clone()
        dist.barrier()
        began = time.perf_counter()
        reduce(buffer)
        if number >= 2:
            seconds.append(time.perf_counter() - began)
    return seconds, buffer


def take_part(rank: int, ranks: int) -> dict[tuple[str, int], tuple[list[float], int]]:
    """By way and size: seconds of each call, and the bytes that this rank sent in one."""
    seen: dict[tuple[str, int], tuple[list[float], int]] = {}
    for size in SIZES:
        mine = torch.randn(size // 4, generator=torch.Generator().manual_seed(1 + rank))
        seconds, total = seconds_of(dist.all_reduce, mine)
        seen["gloo", size] = seconds, 0
        for way, schedule_of in WAYS.items():
            schedule = schedule_of(ranks)
            seconds, out = seconds_of(lambda buffer, schedule=schedule: carry_out(schedule, rank, buffer), mine)
            if not torch.allclose(out, total, rtol=1e-4, atol=1e-4):
                raise ArithmeticError(f"{way} of {ranks} processes and {size} bytes differs from gloo's sum")
            seen[way, size] = seconds, carry_out(schedule, rank, mine.clone())
    return seen


def message_seconds(rank: int) -> dict[int, float]:
    """Half of a round trip, by size: what one message takes."""
    seen = {}
    for size in SIZES:
        buffer, taken = torch.randn(size // 4), []
        for _ in range(12 if size < MIB else 6):
            began = time.perf_counter()
            for turn in (0, 1):
                if turn == rank:
                    dist.send(buffer, 1 - rank)
                else:
                    dist.recv(buffer, 1 - rank)
            taken.append((time.perf_counter() - began) / 2)
        seen[size] = statistics.median(taken[2:])
    return seen


one_way = run_together(2, message_seconds)[0]
groups = {ranks: run_together(ranks, lambda rank, ranks=ranks: take_part(rank, ranks)) for ranks in RANKS}

# %% [markdown]
# Latency and bandwidth of one message, by least squares of the relative error. A latency below zero is none.

# %%
rows = np.array([(1 / one_way[size], size / one_way[size]) for size in SIZES])
(alpha, slope), *_ = np.linalg.lstsq(rows, np.ones(len(SIZES)), rcond=None)
alpha, beta = max(float(alpha), 1e-9), 1 / float(slope)
ex.report("alpha", alpha, unit="s", label="latency of a message, fitted")
ex.report("beta", beta, unit="B/s", better="higher", label="bandwidth of a message, fitted")
for size in SIZES:
    ex.report("message", one_way[size], unit="s", label="one message", bytes=size)
    fit = ex.law("transfer-time", latency=alpha, bytes=size, bandwidth=beta)
    ex.report("message-fit", fit, unit="s", label="latency + bytes / bandwidth", bytes=size)


def law(way: str, devices: int, bytes: int, latency: float, bandwidth: float) -> float:
    return ex.law(f"{way}-all-reduce-time", devices=devices, bytes=bytes, latency=latency, bandwidth=bandwidth)


LABELS = {
    "ring": "ring",
    "tree": "tree",
    "halving": "halving and doubling",
    "gloo": "gloo's own all-reduce",
}

# %% [markdown]
# **Simulated.** A message starts when both ends are free, and takes the latency plus its bytes over the bandwidth.


# %%
def simulated(schedule: Schedule, devices: int, bytes: float, latency: float, bandwidth: float) -> float:
    free, rate = [0.0] * devices, bytes / devices / bandwidth
    for messages in schedule:
        ends = [max(free[m.sender], free[m.receiver]) + latency + (m.end - m.first) * rate for m in messages]
        for m, end in zip(messages, ends, strict=True):
            free[m.sender], free[m.receiver] = max(free[m.sender], end), max(free[m.receiver], end)
    return max(free)


def shares_sent(schedule: Schedule, devices: int) -> list[float]:
    """What each device sends, over the array. Refuses a schedule that leaves any device with a wrong sum."""
    drawn = np.random.default_rng(devices).integers(1, 1000, (devices, devices))
    held, sent = drawn.copy(), [0] * devices
    for messages in schedule:
        before = held.copy()
        for m in messages:
            moved = before[m.sender, m.first : m.end]
            held[m.receiver, m.first : m.end] = moved + (before[m.receiver, m.first : m.end] if m.adds else 0)
            sent[m.sender] += m.end - m.first
    if (held != drawn.sum(axis=0)).any():
        raise ArithmeticError(f"the schedule leaves {devices} devices with a wrong sum")
    return [parts / devices for parts in sent]


# %% [markdown]
# What processes sent, beside what the simulated devices send; and how long they took, beside the law.

# %%
for ranks, group in groups.items():
    for way, schedule_of in WAYS.items():
        counted = [seen[way, SIZES[0]][1] / SIZES[0] for seen in group]
        expected = shares_sent(schedule_of(ranks), ranks)
        if counted != expected:
            raise ArithmeticError(f"{way}: {ranks} processes sent {counted} of the array, simulated ones {expected}")
        label = f"{LABELS[way]}, busiest"
        ex.report("sent", max(counted), unit="×", label=label, way=way, ranks=ranks)
        ex.report("sent-least", min(counted), unit="×", label=f"{LABELS[way]}, idlest", way=way, ranks=ranks)
    for size in SIZES:
        for way in LABELS:
            calls = zip(*(seen[way, size][0] for seen in group), strict=True)
            taken = statistics.median(max(call) for call in calls)
            ex.report("took", taken, unit="s", label=LABELS[way], way=way, ranks=ranks, bytes=size)
            if way != "gloo":
                predicted = law(way, ranks, size, alpha, beta)
                ex.report("law", predicted, unit="s", label=f"{LABELS[way]}, law", way=way, ranks=ranks, bytes=size)
                over = taken / predicted
                ex.report("over-law", over, unit="×", label=LABELS[way], way=way, ranks=ranks, bytes=size)

few = f"took;bytes={SIZES[0]};ranks=8;way="
ex.ratio("tree-gain", slow=f"{few}ring", fast=f"{few}tree", label="ring over tree, 4 KiB, eight processes")

# %% [markdown]
# Many devices, and a small and a large array. The simulation has to agree with the law.

# %%
LATENCY, BANDWIDTH = 5e-6, 50e9


def agreed(way: str, devices: int, bytes: int) -> float:
    """Seconds that the simulation takes. Refuses them if they are not the law's."""
    taken = simulated(WAYS[way](devices), devices, bytes, LATENCY, BANDWIDTH)
    if not math.isclose(taken, law(way, devices, bytes, LATENCY, BANDWIDTH), rel_tol=1e-9):
        raise ArithmeticError(f"{way}, {devices} devices, {bytes} bytes: simulated {taken} s, which is not the law's")
    return taken


for devices in ex.sweep("devices", [2, 4, 8, 16, 32, 64, 128, 256]):
    for way in WAYS:
        shares_sent(WAYS[way](devices), devices)
        for name, size in {"small": 64 * KIB, "large": 256 * MIB}.items():
            ex.report(name, agreed(way, devices, size), unit="s", label=LABELS[way], way=way, devices=devices)
for size in ex.sweep("size", [4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB, 1024 * MIB]):
    for way in WAYS:
        ex.report("of-64", agreed(way, 64, size), unit="s", label=LABELS[way], way=way, size=size)
