# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Matrix products by number format: half the bits, twice the rate?"
# devices = ["cpu", "cuda"]
# claims = ["half-the-bits-twice-the-rate"]
# budget_seconds = 60
# ///
"""The same product in formats of 64, 32, 16 and 8 bits, each in every way that the library offers here.

A vector register holds twice as many numbers of half the width, so each halving should double the rate. It does where
the processor multiplies the format and the library has a kernel that uses it. Three ways are told apart:

- `native`: the library's own product in a format for which it has a kernel on this processor.
- `converted`: both operands are widened to float32, multiplied there, and the result is rounded to the format.
- `loop`: the library's own product in a 16-bit format for which it has no kernel here. PyTorch then runs a plain loop
  over single numbers, the `gemm_stub` of its sources.

A format that is slow in the third way and fast in the second one is not slow because its numbers must be converted.

Caveats. One thread. The loop is so slow that it is timed at a smaller size, beside the conversion at that size. The
products in float32 and float64 are those of PyTorch or NumPy, whichever multiplies float32 faster here, since a slow
baseline would flatter the short formats. The 8-bit product takes integers, gives 32-bit sums and must be exact.
"""

# %%
import time
from collections.abc import Callable

import numpy as np
import torch

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
SIZE = 4096 if on_gpu else 512
SMALL = 192  # at which a plain loop ends in good time
TOLERANCE = {"float64": 1e-12, "float32": 1e-3 if on_gpu else 1e-5, "bfloat16": 1e-2, "float16": 1e-2, "int8": 0.0}
Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

# %% [markdown]
# Operands are drawn once and rounded to each format. The reference is the product of the operands as rounded, in double
# precision.

# %%
drawn = {n: [torch.randn(n, n, dtype=torch.float64, device=ex.device) for _ in range(2)] for n in (SIZE, SMALL)}


def operands(dtype: str, n: int) -> list[torch.Tensor]:
    scale = 32.0 if dtype == "int8" else 1.0
    return [(scale * x).clamp(-127, 127).to(getattr(torch, dtype)) for x in drawn[n]]


def by_numpy(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.matmul(a.numpy(), b.numpy()))


def best_of_five(multiply: Product) -> float:
    a, b = operands("float32", SIZE)
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        multiply(a, b)
        taken.append(time.perf_counter() - began)
    return min(taken)


wide: Product = torch.mm if on_gpu else min((torch.mm, by_numpy), key=best_of_five)


def converted(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return wide(a.float(), b.float()).to(torch.int32 if a.dtype == torch.int8 else a.dtype)


# %% [markdown]
# For which 16-bit formats the library has a kernel here, it says itself.

# %%
has_kernel = {
    "bfloat16": on_gpu or torch.ops.mkldnn._is_mkldnn_bf16_supported(),
    "float16": on_gpu or torch.ops.mkldnn._is_mkldnn_fp16_supported(),
}
native: dict[str, Product] = {"float64": wide, "float32": wide, "int8": torch._int_mm}
native |= {dtype: torch.mm for dtype, found in has_kernel.items() if found}


def measure(name: str, dtype: str, n: int, multiply: Product, how: str):
    a, b = operands(dtype, n)
    exact = a.double() @ b.double()
    seconds = ex.roofs.time(flop=2 * n**3, dtype=dtype)
    ex.predict(name, dtype=dtype, n=n, seconds=seconds, formula="2n³ / GEMM roof of the format")
    return ex.measure(
        name,
        lambda: multiply(a, b),
        dtype=dtype,
        n=n,
        work=Work(flop=2 * n**3, bytes=3 * n * n * a.element_size()),
        label=f"{dtype}, {how}",
        check=lambda out: close(out, exact, rtol=TOLERANCE[dtype]),
    )


timed, kernels, loops = {}, {}, {}
for dtype in ex.sweep("dtype", ["float64", "float32", "bfloat16", "float16", "int8"]):
    if dtype in native:
        kernels[dtype] = measure("native", dtype, SIZE, native[dtype], "its own kernel")
    if dtype not in ("float64", "float32"):
        timed[dtype] = measure("converted", dtype, SIZE, converted, "by way of float32")
    if dtype not in native:
        loops[dtype] = measure("loop", dtype, SMALL, torch.mm, "a loop for want of a kernel")
        timed[dtype, SMALL] = measure("converted", dtype, SMALL, converted, "by way of float32")

# %% [markdown]
# Each format over the one with twice its bits, where both have a kernel; what converting adds to a float32 product;
# and what it saves where there is no kernel.

# %%
WIDER = {"float32": "float64", "bfloat16": "float32", "float16": "float32", "int8": "bfloat16"}
for dtype, wider in WIDER.items():
    if dtype in kernels and wider in kernels:
        label = f"{dtype} rate over {wider} rate"
        ex.ratio("halved", slow=kernels[wider], fast=kernels[dtype], label=label, to=dtype)
for dtype in ("bfloat16", "float16", "int8"):
    label = f"{dtype} by way of float32, over float32"
    ex.ratio("conversion", slow=timed[dtype], fast=kernels["float32"], label=label, of=dtype)
for dtype, loop in loops.items():
    ex.ratio("no-kernel", slow=loop, fast=timed[dtype, SMALL], label=f"loop over conversion, {dtype}", of=dtype)
