# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "platform"
# title = "Placing jobs on nodes of eight devices: fragmentation, and gangs that block each other"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/platform.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""A cluster of 32 nodes with eight devices each, simulated. Nothing is timed; the numbers are shares of many trials.

**Fragmentation.** Jobs come and go at a constant share of allocated devices. Does a job that needs a whole node find
one? Three policies place the jobs: `pack` on the fullest node with enough room, `spread` on the emptiest, and `random`
on any. First all jobs have one device, and `random` must then agree with the law, which counts independent devices.
Then the jobs have the sizes of a public trace of Alibaba's clusters, in which nearly all tasks ask for one device.

**Gangs.** Some training jobs of eight workers arrive together at a cluster with 16 free devices. Without gang
scheduling each worker is placed by itself, in random order, and keeps its device while it waits for the others. The
jobs are `stuck` when all devices are taken and no job is complete: forever, unless something ends one of them. For two
jobs of five workers and eight devices the chance can be counted exactly, and the simulation must agree.

Caveats. Devices are all alike, and neither memory nor processors run out. The trace's sizes are those of its tasks
that ask for whole devices; its lengths are not used.
"""

# %%
import math
from random import Random

from stackdoc import example

ex = example()
NODES, DEVICES = 32, 8
TRIALS, EVERY, SETTLE = 250, 60, 2000  # trials, jobs that come and go between two of them, and before the first
# Tasks of the trace that ask for whole devices, by number of devices: openb_pod_list_default.csv.
TRACE = {1: 3911, 2: 16, 4: 15, 8: 44}

# %% [markdown]
# A policy chooses among the nodes that have room, by how much.


# %%
def choose(policy: str, free: list[int], size: int, random: Random) -> int | None:
    """The node for a job of `size` devices; None where none has room."""
    nodes = [node for node, room in enumerate(free) if room >= size]
    if not nodes:
        return None
    if policy == "pack":
        return min(nodes, key=lambda node: (free[node], node))
    if policy == "spread":
        return max(nodes, key=lambda node: (free[node], -node))
    return random.choices(nodes, weights=[free[node] for node in nodes])[0]


def share_with_free_node(policy: str, percent: int, sizes: dict[int, int]) -> tuple[float, float]:
    """Share of trials in which some node is entirely free, and mean free devices over those of all nodes."""
    random = Random(percent)
    free, jobs = [DEVICES] * NODES, []
    wanted = NODES * DEVICES * percent // 100
    found, trials, left = 0, 0, 0
    for step in range(SETTLE + TRIALS * EVERY):
        while NODES * DEVICES - sum(free) < wanted:
            size = random.choices(list(sizes), weights=list(sizes.values()))[0]
            node = choose(policy, free, size, random)
            if node is None:
                break
            free[node] -= size
            jobs.append((node, size))
        if step >= SETTLE and step % EVERY == 0:
            trials += 1
            found += DEVICES in free
            left += sum(free)
        node, size = jobs.pop(random.randrange(len(jobs)))
        free[node] += size
    return found / trials, left / trials / (NODES * DEVICES)


# %% [markdown]
# Fragmentation by the share of devices that jobs have.

# %%
for percent in ex.sweep("allocated", [40, 50, 60, 70, 80, 90, 95]):
    law = float(ex.law("whole-node-free", allocated=percent / 100, devices=DEVICES, nodes=NODES))
    ex.report("law", law, unit="%", better="higher", label="law, one device each", allocated=percent)
    for policy in ("pack", "random", "spread"):
        single, _ = share_with_free_node(policy, percent, {1: 1})
        mixed, left = share_with_free_node(policy, percent, TRACE)
        if policy == "random" and abs(single - law) > 0.1:
            raise ArithmeticError(
                f"at {percent} % a node is free in {single:.2f} of the trials, by the law in {law:.2f}"
            )
        label = {"pack": "packed", "random": "at random", "spread": "spread"}[policy]
        ex.report("single", single, unit="%", better="higher", label=label, policy=policy, allocated=percent)
        ex.report("trace", mixed, unit="%", better="higher", label=label, policy=policy, allocated=percent)
        ex.report("left", left, unit="%", label=f"{label}, devices free", policy=policy, allocated=percent)

# %% [markdown]
# Gangs, worker by worker.


# %%
def stuck(jobs: int, workers: int, devices: int, random: Random) -> bool:
    """Whether all devices are taken and no job has all of its workers."""
    order = [job for job in range(jobs) for _ in range(workers)]
    random.shuffle(order)
    placed = order[:devices]
    return len(order) > devices and all(placed.count(job) < workers for job in range(jobs))


def share_stuck(jobs: int, workers: int, devices: int, trials: int = 20_000) -> float:
    random = Random(jobs)
    return sum(stuck(jobs, workers, devices, random) for _ in range(trials)) / trials


exact = math.comb(5, 4) ** 2 / math.comb(10, 8)
if abs(share_stuck(2, 5, 8) - exact) > 0.02:
    raise ArithmeticError(f"two gangs of five on eight devices: {share_stuck(2, 5, 8):.3f}, counted {exact:.3f}")
for jobs in ex.sweep("jobs", [2, 3, 4, 6, 8]):
    label = "stuck, workers placed one by one"
    ex.report("stuck", share_stuck(jobs, 8, 16), unit="%", label=label, jobs=jobs)
