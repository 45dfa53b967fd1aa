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
"""One matrix product, repeated without a pause, and its rate second by second.

A chip may run above the speed that its cooling can carry, for as long as it is still cool. A short benchmark sees that
speed; a training run sees the other one. A quick run looks at the first two seconds, which is a window too short for
the heat of most machines and is said to be so; a full run looks at the first twenty.

Beside each second's rate stands the spread of the samples within it. A loss that is smaller than the spread
was not seen. The very first calls are a window of their own: they pay for pages and caches as well as for clocks.

Caveats. What ran before is not controlled: launches of other examples come in between, so the chip may be warm already.
One thread heats one core, and a package is cooled for all of them. A virtual machine shares its package with
neighbours whose heat it can't see. The rate is the median of the second's samples, so that displaced ones do not count.
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
SECONDS = (1, 2, 5, 10, 20)
QUICK_SECONDS = (1, 2)

# %% [markdown]
# The product, checked once. It is measured last in the usual way, so that nothing is warm when the first second begins.

# %%
left, right = (torch.randn(N, N, device=ex.device).to(getattr(torch, DTYPE)) for _ in range(2))
work = Work(flop=2 * N**3, bytes=3 * N * N * left.element_size())


def finish() -> None:
    if on_gpu:
        torch.cuda.synchronize()


def sample() -> float:
    """Seconds of one product, completed."""
    began = time.perf_counter()
    torch.mm(left, right)
    finish()
    return time.perf_counter() - began


# %% [markdown]
# Samples without a pause, each kept with the second in which it began.

# %%
finish()
wanted = list(ex.sweep("second", SECONDS, quick=QUICK_SECONDS))
samples: dict[int, list[float]] = {second: [] for second in range(1, wanted[-1] + 1)}
began = time.perf_counter()
while (second := int(time.perf_counter() - began) + 1) <= wanted[-1]:
    samples[second].append(sample())

# %% [markdown]
# The rate of the first ten products, of each second, and the spread within it.


# %%
def report_second(second: int, seconds: list[float]) -> None:
    middle = statistics.median(seconds)
    quarters = statistics.quantiles(seconds, n=4)
    ex.report("rate", work.flop / middle, unit="FLOP/s", better="higher", label="rate in the second", second=second)
    ex.report(
        "spread", (quarters[2] - quarters[0]) / middle, unit="%", label="spread of the samples in it", second=second
    )


first_calls = work.flop / statistics.median(samples[1][:10])
ex.report("rate-of-first-calls", first_calls, unit="FLOP/s", better="higher", label="rate of the first ten products")
for second in wanted:
    report_second(second, samples[second])
    if second > 1:
        kept = statistics.median(samples[1]) / statistics.median(samples[second])
        ex.report("sustained", kept, unit="%", better="higher", label="rate kept since the first second", second=second)

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
