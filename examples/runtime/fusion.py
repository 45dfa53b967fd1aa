# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "A fused loop against the operations it replaces: bytes, page faults, and a scalar tanh"
# devices = ["cpu"]
# needs = ["c++"]
# budget_seconds = 60
# ///
"""A chain of four pointwise operations, one by one and as one compiled loop.

One by one, the chain moves ten arrays through memory; fused it moves four. If bytes were all, fusing would gain 2.5
times. It is measured by the size of an array, from one that a near cache holds to one that only main memory does, with
the allocator as a program finds it.

Two more things differ, and each is measured by itself. The first is memory that is asked for: every operation
allocates its result, and the loop writes into an array that exists. glibc hands blocks back to the system above
thresholds that it raises itself as it sees larger blocks freed, up to 32 MiB. Each page that comes back is cleared
and mapped at the next call, and `pages` counts these faults. `allocator` says what the operations run under:
`default`, which is nothing told; `kept`, with thresholds beyond all sizes; `returned`, with thresholds of 64 KiB,
which no program has unasked and which shows what an allocator can cost.

The second is arithmetic. With `tanh` for one operation of the chain, the library has a vectorised hyperbolic tangent; a
plain C loop calls the scalar one of the C library for each element.

The work that is stated is what the chain must move, four arrays. The prediction of the operations adds up what is
known before: their bytes over the bandwidth, a dispatch for each call, and their page faults at the price of one,
which is that of mapping, touching and handing back fresh memory. The tangent has no prediction: arithmetic limits it,
and no roof here is one of tangents.

Caveats. One thread; `-O3 -march=native` without `-ffast-math`. `-fno-trapping-math` changes no result: without it a
compiler may leave the maximum a branch, and the loop scalar. The allocator's state is that of a process that has only
imported what it needs and measured smaller sizes; at 16 MiB launches differ in it. It is told by `mallopt`, which the
GNU C library has; elsewhere the three ways are the same. On an accelerator no memory is handed back between
operations, so this example is about processors.
"""

# %%
import ctypes
import itertools
import mmap
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from stackdoc import Check, Work, close, example

