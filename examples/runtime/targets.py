# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "runtime"
# title = "One loop for four generations of a processor, and one binary for all"
# devices = ["cpu"]
# profiles = ["full"]
# needs = ["c++"]
# data = ["docs/data/laws/runtime.yml"]
# budget_seconds = 60
# ///
"""What a binary gives up that must run on older chips, and what it costs to carry code for several.

The same C is compiled for levels of the x86-64 architecture: `v1` is what every such processor runs, with vectors
of 128 bits; `v3` adds vectors of 256 bits; `v4` those of 512. `clones` is one file with the code of all three, of which
the loader picks one when the program starts, as a CUDA fat binary has code for several generations of GPU.

Two loops are compiled. `polynomial` evaluates a polynomial of degree 16 at numbers that the first cache holds, so
arithmetic limits it, and by the law a vector twice as wide takes half the time. `sum` adds two arrays that only main
memory holds; its bound is their bytes, whatever the vectors.

Products and sums are not contracted into multiply-adds. So all levels do the same operations and their results are
equal bit for bit, which is checked.

`compile` and `size` are the costs: the seconds that the compiler takes and the bytes of the file.

Caveats. One thread. Levels that this processor lacks are left out. A processor that splits its widest vectors into
halves gains nothing from the last level.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from stackdoc import Check, Work, close, example

ex = example()
LANES = {"v1": 4, "v3": 8, "v4": 16}  # numbers of single precision in a vector
FEATURES = {"v1": "sse2", "v3": "avx2", "v4": "avx512bw"}  # a name in /proc/cpuinfo that each level needs
DEGREE, NEAR, FAR = 16, 4096, 1 << 25

# %% [markdown]
# The loops. `CLONES` is empty, or tells the compiler to make one version for each level.

# %%
SOURCE = r"""
CLONES void polynomial(int n, const float *restrict c, const float *restrict x, float *restrict y) {
    for (int i = 0; i < n; i++) {
        float sum = c[DEGREE];
        for (int k = DEGREE - 1; k >= 0; k--) sum = sum * x[i] + c[k];
        y[i] = sum;
    }
}
CLONES void sum(int n, const float *restrict x, const float *restrict y, float *restrict z) {
    for (int i = 0; i < n; i++) z[i] = x[i] + y[i];
}
"""
FLAGS = ["-O3", "-ffp-contract=off", "-mprefer-vector-width=512", "-shared", "-fPIC", f"-DDEGREE={DEGREE}"]
TARGETS = '__attribute__((target_clones("default","arch=x86-64-v3","arch=x86-64-v4")))'


def compiled(name: str, flags: list[str]) -> ctypes.CDLL:
    """The loops with these flags; reports what compiling took and the size of the file."""
    folder = Path(tempfile.mkdtemp(prefix="targets-"))
    try:
        (folder / "loops.c").write_text(SOURCE)
        began = time.perf_counter()
        subprocess.run(["cc", *FLAGS, *flags, "-o", "loops.so", "loops.c"], cwd=folder, check=True)
        ex.report("compile", time.perf_counter() - began, unit="s", label="compiling", level=name)
        subprocess.run(["strip", "loops.so"], cwd=folder, check=True)
        ex.report("size", (folder / "loops.so").stat().st_size, unit="B", label="the file", level=name)
        return ctypes.CDLL(str(folder / "loops.so"))
    finally:
        shutil.rmtree(folder)


present = set(Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split())
levels = [level for level, feature in FEATURES.items() if feature in present]
files = {
    level: compiled(level, [f"-march=x86-64{'' if level == 'v1' else '-' + level}", "-DCLONES="]) for level in levels
}
files["clones"] = compiled("clones", [f"-DCLONES={TARGETS}"])

# %% [markdown]
# The inputs, and the calls with their arguments converted once.

# %%
random = np.random.default_rng(1)
coefficients = random.standard_normal(DEGREE + 1, dtype=np.float32)
near = random.uniform(-1, 1, NEAR).astype(np.float32)
near_out = np.empty(NEAR, np.float32)
left, right = (np.tile(random.standard_normal(1 << 20, dtype=np.float32), FAR >> 20) for _ in range(2))
far_out = np.zeros(FAR, np.float32)


def call(file: ctypes.CDLL, name: str, size: int, *arrays: np.ndarray):
    count, pointers = ctypes.c_int(size), [ctypes.c_void_p(array.ctypes.data) for array in arrays]
    function = getattr(file, name)
    return lambda: (function(count, *pointers), arrays[-1])[1]


exact = np.polynomial.polynomial.polyval(near.astype(np.float64), coefficients.astype(np.float64))
first = call(files["v1"], "polynomial", NEAR, coefficients, near, near_out)().copy()


def same(out: np.ndarray) -> Check | bool:
    """Equal to the first level bit for bit, and close to the exact values."""
    return np.array_equal(out, first) and close(out, exact, rtol=1e-5)


# %% [markdown]
# **Arithmetic**: each level is predicted from the first by the width of its vectors.

# %%
timed = {}
for level, file in files.items():
    if level != "v1":
        lanes = LANES[levels[-1] if level == "clones" else level]
        seconds = ex.law("vector-time", time=timed["v1"].seconds, lanes_before=LANES["v1"], lanes_after=lanes)
        ex.predict("polynomial", seconds=seconds, level=level)
    timed[level] = ex.measure(
        "polynomial",
        call(file, "polynomial", NEAR, coefficients, near, near_out),
        work=Work(flop=2 * DEGREE * NEAR),
        label=f"polynomial, {level}",
        check=same,
        inputs=[coefficients, near],
        level=level,
    )
    if level != "v1":
        ex.ratio("vectors", slow=timed["v1"], fast=timed[level], label="the oldest level over this one", level=level)

# %% [markdown]
# **Memory**: the bound is the same for all.

# %%
passed = {}
for level, file in files.items():
    ex.predict("sum", seconds=ex.roofs.time(bytes=12 * FAR), formula="bytes / bandwidth", level=level)
    passed[level] = ex.measure(
        "sum",
        call(file, "sum", FAR, left, right, far_out),
        work=Work(flop=FAR, bytes=12 * FAR),
        dtype="float32",
        label=f"sum of large arrays, {level}",
        check=lambda out: np.array_equal(out, left + right),
        inputs=[left, right],
        level=level,
    )
    if level != "v1":
        ex.ratio(
            "vectors-from-memory",
            slow=passed["v1"],
            fast=passed[level],
            label="the oldest level over this one",
            level=level,
        )
