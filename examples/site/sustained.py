# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "site"
# title = "The rate of a matrix product in the first second and later"
# devices = ["cpu", "cuda"]
# claims = ["the-base-constrains-all-above"]
# budget_seconds = 90
# launches = 6
# ///
"""One matrix product, repeated without a pause for a second after each of several pauses, and its rate as time passes.

A chip may run above the speed that its cooling can carry, for as long as it is still cool. A short benchmark sees that
speed; a training run sees the other one. To compare a fresh chip with a busy one fairly, pauses and work alternate, so
that a neighbour or a change of the clock meets both alike, and the first products after each pause are left out: they
pay for cold caches and pages and for a clock that has yet to rise. They are a figure of their own.

`rate` is the median of the products in each fifth of the second, over all pauses, and `kept` is the last fifth's over
the first one's. `slope` is that of a line through the five, in shares of their mean a second; its interval over
launches says whether any change was seen. A second is too short for the heat of most machines. A full run adds one
piece of work of twenty seconds.

Caveats. One thread heats one core, and a package is cooled for all of them. A virtual machine shares its package with
neighbours whose heat it can't see. Rates are medians, so that displaced products do not count.
"""

# %%
import statistics
import time

import torch

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
N = 8192 if on_gpu else 512
DTYPE = "bfloat16" if on_gpu else "float32"
PAUSES, PAUSE, WARM = 2, 0.2, 0.05  # number; seconds each; seconds of work after one that are left out
FIFTHS = (0.2, 0.4, 0.6, 0.8, 1)
LONG = (2, 5, 10, 20)

# %% [markdown]
# The product. It is checked and measured in the usual way last, so that nothing is warm when the first pause ends.

# %%
left, right = (torch.randn(N, N, device=ex.device).to(getattr(torch, DTYPE)) for _ in range(2))
work = Work(flop=2 * N**3, bytes=3 * N * N * left.element_size())


def finish() -> None:
    if on_gpu:
        torch.cuda.synchronize()


def samples(seconds: float) -> list[tuple[float, float]]:
    """When each product ended since the start, and how long it took."""
    found, start = [], time.perf_counter()
    began = start
    while began - start < seconds:
        torch.mm(left, right)
        finish()
        ended = time.perf_counter()
        found.append((ended - start, ended - began))
        began = ended
    return found


def window(found: list[tuple[float, float]], begin: float, end: float) -> list[float]:
    """Seconds of the products that ended in this window; those around it where none did."""
    return [taken for at, taken in found if begin < at <= end] or [found[-1][1]]


# %% [markdown]
# Pauses and seconds of work in turns.

# %%
finish()
first, fifths = [], {end: [] for end in FIFTHS}
for _ in range(PAUSES):
    time.sleep(PAUSE)
    first += [taken for _, taken in samples(WARM)]
    busy = samples(FIFTHS[-1])
    for end, taken in fifths.items():
        taken += window(busy, end - 0.2, end)
rates = {end: work.flop / statistics.median(taken) for end, taken in fifths.items()}
if not ex.quick:
    busy = samples(LONG[-1])
    rates |= {end: work.flop / statistics.median(window(busy, end - 1, end)) for end in LONG}

# %% [markdown]
# The rate of each window, what is kept of that of the first one, and the slope.

# %%
label = "rate of the first products after a pause"
ex.report("rate-after-pause", work.flop / statistics.median(first), unit="FLOP/s", better="higher", label=label)
for second in ex.sweep("second", [*FIFTHS, *LONG], quick=FIFTHS):
    ex.report("rate", rates[second], unit="FLOP/s", better="higher", label="rate", second=second)
for second in ex.sweep("second", [1, *LONG], quick=[1]):
    kept = rates[second] / rates[FIFTHS[0]]
    ex.report(
        "kept", kept, unit="%", better="higher", label="of the rate of the first fifth of a second", second=second
    )
line = statistics.linear_regression(FIFTHS, [rates[end] for end in FIFTHS])
slope = line.slope / statistics.mean(rates[end] for end in FIFTHS)
ex.report("slope", slope, unit="1/s", better="higher", label="change of the rate a second, in shares of it")
quarters = statistics.quantiles(fifths[FIFTHS[0]], n=4) if len(fifths[FIFTHS[0]]) > 1 else [1.0] * 3
spread = (quarters[2] - quarters[0]) / quarters[1]
ex.report("scatter", spread, unit="%", label="middle half of the products in the first fifth, of their median")

# %% [markdown]
# The same product in short blocks, as every other example is timed.

# %%
exact = left.double() @ right.double()
ex.predict("product", seconds=ex.roofs.time(flop=work.flop, dtype=DTYPE), formula="2n³ / GEMM roof", n=N)
ex.measure(
    "product",
    lambda: torch.mm(left, right),
    n=N,
    work=work,
    dtype=DTYPE,
    label="the product in short blocks",
    check=lambda out: close(out, exact, rtol=1e-2 if on_gpu else 1e-5),
)
