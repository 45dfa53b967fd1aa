# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy", "threadpoolctl>=3"]
# [tool.stackdoc]
# layer = "silicon"
# title = "The roofs of this machine: arithmetic, memory and dispatch"
# devices = ["cpu", "cuda"]
# claims = ["memory-feeds-the-die"]
# launches = 9
# budget_seconds = 60
# roofs = true
# ///
"""Upper bounds: the fastest that this machine was seen to multiply, to move bytes and to start an operation.

Every prediction in this handbook divides work by these, so this example runs first. A bound that one library sets can
be broken by another, so each is measured in several ways, and the roof is the best of them:

- `gemm` is a square matrix product in PyTorch by number format, `gemm-numpy` the same in NumPy's library, and
  `gemm-converted` widens a short format to float32, multiplies, and rounds the result.
- `triad` is `a = b + s·c` in PyTorch, `add-numpy` is `a = b + c`, `copy-numpy` a copy, `read` a sum, and
  `read-numpy` the inner product of two arrays; each by the size of its arrays together, the working set.
- `dispatch` is a PyTorch operation on one element, which is all overhead.
- Names that end in `threads` are the same calls with more threads.

Between two working sets the roof is read off a line, so the sizes lie close together where caches end.

Caveats. One thread, but for the points that more threads share. A roof is the best block seen, not a typical one, so
nine launches are enough. Bytes are counted as STREAM counts them; a processor that fetches a line before it writes it
moves a third more than that in a triad. In caches, huge pages and a library with little overhead a call decide; other
code may reach less through no fault of its own. The largest working set is taken for main memory; where one core has as
much of the last cache to itself, it is not. A product in a format without a kernel is the library's fallback and no
roof; the format's roof is then that of the wider one.
"""

# %%
import os
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from stackdoc import Check, Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
MIB = 1 << 20
MEMORY = 384 * MIB  # the working set of main memory
BLOCK = MIB // 4  # numbers in a mebibyte
usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

# %% [markdown]
# **Arithmetic.** One product of two n × n matrices is 2n³ operations. The reference is the product of the same,
# already rounded, inputs in double precision. Integers of 8 bits are summed in 32 and must be exact.

# %%
sizes, quick_sizes = (
    ([2048, 4096, 8192], [4096]) if on_gpu else ([128, 192, 256, 384, 512, 768, 1024], [128, 192, 256, 384, 512])
)
large = [] if on_gpu else sizes[-1:]  # where matrix units come to their full rate
usual = 4096 if on_gpu else 512  # the size at which all number formats are compared
tolerance = {"float64": 1e-12, "float32": 1e-3 if on_gpu else 1e-5, "bfloat16": 1e-2, "float16": 1e-2, "int8": 0.0}
needed = {*(quick_sizes if ex.quick else sizes), *large}
drawn = {n: [torch.randn(n, n, device=ex.device) for _ in range(2)] for n in sorted(needed)}
timed = {}


def operands(dtype: str, n: int) -> list[torch.Tensor]:
    scale = 32 if dtype == "int8" else 1
    return [(scale * one).clamp(-127, 127).to(getattr(torch, dtype)) for one in drawn[n]]


def product(name: str, dtype: str, n: int, call: Callable[[], torch.Tensor], how: str) -> None:
    left, right = operands(dtype, n)
    exact = left.double() @ right.double()
    timed[name, dtype, n] = ex.measure(
        name,
        call,
        dtype=dtype,
        n=n,
        work=Work(flop=2 * n**3, bytes=3 * n * n * left.element_size()),
        label=f"matrix product, {dtype}{how}",
        check=lambda out: close(torch.as_tensor(out), exact, rtol=tolerance[dtype]),
    )


def native(dtype: str, n: int) -> None:
    left, right = operands(dtype, n)
    multiply = torch._int_mm if dtype == "int8" else torch.mm
    product("gemm", dtype, n, lambda: multiply(left, right), "")


def by_numpy(dtype: str, n: int) -> None:
    left, right = (one.numpy() for one in operands(dtype, n))
    out = np.empty_like(left)
    product("gemm-numpy", dtype, n, lambda: np.matmul(left, right, out=out), ", NumPy")


