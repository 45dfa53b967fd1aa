# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26", "threadpoolctl>=3", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "Compiled loops: order, tiles, registers, and the distance to two libraries"
# devices = ["cpu"]
# claims = ["naive-against-tuned", "libraries-beat-compiled-loops"]
# needs = ["c++"]
# budget_seconds = 60
# ///
"""One matrix product in four compiled loop nests, all by one compiler with the same flags, and by two libraries.

`naive` walks down a column of the right-hand matrix in the inner loop, so nearly every load is from another cache line,
and its sum must be added in order. `reordered` swaps the two inner loops: it walks along rows, and the compiler can
vectorise it. `tiled` blocks the reordered loops so that a square of the right-hand matrix stays in cache. `blocked`
keeps a block of the result in registers while it goes through a strip of the right-hand matrix that was copied into
consecutive memory: each number that is loaded serves several multiply-adds, and no sum passes through memory. The
arithmetic is the same 2n³ operations in all of them.

The libraries are the one that PyTorch calls and the one that NumPy calls, which on most machines are not the same. A
library tuned for one maker's processors may choose a lesser path on another's, so a distance to one library says little
about libraries.

Caveats. One thread, `-O3 -march=native` without `-ffast-math`, one hand-chosen tile and one register block for each
width of vector. Sizes are powers of two, which also makes columns collide in the cache; that is part of what naive
code meets. The naive loop is left out at the two largest sizes, where one call takes seconds.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from stackdoc import Work, close, example

ex = example()
threadpool_limits(1)

# %% [markdown]
# The four loop nests, as they are compiled.

# %%
SOURCE = r"""
#include <string.h>
extern "C" void naive(int n, const float *a, const float *b, float *c) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
}
extern "C" void reordered(int n, const float *a, const float *b, float *__restrict c) {
    for (int i = 0; i < n * n; i++) c[i] = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}
extern "C" void tiled(int n, const float *a, const float *b, float *__restrict c) {
    const int tile = 64;
    for (int i = 0; i < n * n; i++) c[i] = 0;
    for (int kk = 0; kk < n; kk += tile)
        for (int jj = 0; jj < n; jj += tile)
            for (int i = 0; i < n; i++)
                for (int k = kk; k < kk + tile; k++)
                    for (int j = jj; j < jj + tile; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}
#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif
typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));
enum { ROWS = 4, WIDE = 2 * LANES, DEEP = 256 };  // a block of 4 rows and 2 vectors: eight sums
extern "C" void blocked(int n, const float *a, const float *b, float *__restrict c) {
    static float strip[DEEP * WIDE] __attribute__((aligned(64)));
    for (int i = 0; i < n * n; i++) c[i] = 0;
    for (int kk = 0; kk < n; kk += DEEP) {
        const int deep = n - kk < DEEP ? n - kk : DEEP;
        for (int j = 0; j < n; j += WIDE) {
            for (int k = 0; k < deep; k++) memcpy(strip + k * WIDE, b + (kk + k) * n + j, sizeof(float) * WIDE);
            for (int i = 0; i < n; i += ROWS) {
                vector sum[ROWS][2] = {};
                for (int k = 0; k < deep; k++) {
                    const vector *right = (const vector *)(strip + k * WIDE);
                    for (int r = 0; r < ROWS; r++) {
                        const float left = a[(i + r) * n + kk + k];
                        sum[r][0] += left * right[0];
                        sum[r][1] += left * right[1];
                    }
                }
                for (int r = 0; r < ROWS; r++) {
                    vector *to = (vector *)(c + (i + r) * n + j);
                    to[0] += sum[r][0];
                    to[1] += sum[r][1];
                }
            }
        }
    }
}
"""


def compiled(source: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="loops-"))
    try:
        (folder / "loops.cpp").write_text(source)
        command = ["c++", "-O3", "-march=native", "-shared", "-fPIC", "-o", "loops.so", "loops.cpp"]
        subprocess.run(command, cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "loops.so"))
    finally:
        shutil.rmtree(folder)


loops = compiled(SOURCE)


# %%
def caller(name: str, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    pointers = [ctypes.c_void_p(tensor.data_ptr()) for tensor in (a, b, c)]
    getattr(loops, name)(ctypes.c_int(a.shape[0]), *pointers)
    return c


# %% [markdown]
# The same inputs for all; each result is checked against the product in double precision. NumPy's result goes into an
# array that exists.

# %%
SIZES = [64, 128, 256, 512, 1024, 2048]
LABELS = {
    "naive": "naive loop",
    "reordered": "loops reordered",
    "tiled": "reordered and tiled",
    "blocked": "blocked for registers",
}
for n in ex.sweep("n", SIZES, quick=[256, 512]):
    a, b = torch.randn(n, n), torch.randn(n, n)
    c = torch.empty(n, n)
    exact = a.double() @ b.double()
    work = Work(flop=2 * n**3, bytes=3 * n * n * 4)
    calls = {
        "library": (lambda a=a, b=b: torch.mm(a, b), "torch.mm"),
        "numpy": (lambda a=a, b=b, c=c: np.matmul(a.numpy(), b.numpy(), out=c.numpy()), "numpy.matmul"),
    }
    for name, label in LABELS.items():
        if name != "naive" or n <= (256 if ex.quick else 512):
            calls[name] = (lambda name=name, a=a, b=b, c=c: caller(name, a, b, c), label)
    timed = {}
    for name, (call, label) in calls.items():
        if name in ("library", "numpy") and ex.roofs.dispatch:
            seconds = ex.roofs.time(flop=work.flop, dtype="float32")
            ex.predict(name, n=n, seconds=seconds and seconds + ex.roofs.dispatch, formula="2n³ / GEMM roof + dispatch")
        timed[name] = ex.measure(
            name,
            call,
            n=n,
            work=work,
            dtype="float32",
            label=label,
            check=lambda out, exact=exact: close(torch.as_tensor(out), exact, rtol=1e-5),
        )
    if "naive" in timed:
        ex.ratio("tuning", slow=timed["naive"], fast=timed["library"], label="library over the naive loop", n=n)
        ex.ratio("hand-tuning", slow=timed["naive"], fast=timed["blocked"], label="best loops over the naive one", n=n)
        ex.ratio("order", slow=timed["naive"], fast=timed["reordered"], label="gain by loop order alone", n=n)
    ex.ratio("tiling", slow=timed["reordered"], fast=timed["tiled"], label="further gain by tiling", n=n)
    ex.ratio("registers", slow=timed["tiled"], fast=timed["blocked"], label="further gain by registers", n=n)
    ex.ratio("last-step", slow=timed["blocked"], fast=timed["library"], label="library over the blocked loop", n=n)
    ex.ratio("remainder", slow=timed["tiled"], fast=timed["library"], label="library over the tiled loop", n=n)
    if "numpy" in timed:
        ex.ratio("other-library", slow=timed["tiled"], fast=timed["numpy"], label="NumPy over the tiled loop", n=n)
