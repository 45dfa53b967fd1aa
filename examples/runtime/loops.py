# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "Compiled loops: order, tiles, and the distance to a library"
# devices = ["cpu"]
# claims = ["naive-against-tuned", "libraries-beat-compiled-loops"]
# needs = ["c++"]
# budget_seconds = 60
# ///
"""One matrix product in three compiled loop nests, all by one compiler with the same flags, and by the library.

`naive` walks down a column of the right-hand matrix in the inner loop, so nearly every load is from
another cache line. `reordered` swaps the two inner loops, which also lets the compiler be told that rows do not
overlap: it walks along rows, and the compiler can vectorise it. `tiled` blocks the reordered loops so that a block
stays in cache. The arithmetic is the same 2n³ operations in all of them.

This is the fair form of "naive against tuned": no interpreter is in the way.

Caveats. One thread, `-O3 -march=native` without `-ffast-math`, one hand-chosen tile. Sizes are powers of
two, which also makes columns collide in the cache; that is part of what naive code meets.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch

from stackdoc import Work, close, example

ex = example()

# %% [markdown]
# The three loop nests, as they are compiled.

# %%
SOURCE = r"""
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
# The same inputs for all four; each result is checked against the product in double precision.

# %%
LABELS = {"naive": "naive loop", "reordered": "loops reordered", "tiled": "reordered and tiled"}
for n in ex.sweep("n", [64, 128, 256, 512], quick=[256]):
    a, b = torch.randn(n, n), torch.randn(n, n)
    c = torch.empty(n, n)
    exact = a.double() @ b.double()
    work = Work(flop=2 * n**3, bytes=3 * n * n * 4)

    def check(out: torch.Tensor, exact: torch.Tensor = exact) -> object:
        return close(out, exact, rtol=1e-5)

    ex.predict("library", n=n, seconds=ex.roofs.time(flop=work.flop, dtype="float32"), formula="2n³ / GEMM roof")
    timed = {
        "library": ex.measure(
            "library", lambda a=a, b=b: torch.mm(a, b), n=n, work=work, dtype="float32", label="torch.mm", check=check
        )
    }
    for name, label in LABELS.items():
        timed[name] = ex.measure(
            name,
            lambda name=name, a=a, b=b, c=c: caller(name, a, b, c),
            n=n,
            work=work,
            dtype="float32",
            label=label,
            check=check,
        )
    ex.ratio("tuning", slow=timed["naive"], fast=timed["library"], label="library over the naive loop", n=n)
    ex.ratio("order", slow=timed["naive"], fast=timed["reordered"], label="gain by loop order alone", n=n)
    ex.ratio("tiling", slow=timed["reordered"], fast=timed["tiled"], label="further gain by tiling", n=n)
    ex.ratio("remainder", slow=timed["tiled"], fast=timed["library"], label="library over the tiled loop", n=n)
