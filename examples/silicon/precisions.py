# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Matrix products by number format: half the bits, twice the rate?"
# devices = ["cpu", "cuda"]
# claims = ["half-the-bits-twice-the-rate"]
# budget_seconds = 60
# ///
"""The same product in formats of 64, 32, 16 and 8 bits.

A vector register holds twice as many numbers of half the width, so each halving should double the rate. It does
where the hardware multiplies the format. Where it does not, a library converts, or falls back to a loop of its
own, and the shorter format can be many times slower: two formats of 16 bits on one chip may lie far apart.

Caveats. One thread, one size, operands that fit into a near cache, so that arithmetic is what is compared. The
8-bit product takes and gives integers (32-bit sums) and is checked for equality. Which formats a chip has is not
asked anywhere: the figure shows it.
"""

# %%
import torch

from stackdoc import Work, close, example

ex = example()
n = 4096 if ex.device == "cuda" else 192
TOLERANCE = {"float64": 1e-12, "float32": 1e-3 if ex.device == "cuda" else 1e-5, "bfloat16": 1e-2, "float16": 1e-2}

# %% [markdown]
# Operands are drawn once, in double precision, and rounded to each format. The reference is the product of the
# operands as rounded, in double precision.

# %%
drawn = [torch.randn(n, n, dtype=torch.float64, device=ex.device) for _ in range(2)]
timed = {}
for dtype in ex.sweep("dtype", ["float64", "float32", "bfloat16", "float16", "int8"]):
    scale = 32.0 if dtype == "int8" else 1.0
    a, b = ((scale * x).clamp(-127, 127).to(getattr(torch, dtype)) for x in drawn)
    multiply = torch._int_mm if dtype == "int8" else torch.mm
    exact = a.double() @ b.double()
    ex.predict("gemm", dtype=dtype, seconds=ex.roofs.time(flop=2 * n**3, dtype=dtype), formula="2n³ / GEMM roof")
    timed[dtype] = ex.measure(
        "gemm",
        lambda a=a, b=b, multiply=multiply: multiply(a, b),
        dtype=dtype,
        work=Work(flop=2 * n**3, bytes=3 * n * n * a.element_size()),
        label=dtype,
        check=lambda out, exact=exact, dtype=dtype: close(out, exact, rtol=TOLERANCE.get(dtype, 0.0)),
    )

# %% [markdown]
# Each format over the one with twice its bits.

# %%
WIDER = {"float32": "float64", "bfloat16": "float32", "float16": "float32", "int8": "bfloat16"}
for dtype, wider in WIDER.items():
    ex.ratio("halving", slow=timed[wider], fast=timed[dtype], label=f"{dtype} rate over {wider} rate", to=dtype)
ex.ratio("one-width", slow=timed["float16"], fast=timed["bfloat16"], label="bfloat16 rate over float16 rate")