def converted(dtype: str, n: int) -> None:
    """By way of float32, in the library that multiplied this faster."""
    left, right = operands(dtype, n)
    back = torch.int32 if dtype == "int8" else left.dtype
    if timed["gemm", "float32", n].seconds <= timed["gemm-numpy", "float32", n].seconds:
        product("gemm-converted", dtype, n, lambda: (left.float() @ right.float()).to(back), " by way of float32")
    else:

        def call() -> torch.Tensor:
            return torch.from_numpy(left.float().numpy() @ right.float().numpy()).to(back)

        product("gemm-converted", dtype, n, call, " by way of float32")


# %% [markdown]
# Each format natively: float32 and bfloat16 by size, the others at one. PyTorch has no fast product of 16-bit floats
# for some processors and runs a plain loop instead, which is timed once for bfloat16 and left out for float16.

# %%
has_kernel = {"bfloat16": on_gpu or torch.ops.mkldnn._is_mkldnn_bf16_supported()}
has_kernel["float16"] = on_gpu or torch.ops.mkldnn._is_mkldnn_fp16_supported()
ways = ["float32", "bfloat16", "float64", "float16", "int8"]
quick_ways = ["float32", "bfloat16"] if on_gpu else ["float32", "bfloat16", "float16", "int8"]
for dtype in ex.sweep("dtype", ways, quick=quick_ways):
    if dtype == "float32":
        chosen = ex.sweep("n", sizes, quick=quick_sizes)
    elif dtype == "bfloat16" and has_kernel[dtype]:
        chosen = ex.sweep("n", sizes, quick=sorted({*quick_sizes, *large}))
    elif dtype == "int8":
        chosen = ex.sweep("n", [usual, *large])
    else:
        chosen = [usual] if has_kernel.get(dtype, True) or dtype == "bfloat16" else []
    for n in chosen:
        native(dtype, n)
if not on_gpu:
    for n in ex.sweep("n", sizes, quick=[128, 256, 384, usual, *large]):
        by_numpy("float32", n)
    by_numpy("float64", usual)
    for dtype in ("bfloat16", "float16", "int8"):
        converted(dtype, usual)

# %% [markdown]
# **Memory.** On a processor all arrays lie in one allocation by NumPy, which asks for huge pages. It is filled by
# repeating one block of numbers: drawing all of them would take longer than moving them. The arrays of a call begin at
# different places within a page, since a processor takes a load and a store at the same one for dependent.

