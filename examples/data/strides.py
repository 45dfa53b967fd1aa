# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "A sum over strides: which bytes the memory moves"
# devices = ["cpu"]
# profiles = ["full"]
# budget_seconds = 30
# ///
"""One number in every few is added up, from an array far larger than the caches close to the core.

With a stride of up to 64 bytes the sum touches every cache line, so the stride changes the additions and not the bytes.
With a longer stride it skips lines. Whether a skipped line stays in memory is up to the prefetcher, which sees a walk
through neighbouring lines and fetches ahead. A record of 88 bytes skips three lines in eleven. If they are fetched all
the same, the sum takes as long as the one with a stride of 64 bytes, although it adds 27 % fewer numbers.

    lines touched = span / max(stride, 64 bytes)

Caveats. One thread, double precision, NumPy. Where the last-level cache holds the lines that a long stride touches,
the longest strides are faster than memory. There is no GPU form: a GPU hides its latency by many threads, and does
not guess their addresses.
"""

# %%
import numpy as np
from numpy.random import default_rng

from stackdoc import Work, example

ex = example()
SPAN = 176 * 2**20
numbers = default_rng(0).standard_normal(SPAN // 8)

# %% [markdown]
# The same span of memory, walked with a longer and longer stride.

# %%
timed = {}
for stride in ex.sweep("stride", [8, 16, 32, 64, 88, 128, 256, 512], quick=[8, 32, 64, 88, 128, 256]):
    column = numbers[:: stride // 8]
    expected = float(np.add.reduce(column.astype(np.longdouble)))
    timed[stride] = ex.measure(
        "sum",
        lambda column=column: float(column.sum()),
        stride=stride,
        work=Work(flop=len(column)),
        dtype="float64",
        label="sum of one number in each stride",
        check=lambda total, expected=expected: abs(total - expected) <= 1e-6 * SPAN**0.5,
    )

# %% [markdown]
# Records of 88 bytes against a walk that touches every line, and against one that touches every second line.

# %%
ex.ratio("records-to-lines", slow=timed[88], fast=timed[64], label="88 bytes over 64 bytes")
ex.ratio("lines-to-second-lines", slow=timed[64], fast=timed[128], label="64 bytes over 128 bytes")
