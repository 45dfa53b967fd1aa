# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "site"
# title = "Four kinds of work that an operating system takes for one"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The share of processor time of a product, a triad, an empty loop and waiting, and the counters of energy found here.

Power is often estimated as a rated power times utilisation. So this example measures utilisation: the share of
processor time for a matrix product, which is arithmetic, for a triad, which is traffic, for a loop that only counts,
and for waiting. Three of them look the same to the operating system and do different work. An estimate from
utilisation gives them the same power.

Energy comes from counters only: RAPL for a processor, the management library for an accelerator. Most virtual machines
have none. The example says how many it found, and where there is one, a full run's record holds the energy of a call of
the product and of the triad. Where there is none, it says nothing about energy.

Caveats. A package counter covers all cores and, by its kind, not the memory; a board counter covers everything on the
board. A counter moves in steps, so the energy of a short call is that of many together. Idle power is not taken off.
"""

# %%
import time
from collections.abc import Callable
from pathlib import Path

import torch

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
N = 4096 if on_gpu else 512
MIB = 1 << 20

# %% [markdown]
# Which counters this process may read.


# %%
def processor_counters() -> int:
    """RAPL zones whose energy can be read; the kernel keeps them from ordinary users on many systems."""
    readable = 0
    for counter in Path("/sys/class/powercap").glob("*/energy_uj"):
        try:
            readable += int(counter.read_text(encoding="ascii")) >= 0
        except (OSError, ValueError):
            continue
    return readable


def board_counters() -> int:
    """Boards whose total energy the management library gives."""
    try:
        import pynvml

        pynvml.nvmlInit()
        boards = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(board) >= 0 for board in boards)
    except Exception:  # no package, no driver, no permission: there is no counter then
        return 0


counters = board_counters() if on_gpu else processor_counters()
ex.report("counters", counters, unit="readable counters", better="higher", label="energy counters found")

# %% [markdown]
# Arithmetic: one product. Traffic: one triad over arrays that no cache holds. The energy of a call stands in
# the record beside its time, where there is a counter.

# %%
left, right = (torch.randn(N, N, device=ex.device) for _ in range(2))
exact = left.double() @ right.double()
product_work = Work(flop=2 * N**3, bytes=12 * N * N)
ex.predict("product", seconds=ex.roofs.time(flop=product_work.flop, dtype="float32"), formula="2n³ / GEMM roof", n=N)
ex.measure(
    "product",
    lambda: torch.mm(left, right),
    n=N,
    work=product_work,
    dtype="float32",
    label="matrix product",
    check=lambda result: close(result, exact, rtol=1e-3 if on_gpu else 1e-5),
)

count = 96 * MIB // 12
out, b, c = (torch.randn(count // 32, device=ex.device).repeat(32) for _ in range(3))
triad_work = Work(flop=2 * count, bytes=12 * count)
ex.predict("triad", seconds=ex.roofs.time(bytes=triad_work.bytes), formula="bytes / bandwidth", bytes=96 * MIB)
ex.measure(
    "triad",
    lambda: torch.add(b, c, alpha=3.0, out=out),
    bytes=96 * MIB,
    work=triad_work,
    label="triad a = b + s·c",
    check=lambda result: close(result, b.double() + 3.0 * c.double(), rtol=1e-6),
)

# %% [markdown]
# What the operating system takes for work: the share of processor time, for four ways to spend some milliseconds.


# %%
def spin() -> None:
    for _ in range(20_000):
        pass


def utilisation(call: Callable[[], object]) -> float:
    """Processor time over wall time of about 40 ms of calls; the better of two, so that a neighbour counts least."""
    shares = []
    for _ in range(2):
        cpu, wall = time.process_time(), time.perf_counter()
        while time.perf_counter() - wall < 0.02:
            call()
        shares.append((time.process_time() - cpu) / (time.perf_counter() - wall))
    return max(shares)


if not on_gpu:
    ways: dict[str, tuple[str, Callable[[], object]]] = {
        "product": ("matrix product", lambda: torch.mm(left, right)),
        "triad": ("triad", lambda: torch.add(b, c, alpha=3.0, out=out)),
        "counting": ("an empty loop", spin),
        "waiting": ("waiting", lambda: time.sleep(0.005)),
    }
    for way, (label, call) in ways.items():
        ex.report("utilisation", utilisation(call), unit="%", label=f"processor time: {label}", way=way)
