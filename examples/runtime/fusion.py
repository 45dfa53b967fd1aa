# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "A fused loop against the operations it replaces: bytes, pages, and the wrong tanh"
# devices = ["cpu"]
# needs = ["c++"]
# budget_seconds = 60
# ///
"""A chain of four pointwise operations, one by one and as one compiled loop.

One by one, the chain moves ten arrays through memory; fused it moves four. If bytes were all, fusing would
gain 2.5 times. Two more things differ, and each is measured by itself.

The first is memory that is asked for. Every operation allocates its result, and an allocator may hand the pages
back to the system at once: then each page is cleared and mapped again at the next call. `returned` and `kept` run
the same operations with an allocator told to do the one or the other. `pages` counts the page faults of a call.

The second is arithmetic. `tanh` replaces one operation of the chain by a hyperbolic tangent. The library has a
vectorised one; a plain C loop calls the scalar one of the C library for each element. Fewer bytes, and yet.

Caveats. One thread; `-O3 -march=native` without `-ffast-math`. `-fno-trapping-math` changes no result: without it a
compiler may leave the maximum a branch, and the loop scalar. Arrays take 1 MiB each, and 128 KiB for the tangent. The
allocator is told by `mallopt`, which the GNU C library has; elsewhere the two ways are the same. On an accelerator no
memory is handed back between operations, so this example is about processors.
"""

# %%
import ctypes
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
COUNTS = {"relu": 1 << 18, "tanh": 1 << 15}
ARRAYS = {"separate": 10, "fused": 4}
FUNCTIONS = {"relu": torch.relu, "tanh": torch.tanh}

# %% [markdown]
# The fused loops.

# %%
SOURCE = r"""
#define LOOP(name, f) void name(int n, const float *restrict x, const float *restrict b, \
    const float *restrict r, float *restrict out) { for (int i = 0; i < n; i++) out[i] = f; }
float tanhf(float);
static inline float relu(float v) { return v > 0 ? v : 0; }
LOOP(fused_relu, relu(x[i] + b[i]) * 0.5f + r[i])
LOOP(fused_tanh, tanhf(x[i] + b[i]) * 0.5f + r[i])
"""


def compiled(source: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="fusion-"))
    try:
        (folder / "fusion.c").write_text(source)
        command = ["c++", "-x", "c", "-O3", "-march=native", "-fno-trapping-math"]
        command += ["-shared", "-fPIC", "-o", "fusion.so", "fusion.c", "-lm"]
        subprocess.run(command, cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "fusion.so"))
    finally:
        shutil.rmtree(folder)


loops = compiled(SOURCE)
arrays = [torch.randn(max(COUNTS.values())) for _ in range(3)]
out = torch.empty(max(COUNTS.values()))


def fused(function: str) -> torch.Tensor:
    pointers = [ctypes.c_void_p(tensor.data_ptr()) for tensor in (*arrays, out)]
    getattr(loops, f"fused_{function}")(ctypes.c_int(COUNTS[function]), *pointers)
    return out[: COUNTS[function]]


# %% [markdown]
# The same, one operation after the other. The arrays that each line moves stand beside it.


# %%
def separate(function: str) -> torch.Tensor:
    x, b, r = (array[: COUNTS[function]] for array in arrays)
    y = x + b  # 3
    y = FUNCTIONS[function](y)  # 2
    y = y * 0.5  # 2
    return y + r  # 3


# %% [markdown]
# **The allocator.** With a threshold of 64 KiB, larger blocks come from the system and go back to it; with one beyond
# all sizes, and no trimming, they stay with the process.

# %%
TRIM_THRESHOLD, MAPPED_FROM = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
LIMITS = {"returned": (1 << 16, 1 << 16), "kept": (1 << 30, (1 << 31) - 1)}


def tell_allocator(memory: str) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mapped_from, trimmed_from = LIMITS[memory]
        mallopt(MAPPED_FROM, mapped_from)
        mallopt(TRIM_THRESHOLD, trimmed_from)


def pages(call: Callable[[], object], calls: int = 5) -> float:
    """Page faults of one call."""
    call()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(calls):
        call()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / calls


# %%
def measure(name: str, function: str, call: Callable[[], torch.Tensor], memory: str):
    moved = ARRAYS[name] * 4 * COUNTS[function]
    x, b, r = (array[: COUNTS[function]].double() for array in arrays)
    exact = FUNCTIONS[function](x + b) * 0.5 + r
    seconds = ex.roofs.time(bytes=moved, working_set=16 * COUNTS[function])
    ex.predict(name, seconds=seconds, formula=f"{ARRAYS[name]} arrays / bandwidth", function=function, memory=memory)
    return ex.measure(
        name,
        call,
        function=function,
        memory=memory,
        work=Work(bytes=moved),
        dtype="float32",
        label=f"{name}, {function}, memory {memory}",
        check=lambda result: close(result, exact, rtol=1e-5),
    )


tell_allocator("returned")
returned = measure("separate", "relu", lambda: separate("relu"), "returned")
ex.report("pages", pages(lambda: separate("relu")), unit="faults", better="lower", memory="returned")
tell_allocator("kept")
kept = measure("separate", "relu", lambda: separate("relu"), "kept")
ex.report("pages", pages(lambda: separate("relu")), unit="faults", better="lower", memory="kept")
once = measure("fused", "relu", lambda: fused("relu"), "kept")

# %%
vectorised = measure("separate", "tanh", lambda: separate("tanh"), "kept")
scalar = measure("fused", "tanh", lambda: fused("tanh"), "kept")

# %% [markdown]
# **What fusing gains**: as one meets it, from bytes alone, and with a function that the compiler could not vectorise.

# %%
ex.report("bytes-saved", ARRAYS["separate"] / ARRAYS["fused"], unit="×", better="higher")
ex.ratio("fusion", slow=returned, fast=once, label="separate, memory returned, over fused")
ex.ratio("allocation", slow=returned, fast=kept, label="memory returned over memory kept")
ex.ratio("traffic", slow=kept, fast=once, label="separate, memory kept, over fused")
ex.ratio("scalar-function", slow=vectorised, fast=scalar, label="tanh: separate over fused")
