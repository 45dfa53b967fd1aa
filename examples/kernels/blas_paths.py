# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy", "threadpoolctl"]
# [tool.stackdoc]
# layer = "kernels"
# title = "BLAS: one interface, several libraries, and code for each chip"
# environment = "low"
# ///
"""`a @ b` in NumPy is one call of an interface from 1990. What answers it is a library with a path for each chip.

OpenBLAS looks at the processor when it is loaded and takes the code that was written for it. It can be told to take
another, and so the same library on the same chip shows what the newer code is worth: `path` goes from vectors of
128 bits, over 256 with multiply-adds, to 512. A multiply-add on a vector twice as wide does twice the work, so each
step has a law: from 128 bits without multiply-adds to 256 with them four times the rate, from 256 to 512 twice.
`expected` says so from the path before, `rate` is measured.

`loop` is what NumPy does without the library, for a format that BLAS doesn't have: a product of integers, of the same
size, is thirty-two bits wide and takes its own loops.

Caveats. One thread. Products of n = 512 in float32, the best of many calls in a process each, since the path is chosen
once in a process. A processor without wide vectors skips the paths that it can't run. Clocks that fall under wide
vectors are part of the figure.
"""

# %%
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from stackdoc import Work, close, example

SIZE = 512
# Names of OpenBLAS for a processor without AVX, one with AVX2, one with AVX-512; what a multiply-add of each does.
PATHS = {
    "128-bits": ("Nehalem", "sse4_2", 4),
    "256-bits": ("Haswell", "avx2", 16),
    "512-bits": ("SkylakeX", "avx512f", 32),
}


def drawn(kind: str = "float32") -> list[np.ndarray]:
    values = np.random.default_rng(1).standard_normal((2, SIZE, SIZE))
    return list((8 * values).astype(kind) if kind == "int32" else values.astype(kind))


# %% [markdown]
# **A child** that was told which path to take: what it took, and how long a product lasts.

# %%
if sys.argv[1:] == ["child"]:
    threadpool_limits(1)
    a, b = drawn()
    taken, end = [], time.perf_counter() + 0.15
    while time.perf_counter() < end:
        began = time.perf_counter()
        out = a @ b
        taken.append(time.perf_counter() - began)
    wide = a.astype("float64") @ b.astype("float64")
    print(threadpool_info()[0]["architecture"], min(taken), np.abs(out - wide).max() / np.abs(wide).max())
    sys.exit()

# %%
ex = example()
threadpool_limits(ex.threads)
work = Work(flop=2 * SIZE**3, bytes=12 * SIZE**2)
a, b = drawn()
exact = a.astype("float64") @ b.astype("float64")
ex.predict("library", ex.roofs.time(flop=work.flop, dtype="float32"), "2n³ / GEMM roof")
library = ex.measure(
    "library",
    lambda: a @ b,
    work=work,
    dtype="float32",
    label="a @ b, the path of this chip",
    check=lambda out: close(out, exact, rtol=1e-5),
)
for found in threadpool_info():
    ex.show(f"{found['internal_api']} {found['version']}: {found.get('architecture', '')}")

# %% [markdown]
# **The paths.** Which vectors the processor has is in the flags that the kernel of the system lists.


# %%
def flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


here, before = flags(), None
for path in ex.sweep("path", list(PATHS)):
    name, flag, width = PATHS[path]
    if flag not in here:
        continue
    command = [sys.executable, str(Path(__file__)), "child"]
    environment = {**os.environ, "OPENBLAS_CORETYPE": name}
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    if said[0] != name or not float(said[2]) <= 1e-5:
        raise ArithmeticError(f"asked for {name}, got {said[0]} with an error of {said[2]}")
    rate = work.flop / float(said[1])
    if before is not None:
        expected = before[0] * width / before[1]
        ex.report(
            "expected", expected, unit="FLOP/s", better="higher", label=f"{path}, from the path before", path=path
        )
    ex.report("rate", rate, unit="FLOP/s", better="higher", label=f"{path}: {name}", path=path)
    before = rate, width

# %% [markdown]
# **Without a library**: integers.

# %%
whole = [value[:128, :128].copy() for value in drawn("int32")]
small = [value.astype("float32") for value in whole]
loop = ex.measure(
    "integers",
    lambda: whole[0] @ whole[1],
    n=128,
    work=Work(flop=2 * 128**3),
    label="32-bit integers, NumPy's own loops",
    check=lambda out: bool((out == np.rint(small[0].astype("float64") @ small[1])).all()),
)
fast = ex.measure(
    "floats",
    lambda: small[0] @ small[1],
    n=128,
    work=Work(flop=2 * 128**3),
    label="the same numbers as float32, by BLAS",
    check=lambda out: close(out, whole[0].astype("float64") @ whole[1], rtol=1e-5),
)
ex.ratio("format", slow=loop, fast=fast, label="integers over float32, n = 128")
