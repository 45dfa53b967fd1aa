# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26", "threadpoolctl>=3"]
# [tool.stackdoc]
# layer = "kernels"
# title = "NumPy against the library below it and against a loop of one's own"
# devices = ["cpu"]
# claims = ["numpy-is-a-thin-wrapper"]
# needs = ["c++"]
# budget_seconds = 60
# ///
"""A product and an addition through NumPy, and without it.

For a product NumPy calls a BLAS library. `blas` calls the same function in the same file, through ctypes, with
arrays prepared beforehand; what `numpy` takes longer is the wrapper. `call` is a product of two by two, which is
nearly all wrapper. For an addition there is no library below: `add` runs NumPy's own loop, and `loop` one of
three lines, compiled here.

So the statement that NumPy wraps fast kernels has two halves, and they are measured separately.

Caveats. One thread. The ctypes call has a cost of its own, about as large as NumPy's, so at very small sizes the
two wrappers are compared rather than wrapper and library. Results go into arrays that exist already.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from stackdoc import Work, close, example

ex = example()
threadpool_limits(1)
random = np.random.default_rng(1)


def normal(*shape: int) -> np.ndarray:
    return random.standard_normal(shape, dtype=np.float32)


# %% [markdown]
# **The library that NumPy loaded**, and its product in single precision. Its name differs from one build to another;
# with `64_` at the end it takes integers of 64 bits.

# %%
NAMES = ["cblas_sgemm", "cblas_sgemm64_", "scipy_cblas_sgemm", "scipy_cblas_sgemm64_"]
ROW_MAJOR, NOT_TRANSPOSED = 101, 111


def library_product():
    """The function, and its type of integer."""
    files = [found["filepath"] for found in threadpool_info() if found["user_api"] == "blas"]
    files.sort(key=lambda file: "numpy" not in file)
    for file in files:
        library = ctypes.CDLL(file)
        for name in NAMES:
            if hasattr(library, name):
                return getattr(library, name), ctypes.c_int64 if name.endswith("64_") else ctypes.c_int
    raise SystemExit(f"no product of a BLAS library among {NAMES} in {files or 'no library at all'}")


sgemm, Integer = library_product()


def prepared(a: np.ndarray, b: np.ndarray, out: np.ndarray):
    """A call of the library on these arrays, its arguments converted once."""
    size, one, zero = Integer(a.shape[0]), ctypes.c_float(1), ctypes.c_float(0)
    pa, pb, pc = (ctypes.c_void_p(array.ctypes.data) for array in (a, b, out))
    layout, plain = ctypes.c_int(ROW_MAJOR), ctypes.c_int(NOT_TRANSPOSED)

    def call() -> np.ndarray:
        sgemm(layout, plain, plain, size, size, size, one, pa, size, pb, size, zero, pc, size)
        return out

    return call


# %% [markdown]
# **The wrapper by itself**: what every call takes before it computes.

# %%
a, b, out = normal(2, 2), normal(2, 2), np.empty((2, 2), np.float32)
alone = ex.measure(
    "call", lambda: np.matmul(a, b, out=out), label="numpy.matmul, two by two", check=lambda r: close(r, a @ b)
)

# %% [markdown]
# **A product.**

# %%
for n in ex.sweep("n", [32, 64, 128, 256, 512], quick=[128]):
    a, b, out = normal(n, n), normal(n, n), np.empty((n, n), np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    work = Work(flop=2 * n**3, bytes=12 * n * n)
    both = {}
    for name, call in {
        "numpy": lambda a=a, b=b, out=out: np.matmul(a, b, out=out),
        "blas": prepared(a, b, out),
    }.items():
        seconds = ex.roofs.time(flop=work.flop, dtype="float32")
        ex.predict(name, n=n, seconds=seconds and seconds + alone.seconds, formula="2n³ / GEMM roof + a call")
        both[name] = ex.measure(
            name,
            call,
            n=n,
            work=work,
            dtype="float32",
            label={"numpy": "numpy.matmul", "blas": "the library, directly"}[name],
            check=lambda result, exact=exact: close(result, exact, rtol=1e-5),
        )
    ex.ratio("wrapping", slow=both["numpy"], fast=both["blas"], label="NumPy over the library", n=n)

# %% [markdown]
# **An addition**: NumPy's loop, and three lines of C.

# %%
SOURCE = """
void add(int n, const float *x, const float *y, float *restrict out) {
    for (int i = 0; i < n; i++) out[i] = x[i] + y[i];
}
"""


def compiled(source: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="add-"))
    try:
        (folder / "add.c").write_text(source)
        command = ["c++", "-x", "c", "-O3", "-march=native", "-shared", "-fPIC", "-o", "add.so", "add.c"]
        subprocess.run(command, cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "add.so"))
    finally:
        shutil.rmtree(folder)


loops = compiled(SOURCE)
for elements in ex.sweep("elements", [1 << 14, 1 << 20], quick=[1 << 20]):
    x, y, sums = normal(elements), normal(elements), np.empty(elements, np.float32)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (x, y, sums)]

    def loop(elements=elements, pointers=pointers, sums=sums) -> np.ndarray:
        loops.add(ctypes.c_int(elements), *pointers)
        return sums

    exact = x.astype(np.float64) + y
    pair = {}
    for name, call in {"add": lambda x=x, y=y, sums=sums: np.add(x, y, out=sums), "loop": loop}.items():
        seconds = ex.roofs.time(bytes=12 * elements)
        seconds = seconds and seconds + alone.seconds
        ex.predict(name, elements=elements, seconds=seconds, formula="bytes / bandwidth + a call")
        pair[name] = ex.measure(
            name,
            call,
            elements=elements,
            work=Work(flop=elements, bytes=12 * elements),
            dtype="float32",
            label={"add": "numpy.add", "loop": "a loop of three lines"}[name],
            check=lambda result, exact=exact: close(result, exact, rtol=1e-6),
        )
    ex.ratio("own-loop", slow=pair["add"], fast=pair["loop"], label="NumPy over a compiled loop", elements=elements)
