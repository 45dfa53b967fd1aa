# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "kernels"
# title = "oneDNN: the same line, and which kernel it got"
# environment = "low"
# ///
"""A linear layer in four formats of number, and what oneDNN chose to compute it with.

The line is the same. Which kernel runs is decided when it is called: by the format, by the shape, and by the
instructions that the processor says it has. The library tells if it is asked, and so the name of the kernel stands
beside its rate. A name with `brg` or `jit` is code that was made for this call, with the instructions that the rest of
the name says; `ref` is a plain loop, which is what a format gets for which nobody wrote more.

Then the processor is said to have less than it has, in forks of this process: `instructions` caps what oneDNN may use,
and so says how much of a rate is due to the matrix unit, to a format's own instructions, or to the width of vectors.

float32 stands at the library that PyTorch takes for it, which can be another than oneDNN; the name tells. What is
8 bits wide are integers, checked for equality.

Caveats. One thread, one shape, operands that fit into a near cache. In PyTorch the formats go through one function,
but for 8 bits. The forks take the best of many short calls.
"""

# %%
import os
import re
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import torch

from stackdoc import Work, close, example

SIZE = 256
TOLERANCE = {"float32": 1e-5, "bfloat16": 1e-2, "float16": 1e-2, "int8": 0.0}


def operands(dtype: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Drawn once in double precision, and rounded to the format."""
    drawn = torch.randn(2, SIZE, SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    scale = 32.0 if dtype == "int8" else 1.0
    left, right = (scale * drawn).clamp(-127, 127).to(getattr(torch, dtype))
    return left, right


def multiply(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return torch._int_mm(left, right) if left.dtype == torch.int8 else torch.mm(left, right)


# %% [markdown]
# **A fork**, with fewer instructions: how long a product takes in each format that is asked for. What may be used is
# settled with the first product of a process, so the forks come before any.


# %%
def best_seconds(dtype: str) -> float:
    """Of many calls, within a tenth of a second. Raises ArithmeticError when the product is wrong."""
    left, right = operands(dtype)
    if not close(multiply(left, right), left.double() @ right.double(), rtol=TOLERANCE[dtype]).ok:
        raise ArithmeticError(f"the product in {dtype} is wrong")
    taken, end = [], time.perf_counter() + 0.1
    while time.perf_counter() < end:
        began = time.perf_counter()
        multiply(left, right)
        taken.append(time.perf_counter() - began)
    return min(taken)


def capped(cap: str, dtypes: tuple[str, ...], answer: Connection) -> None:
    os.environ["ONEDNN_MAX_CPU_ISA"] = cap
    answer.send([best_seconds(dtype) for dtype in dtypes])


def seconds_with(cap: str, *dtypes: str) -> list[float]:
    """Raises EOFError when the fork ends without an answer."""
    fork = get_context("fork")
    answer, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=capped, args=(cap, dtypes, theirs))
    process.start()
    theirs.close()
    try:
        return answer.recv()
    finally:
        process.join()


ex = example()
CAPS = {"all": "DEFAULT", "no-tiles": "AVX512_CORE_FP16", "no-bfloat16": "AVX512_CORE_VNNI", "256-bits": "AVX2"}
work = Work(flop=2 * SIZE**3)
for instructions in ex.sweep("instructions", list(CAPS), quick=["all", "no-tiles"]):
    wide = ("bfloat16", "int8")
    for dtype, seconds in zip(wide, seconds_with(CAPS[instructions], *wide), strict=True):
        rate, label = work.flop / seconds, f"{dtype}, instructions {instructions}"
        ex.report("rate", rate, unit="FLOP/s", better="higher", label=label, instructions=instructions, dtype=dtype)

# %% [markdown]
# **Which kernel**: what oneDNN writes on its standard output while one call runs. Nothing was written when the call
# went to another library.


# %%
def kernel_of(dtype: str) -> str:
    left, right = operands(dtype)
    with tempfile.TemporaryFile() as said:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(said.fileno(), 1)
        try:
            with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
                multiply(left, right)
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        said.seek(0)
        text = said.read().decode(errors="replace")
    found = re.search(r"exec,cpu,\w+,([\w:+]+),", text)
    return found[1] if found else "not oneDNN"


# %%
timed = {}
for dtype in ex.sweep("dtype", ["float32", "bfloat16", "float16", "int8"]):
    left, right = operands(dtype)
    exact = left.double() @ right.double()
    ex.predict("product", ex.roofs.time(flop=work.flop, dtype=dtype), "2n³ / GEMM roof", dtype=dtype)
    name = kernel_of(dtype)
    ex.show(f"{dtype}: {name}")
    timed[dtype] = ex.measure(
        "product",
        lambda left=left, right=right: multiply(left, right),
        dtype=dtype,
        work=work,
        label=f"{dtype}: {name}",
        check=lambda out, exact=exact, dtype=dtype: close(out, exact, rtol=TOLERANCE[dtype]),
    )
for dtype in ("bfloat16", "float16", "int8"):
    ex.ratio("gain", slow=timed["float32"], fast=timed[dtype], label=f"{dtype} rate over float32 rate", to=dtype)