# %%
SKEW = 320  # numbers, 1280 bytes
STREAMED = [MIB // 4, MIB // 2, *(size * MIB for size in (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 192)), MEMORY]
QUICK = [MIB // 4, *(size * MIB for size in (1, 2, 4, 12, 24, 48, 96)), MEMORY]
block = torch.randn(BLOCK, device=ex.device).abs_()
room = torch.empty(0) if on_gpu else torch.from_numpy(np.empty(MEMORY // 4 + 4 * BLOCK, np.float32))
for part in room.split(BLOCK):
    part.copy_(block[: len(part)])


def arrays(number: int, bytes: int) -> list[torch.Tensor]:
    """So many arrays, together so many bytes, positive numbers that repeat every mebibyte."""
    count = bytes // 4 // number
    if on_gpu:
        return [block.repeat(-(-count // BLOCK))[:count] for _ in range(number)]
    starts = [index * (-(-count // BLOCK) * BLOCK + SKEW) for index in range(number)]
    made = [room[start : start + count] for start in starts]
    for one in made if number > 1 else ():
        for part in one.split(BLOCK):
            part.copy_(block[: len(part)])
    return made


def repeats(result: torch.Tensor, factor: float) -> Check:
    """Whether the first block is right and all others are equal to it; otherwise the check of the worst."""
    exact, (first, *others) = factor * block.double(), torch.as_tensor(result).split(BLOCK)
    if all(torch.equal(part, first[: len(part)]) for part in others):
        return close(first, exact[: len(first)], rtol=1e-6)
    checks = (close(part, exact[: len(part)], rtol=1e-6) for part in (first, *others))
    return max(checks, key=lambda check: check.error)


def sums(result: torch.Tensor, one: torch.Tensor, power: int) -> Check:
    """The sum of a power of the array, summed by blocks in double precision."""
    return close(result, sum((part.double() ** power).sum() for part in one.split(BLOCK)), rtol=1e-3)


def stream(name: str, bytes: int, call: Callable, given: list, label: str, check: Callable, **more: int) -> float:
    """Times `call` on these arrays and gives its bandwidth."""
    work = Work(bytes=4 * sum(len(one) for one in given))
    timed = ex.measure(
        name, partial(call, *given), bytes=bytes, work=work, label=label, check=check, inputs=given, **more
    )
    return work.bytes / timed.seconds


def triad(out: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    return torch.add(b, c, alpha=3.0, out=out)


bandwidth = 0.0
for bytes in ex.sweep("bytes", [1 * MIB, 6 * MIB, 24 * MIB, 96 * MIB, MEMORY]):
    bandwidth = stream("triad", bytes, triad, arrays(3, bytes), "triad a = b + s·c", lambda out: repeats(out, 4.0))

# %% [markdown]
# **Reading alone** can be faster than the triad, which also writes. A kernel that only reads, such as a
# matrix-vector product, is held against this.

# %%
for bytes in ex.sweep("bytes", [24 * MIB, MEMORY]):
    (x,) = arrays(1, bytes)
    stream("read", bytes, torch.sum, [x], "read Σx", lambda out, x=x: sums(out, x, 1))

# %% [markdown]
# **By NumPy**, which adds less to a call and has other kernels: an inner product, which reads two arrays, at all sizes;
# in a quick run a copy at three that inner caches hold, and an addition at two beyond them that have no triad.

# %%
for bytes in () if on_gpu else ex.sweep("bytes", STREAMED, quick=QUICK):
    given = [one.numpy() for one in arrays(2, bytes)]
    to = torch.from_numpy(given[0])
    stream("read-numpy", bytes, np.dot, given, "read Σx·y, NumPy", lambda out, to=to: sums(out, to, 2))
    if bytes in (MIB // 4, MIB, 4 * MIB) or not ex.quick:
        stream("copy-numpy", bytes, np.copyto, given, "copy, NumPy", lambda _, to=to: repeats(to, 1.0))
    if bytes in (12 * MIB, 48 * MIB) or not ex.quick:
        b, c, out = (one.numpy() for one in arrays(3, bytes))
        stream("add-numpy", bytes, np.add, [b, c, out], "add a = b + c, NumPy", lambda out: repeats(out, 2.0))

# %% [markdown]
# **Dispatch.** One element: the arithmetic is free, the call is not.

# %%
one = torch.randn(1, device=ex.device)
ex.measure("dispatch", lambda: torch.add(one, one), label="one-element addition", check=lambda out: close(out, 2 * one))

# %% [markdown]
# **The ridge**: the operations a kernel must do for each byte from main memory before arithmetic, and
# no longer memory, limits it. It is that of the best product and the triad.

# %%
rate = max(2 * n**3 / found.seconds for (_, dtype, n), found in timed.items() if (dtype, n) == ("float32", usual))
ex.report("ridge", rate / bandwidth, unit="FLOP/B", better="lower", n=usual, bytes=MEMORY)

# %% [markdown]
# **More threads** share the memory, not the arithmetic: products gain from every core, streams until memory is busy.
# Last, since threads once started stay.

# %%
counts = [] if on_gpu else sorted({2**k for k in range(1, usable.bit_length()) if 2**k <= usable} | {usable} - {1})
left, right = drawn[usual]
exact = left.double() @ right.double()
multiplications = {"gemm-threads": lambda: torch.mm(left, right)}
if not on_gpu:
    multiplications["gemm-numpy-threads"] = lambda: left.numpy() @ right.numpy()
for threads in ex.sweep("threads", counts, quick=counts[-1:]):
    for name, multiply in multiplications.items():
        with threadpool_limits(threads):
            ex.measure(
                name,
                multiply,
                threads=threads,
                dtype="float32",
                work=Work(flop=2 * usual**3, bytes=12 * usual * usual),
                label=f"matrix product{', NumPy' * ('numpy' in name)}, {threads} threads",
                n=usual,
                check=lambda result: close(torch.as_tensor(result), exact, rtol=1e-5),
            )
    given, label = arrays(3, MEMORY), f"triad, {threads} threads"
    stream("triad-threads", MEMORY, triad, given, label, lambda out: repeats(out, 4.0), threads=threads)
