# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "silicon"
# title = "The roofs of this machine: arithmetic, memory and dispatch"
# devices = ["cpu", "cuda"]
# claims = ["many-kernels-are-memory-bound", "half-the-bits-twice-the-rate", "memory-feeds-the-die"]
# launches = 9
# budget_seconds = 60
# roofs = true
# ///
"""Upper bounds, measured with the framework that every other example uses.

`gemm` is the rate of a square matrix multiplication by number type; `triad` is the rate at which
`a = b + s·c` moves bytes, by the size of its three arrays together, and `read` that of summing one array;
`dispatch` is the time of an operation on one element, which is all overhead. `gemm-threads` and `triad-threads`
are two of these with more threads. Every prediction in this
handbook divides work by these, so this example runs first.

Caveats. One thread, but for the two points that more threads share. A roof is the best block seen, not a
typical one, so nine launches are enough. Triad bytes are counted as STREAM counts them (two arrays read, one
written); a CPU that fetches a line before it writes it moves a third more than that. Below about 1 MiB the
dispatch is a visible part of the triad's time. The largest working set is taken for main memory; where one core
has as much of the last cache to itself, it is not. A machine without hardware for a number type emulates it, and
the figure shows the emulation.
"""

# %%
import os

import torch

from stackdoc import Check, Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
MIB = 1 << 20
MEMORY = 384 * MIB  # the working set of main memory
BLOCK = MIB // 4  # numbers in a mebibyte
usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def normal(count: int) -> torch.Tensor:
    """A block of normal numbers, repeated: drawing all of them would take longer than reading them."""
    block = torch.randn(min(count, BLOCK), device=ex.device)
    return block.repeat(-(-count // len(block)))[:count]


def worst(out: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> Check:
    """The check of a triad that is furthest off, of one for each block: nothing as large as the arrays is made."""
    parts = zip(*(array.split(BLOCK) for array in (out, b, c)), strict=True)
    checks = (close(part, torch.add(x.double(), y, alpha=3.0), rtol=1e-6) for part, x, y in parts)
    return max(checks, key=lambda check: check.error)


# %% [markdown]
# **Arithmetic.** One product of two n × n matrices is 2n³ floating-point operations. The reference is
# the product of the same, already rounded, inputs in double precision.

# %%
sizes, quick_sizes = ([2048, 4096, 8192], [4096]) if on_gpu else ([128, 256, 384, 512, 1024], [384, 512, 1024])
usual = 4096 if on_gpu else 512  # the size at which all number types are compared
tolerance = {"float32": 1e-3 if on_gpu else 1e-5, "bfloat16": 1e-2, "float64": 1e-12}
timed = {}
for dtype in ex.sweep("dtype", ["float32", "bfloat16", "float64"], quick=["float32", "bfloat16"]):
    for n in [usual] if dtype == "float64" else ex.sweep("n", sizes, quick=quick_sizes):
        left, right = (torch.randn(n, n, device=ex.device).to(getattr(torch, dtype)) for _ in range(2))
        exact = left.double() @ right.double()
        timed[dtype, n] = ex.measure(
            "gemm",
            lambda a=left, b=right: torch.mm(a, b),
            dtype=dtype,
            n=n,
            work=Work(flop=2 * n**3, bytes=3 * n * n * left.element_size()),
            label=f"matrix product, {dtype}",
            check=lambda out, exact=exact, dtype=dtype: close(out, exact, rtol=tolerance[dtype]),
        )

# %% [markdown]
# **Half the bits, twice the rate?** Only where the hardware multiplies the shorter type.

# %%
for n in ex.sweep("n", sizes, quick=quick_sizes):
    ex.ratio(
        "halving",
        slow=timed["float32", n],
        fast=timed["bfloat16", n],
        label="bfloat16 rate over float32 rate",
        n=n,
    )

# %% [markdown]
# **Memory.** The working set grows from the second-level cache to main memory.

# %%
triad = {}
for bytes in ex.sweep("bytes", [1 * MIB, 6 * MIB, 24 * MIB, 96 * MIB, MEMORY]):
    count = bytes // 12
    out, b, c = torch.empty(count, device=ex.device), normal(count), normal(count)
    triad[bytes] = ex.measure(
        "triad",
        lambda out=out, b=b, c=c: torch.add(b, c, alpha=3.0, out=out),
        bytes=bytes,
        work=Work(bytes=12 * count),
        label="triad a = b + s·c",
        check=lambda result, b=b, c=c: worst(result, b, c),
    )

# %% [markdown]
# **Reading alone** can be faster than the triad, which also writes. A kernel that only reads, such as a
# matrix-vector product, is held against this.

# %%
for bytes in ex.sweep("bytes", [24 * MIB, MEMORY]):
    x = normal(bytes // 4).abs_()
    ex.measure(
        "read",
        lambda x=x: x.sum(),
        bytes=bytes,
        work=Work(bytes=4 * x.numel()),
        label="read Σx",
        check=lambda result, x=x: close(result, x.sum(dtype=torch.float64), rtol=1e-5),
    )

# %% [markdown]
# **Dispatch.** One element: the arithmetic is free, the call is not.

# %%
one = torch.randn(1, device=ex.device)
ex.measure("dispatch", lambda: torch.add(one, one), label="one-element addition", check=lambda out: close(out, 2 * one))

# %% [markdown]
# **The ridge**: the operations a kernel must do for each byte from main memory before arithmetic, and
# no longer memory, limits it.

# %%
rate = 2 * usual**3 / timed["float32", usual].seconds
bandwidth = MEMORY / triad[MEMORY].seconds
ex.report("ridge", rate / bandwidth, unit="FLOP/B", better="lower", n=usual, bytes=MEMORY)

# %% [markdown]
# **More threads** share the memory, not the arithmetic: products gain from every core, streams until memory is busy.
# Last, since threads once started stay.

# %%
n, count = 512, MEMORY // 12
counts = [] if on_gpu else sorted({2**k for k in range(1, usable.bit_length()) if 2**k <= usable} | {usable} - {1})
left, right = torch.randn(n, n), torch.randn(n, n)
exact = left.double() @ right.double()
out, b, c = torch.empty(count), normal(count).cpu(), normal(count).cpu()
for threads in ex.sweep("threads", counts, quick=counts[-1:]):
    ex.measure(
        "gemm-threads",
        lambda: torch.mm(left, right),
        threads=threads,
        dtype="float32",
        work=Work(flop=2 * n**3, bytes=12 * n * n),
        label=f"matrix product, {threads} threads",
        n=n,
        check=lambda result: close(result, exact, rtol=1e-5),
    )
    ex.measure(
        "triad-threads",
        lambda: torch.add(b, c, alpha=3.0, out=out),
        threads=threads,
        work=Work(bytes=12 * count),
        label=f"triad, {threads} threads",
        bytes=12 * count,
        check=lambda result: worst(result, b, c),
    )
