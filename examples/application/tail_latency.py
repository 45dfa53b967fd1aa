# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "application"
# title = "Waiting by load: the median, the tail and the formula"
# devices = ["cpu"]
# budget_seconds = 30
# ///
"""What a user waits for when requests come at random and a server takes them one at a time, in order.

Requests arrive independently of one another, at a rate that is a share of what the server can do: the load. Where
every request takes the same time, the mean time from arrival to answer is known (Pollaczek and Khinchine). In
service times:

    mean = 1 + load / (2 (1 − load))

The median and the 99th percentile are simulated, and so is the mean, which has to agree with the formula. Two more
servers are simulated beside it: one whose service times vary exponentially, and one of two equal servers behind one
queue, each of half the speed.

This is a simulation: it times nothing, and any machine gives the same numbers. Multiply them by what your request
takes alone. Caveats. Real arrivals come in bursts, which is worse. A server that batches serves more at once and
takes longer for it: `serving/batching` measures that trade.
"""

# %%
import heapq
from random import Random

from stackdoc import example

ex = example()
REQUESTS = 100_000
SERVERS = {"constant": (1, False), "varying": (1, True), "pair": (2, False)}


# %%
def requests(load: float) -> int:
    """Enough for a mean: near saturation a busy period is as long as the square of what is left of the server."""
    return max(REQUESTS, round(1_000 / (1 - load) ** 2))


def times(load: float, servers: int, varying: bool) -> list[float]:
    """Sorted times from arrival to answer, in units of the mean service time of one server that does it all."""
    random = Random(0)
    free = [0.0] * servers
    now, spent = 0.0, []
    for _ in range(requests(load)):
        now += random.expovariate(load)
        service = servers * (random.expovariate(1.0) if varying else 1.0)
        done = max(now, free[0]) + service
        heapq.heapreplace(free, done)
        spent.append(done - now)
    return sorted(spent)


def formula(load: float) -> float:
    """The mean of a single server whose service time is constant."""
    return 1 + load / (2 * (1 - load))


# %% [markdown]
# A simulation that disagrees with the formula by more than a tenth is wrong.


# %%
def report(name: str, value: float, **parameters: str | int) -> None:
    ex.report(name, value, unit="service times", better="lower", **parameters)


for percent in ex.sweep("load", [30, 50, 70, 80, 90, 95], quick=[50, 90]):
    load = percent / 100
    report("formula", formula(load), label="mean by the formula", load=percent)
    for server, (count, varying) in SERVERS.items():
        spent = times(load, count, varying)
        mean = sum(spent) / len(spent)
        if server == "constant" and abs(mean / formula(load) - 1) > 0.1:
            raise ValueError(
                f"load {percent} %: the simulated mean is {mean:.2f}, the formula gives {formula(load):.2f}"
            )
        report("mean", mean, load=percent, server=server)
        report("p50", spent[len(spent) // 2], label="median", load=percent, server=server)
        report("p99", spent[len(spent) * 99 // 100], label="99th percentile", load=percent, server=server)