ex = example()
torch.set_grad_enabled(False)
KIB, MIB = 1 << 10, 1 << 20
SIZES = [64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB, 16 * MIB, 36 * MIB]  # bytes of one array
USUAL, TANGENT = 1 * MIB, 128 * KIB
ARRAYS = {"separate": 10, "fused": 4}
ALIVE = {"separate": 6, "fused": 4}  # arrays that a call goes over: three operands, and what it writes
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
sizes = list(ex.sweep("bytes", SIZES, quick=[size for size in SIZES if size != 16 * MIB]))
arrays = [torch.randn(MIB // 4).repeat(max(sizes) // MIB) for _ in range(3)]
out = torch.zeros(max(sizes) // 4)


def fused(function: str, bytes: int) -> torch.Tensor:
    pointers = [ctypes.c_void_p(tensor.data_ptr()) for tensor in (*arrays, out)]
    getattr(loops, f"fused_{function}")(ctypes.c_int(bytes // 4), *pointers)
    return out[: bytes // 4]


# %% [markdown]
# The same, one operation after the other. The arrays that each line moves stand beside it.


# %%
def separate(function: str, bytes: int) -> torch.Tensor:
    x, b, r = (array[: bytes // 4] for array in arrays)
    y = x + b  # 3
    y = FUNCTIONS[function](y)  # 2
    y = y * 0.5  # 2
    return y + r  # 3


# %% [markdown]
# **The allocator.** With a threshold of 64 KiB, larger blocks come from the system and go back to it; with one beyond
# all sizes, and no trimming, they stay with the process. Once a threshold is set by hand, glibc no longer moves it,
# so the default is measured first.

# %%
TRIM_THRESHOLD, MAPPED_FROM = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
LIMITS = {"returned": (1 << 16, 1 << 16), "kept": (1 << 30, (1 << 31) - 1)}


def tell_allocator(allocator: str) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mapped_from, trimmed_from = LIMITS[allocator]
        mallopt(MAPPED_FROM, mapped_from)
        mallopt(TRIM_THRESHOLD, trimmed_from)


def pages(call: Callable[[], object]) -> float:
    """The least page faults of some calls, after others in which the heap settles."""
    began = time.perf_counter()
    for done in range(200):
        call()
        if done >= 1 and time.perf_counter() - began > 0.02:
            break
    faults = [resource.getrusage(resource.RUSAGE_SELF).ru_minflt]
    for _ in range(8 if done > 5 else 2):
        call()
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    return min(after - before for before, after in itertools.pairwise(faults))


def fault_seconds(bytes: int = 4 * MIB) -> float:
    """The price of a page that comes and goes: mapped, touched once and handed back; the best of some goes."""
    best = float("inf")
    for _ in range(5):
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.perf_counter()
        with mmap.mmap(-1, bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as fresh:
            place = ctypes.c_char.from_buffer(fresh)
            ctypes.memset(ctypes.addressof(place), 1, bytes)
            faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
            del place
        best = min(best, (time.perf_counter() - began) / max(faults, 1))
    return best


fault = fault_seconds()
ex.report("fault", fault, unit="s", better="lower", label="a page mapped, cleared and handed back")

# %% [markdown]
# **What an allocator costs** that hands everything back. A fork of this process, whose heap is still small, tries it:
# in a heap that has held larger results, glibc would take memory from there and return none.


# %%
def handed_back(to: Connection) -> None:
    """Sends the median seconds of a call and its page faults."""
    tell_allocator("returned")
    faults, seconds = pages(lambda: separate("relu", USUAL)), []
    for _ in range(40):
        began = time.perf_counter()
        separate("relu", USUAL)
        seconds.append(time.perf_counter() - began)
    to.send((statistics.median(seconds), faults))


fork = get_context("fork")
here, there = fork.Pipe(duplex=False)
child = fork.Process(target=handed_back, args=(there,))
child.start()
seconds, faults = here.recv()
child.join()
way = {"bytes": USUAL, "function": "relu", "allocator": "returned"}
ex.report("separate", seconds, unit="s", better="lower", label="separate, relu, returned", **way)
ex.report("pages", faults, unit="faults", **way)
returned = "separate;allocator=returned;bytes=1048576;function=relu"


# %%
def repeats(result: torch.Tensor, exact: torch.Tensor) -> Check | bool:
    """The inputs repeat every mebibyte: its results must be right, and all others equal to them."""
    first, *others = result.split(len(exact))
    return all(torch.equal(part, first) for part in others) and close(first, exact, rtol=1e-5)


def measure(
    name: str, call: Callable[[], torch.Tensor], bytes: int, function: str = "relu", allocator: str = "default"
):
    moved = ARRAYS[name] * bytes
    x, b, r = (array[: min(bytes, MIB) // 4].double() for array in arrays)
    exact = FUNCTIONS[function](x + b) * 0.5 + r
    seconds = ex.roofs.time(bytes=moved, working_set=ALIVE[name] * bytes)
    calls = 4 if name == "separate" else 1
    faults = pages(call) if name == "separate" else 0
    formula = f"{ARRAYS[name]} arrays / bandwidth + dispatches + page faults"
    if name == "separate":
        ex.report("pages", faults, unit="faults", bytes=bytes, function=function, allocator=allocator)
    if seconds is not None:
        seconds += calls * (ex.roofs.dispatch or 0) + faults * fault
    if function == "relu":
        ex.predict(name, seconds=seconds, formula=formula, bytes=bytes, function=function, allocator=allocator)
    return ex.measure(
        name,
        call,
        bytes=bytes,
        function=function,
        allocator=allocator,
        work=Work(bytes=ARRAYS["fused"] * bytes),
        dtype="float32",
        label=f"{name}, {function}, {allocator}",
        check=lambda result: repeats(result, exact),
    )


# %% [markdown]
# **As one finds it**, by the size of an array.

# %%
usual, once = {}, {}
for bytes in sizes:
    usual[bytes] = measure("separate", lambda bytes=bytes: separate("relu", bytes), bytes)
    once[bytes] = measure("fused", lambda bytes=bytes: fused("relu", bytes), bytes)
    ex.ratio("fusion", slow=usual[bytes], fast=once[bytes], label="separate over fused", bytes=bytes)

# %% [markdown]
# **The tangent.**

# %%
vectorised = measure("separate", lambda: separate("tanh", TANGENT), TANGENT, "tanh")
scalar = measure("fused", lambda: fused("tanh", TANGENT), TANGENT, "tanh")

# %% [markdown]
# **With memory kept**, which leaves the traffic.

# %%
tell_allocator("kept")
kept = {
    bytes: measure("separate", lambda bytes=bytes: separate("relu", bytes), bytes, allocator="kept")
    for bytes in (sizes if not ex.quick else [USUAL, sizes[-1]])
}

# %%
ex.report("bytes-saved", ARRAYS["separate"] / ARRAYS["fused"], unit="×", better="higher")
ex.ratio("allocator-cost", slow=returned, fast=kept[USUAL], label="all memory handed back over all kept", bytes=USUAL)
ex.ratio("scalar-function", slow=vectorised, fast=scalar, label="tanh: separate over fused")
for bytes, timed in kept.items():
    ex.ratio("default-cost", slow=usual[bytes], fast=timed, label="default allocator over memory kept", bytes=bytes)
    ex.ratio("traffic", slow=timed, fast=once[bytes], label="separate, memory kept, over fused", bytes=bytes)
