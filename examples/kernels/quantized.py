# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Quantized weights: what 16, 8 and 4 bits gain, by batch"
# devices = ["cpu"]
# profiles = ["full"]
# needs = ["c++"]
# data = ["docs/data/laws/kernels.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""A linear layer whose weights are stored in 32, 16, 8 or 4 bits and are multiplied in single precision.

This is weight-only quantization: the kernel reads few bytes, widens them in registers, and then does the same
multiply-adds as before. With one row of inputs the layer is limited by the bytes of its weights, so a quarter of the
bytes promises a quarter of the time. Two things stand in the way: widening a weight takes instructions, and with more
rows the multiply-adds become the limit, which quantization does not shrink.

The prediction is a roofline whose arithmetic is that of this kernel. `arithmetic` is the same code on the first rows
of the matrix, which a near cache holds, scaled to the whole; the other side is the bytes over the bandwidth.
The slower of the two is predicted, and `gain` compares each format with 32 bits.

Weights of 8 and 4 bits have a scale for each 128 of a row, so they take 8.25 and 4.25 bits. `error` is that of the
layer's output against the weights before rounding, as a share of its size.

Caveats. One thread, one matrix, C that the compiler vectorises, with no instructions for short integers. The inputs
are not quantized. The matrix repeats a block of 256 rows, which changes neither its bytes nor its work.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from stackdoc import Work, close, example

ex = example()
ROWS, COLUMNS, BLOCK, GROUP, NEAR = 8192, 8192, 256, 128, 32
BATCHES = [1, 2, 4, 8, 16]
random = np.random.default_rng(1)

# %% [markdown]
# The kernel, once for each format: a group of weights is widened into a buffer that the first cache holds, and every
# row of inputs is multiplied by it. Eight rows of the matrix share the inputs of as many groups as a near cache holds.
# `reduction` allows the compiler to add in vectors.

# %%
SOURCE = r"""
#include <cstdint>
#include <cstring>
enum { GROUP = 128, MOST = 16, TALL = 8, NEAR = 1 << 15 };
static inline void widen(const float *w, float, float *out) { for (int i = 0; i < GROUP; i++) out[i] = w[i]; }
static inline void widen(const uint16_t *w, float, float *out) {
    for (int i = 0; i < GROUP; i++) out[i] = __builtin_bit_cast(float, (uint32_t)w[i] << 16);
}
static inline void widen(const int8_t *w, float scale, float *out) {
    for (int i = 0; i < GROUP; i++) out[i] = scale * (float)w[i];
}
static inline void widen(const uint8_t *w, float scale, float *out) {  // low halves first, then high halves
    for (int i = 0; i < GROUP / 2; i++) out[i] = scale * (float)((w[i] & 15) - 8);
    for (int i = 0; i < GROUP / 2; i++) out[i + GROUP / 2] = scale * (float)((w[i] >> 4) - 8);
}
template <typename Stored, int PER>
static void layer(int rows, int columns, int batch, const Stored *w, const float *scales, const float *x, float *y) {
    float packed[columns / GROUP][batch][GROUP] __attribute__((aligned(64)));  // a group of all inputs side by side
    for (int g = 0; g < columns / GROUP; g++)
        for (int b = 0; b < batch; b++) memcpy(packed[g][b], x + (long)b * columns + g * GROUP, sizeof packed[g][b]);
    const int deep = NEAR / (batch * (int)sizeof packed[0][0]);  // groups whose inputs a near cache holds
    for (int top = 0; top < rows; top += TALL) {
        float sums[TALL][MOST] = {}, wide[GROUP] __attribute__((aligned(64)));
        for (int part = 0; part < columns / GROUP; part += deep)
            for (int r = 0; r < TALL; r++)
                for (int g = part; g < part + deep; g++) {
                    const long group = (long)(top + r) * (columns / GROUP) + g;
                    widen(w + group * (GROUP / PER), scales ? scales[group] : 1, wide);
                    for (int b = 0; b < batch; b++) {
                        float sum = 0;
                        #pragma omp simd reduction(+ : sum)
                        for (int i = 0; i < GROUP; i++) sum += wide[i] * packed[g][b][i];
                        sums[r][b] += sum;
                    }
                }
        for (int b = 0; b < batch; b++)
            for (int r = 0; r < TALL; r++) y[(long)b * rows + top + r] = sums[r][b];
    }
}
#define KERNEL(name, Stored, PER) extern "C" void name(int rows, int columns, int batch, const void *w, \
    const float *scales, const float *x, float *y) { \
    layer<Stored, PER>(rows, columns, batch, (const Stored *)w, scales, x, y); }
KERNEL(bits32, float, 1)
KERNEL(bits16, uint16_t, 1)
KERNEL(bits8, int8_t, 1)
KERNEL(bits4, uint8_t, 2)
"""


def compiled(source: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="quantized-"))
    try:
        (folder / "layer.cpp").write_text(source)
        command = ["c++", "-O3", "-march=native", "-fopenmp-simd", "-shared", "-fPIC", "-o", "layer.so", "layer.cpp"]
        subprocess.run(command, cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "layer.so"))
    finally:
        shutil.rmtree(folder)


kernels = compiled(SOURCE)

# %% [markdown]
# The formats. bfloat16 keeps the upper half of a float, rounded to nearest; integers are rounded by the largest of
# their group.

# %%
weights = random.standard_normal((BLOCK, COLUMNS), dtype=np.float32)
groups = weights.reshape(-1, GROUP)
largest = np.abs(groups).max(axis=1, keepdims=True)


def integers(most: int) -> tuple[np.ndarray, np.ndarray]:
    scales = (largest / most).astype(np.float32)
    return np.clip(np.rint(groups / scales), -most, most).astype(np.int8), scales


def halves(values: np.ndarray) -> np.ndarray:
    """Two weights of 4 bits in a byte: the first half of a group below, the second above."""
    raised = (values + 8).astype(np.uint8)
    return raised[:, : GROUP // 2] | (raised[:, GROUP // 2 :] << 4)


eight, scales8 = integers(127)
four, scales4 = integers(7)
bits = weights.view(np.uint32)
sixteen = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
FORMATS = {  # stored, scales, the values that they stand for
    32: (weights, None, weights),
    16: (sixteen, None, (sixteen.astype(np.uint32) << 16).view(np.float32)),
    8: (eight, scales8, (eight * scales8).reshape(BLOCK, COLUMNS)),
    4: (halves(four), scales4, (four * scales4).reshape(BLOCK, COLUMNS)),
}


def pointer(array: np.ndarray | None) -> ctypes.c_void_p:
    return ctypes.c_void_p(None if array is None else array.ctypes.data)


def prepared(width: int, rows: int, stored: np.ndarray, scales: np.ndarray | None, x: np.ndarray, y: np.ndarray):
    """A call of one kernel on the first `rows` rows."""
    call, pointers = getattr(kernels, f"bits{width}"), [pointer(array) for array in (stored, scales, x, y)]
    sizes = [ctypes.c_int(size) for size in (rows, COLUMNS, len(x))]
    return lambda: (call(*sizes, *pointers), y)[1]


def best_seconds(call, seconds: float = 0.02) -> float:
    """The best of the calls that fit into some milliseconds."""
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - began)
    return best


# %% [markdown]
# Each format and batch: the arithmetic in a near cache, the prediction, the whole matrix.

# %%
inputs = random.standard_normal((max(BATCHES), COLUMNS), dtype=np.float32)
timed = {}
for width, (block, block_scales, values) in FORMATS.items():
    stored = np.tile(block.reshape(BLOCK, -1), (ROWS // BLOCK, 1))
    scales = None if block_scales is None else np.tile(block_scales.reshape(BLOCK, -1), (ROWS // BLOCK, 1))
    moved = stored.nbytes + (0 if scales is None else scales.nbytes)
    ex.report("bits", 8 * moved / (ROWS * COLUMNS), unit="bit", better="lower", label="stored a weight", width=width)
    exact = inputs[:1].astype(np.float64) @ weights.T.astype(np.float64)
    rounded = inputs[:1].astype(np.float64) @ values.T.astype(np.float64)
    error = float(np.linalg.norm(rounded - exact) / np.linalg.norm(exact))
    ex.report("error", error, unit="", better="lower", label="error of the output", width=width)
    for batch in ex.sweep("batch", BATCHES):
        if width == 16 and 1 < batch < max(BATCHES):
            continue
        x = inputs[:batch]
        near = np.zeros((batch, NEAR), np.float32)
        out = np.zeros((batch, ROWS), np.float32)
        packing = best_seconds(prepared(width, 0, stored, scales, x, near))  # once a call, whatever the rows
        first = best_seconds(prepared(width, NEAR, stored, scales, x, near))
        arithmetic = packing + (first - packing) * ROWS / NEAR
        ex.report("arithmetic", arithmetic, unit="s", better="lower", width=width, batch=batch)
        if bandwidth := ex.roofs.bandwidth(moved):
            seconds = ex.law(
                "widened-time",
                weights=ROWS * COLUMNS,
                stored=moved / (ROWS * COLUMNS),
                bandwidth=bandwidth,
                widening=arithmetic / (ROWS * COLUMNS),
            )
            ex.predict("layer", seconds=seconds, width=width, batch=batch)
        reference = np.tile(x.astype(np.float64) @ values.T.astype(np.float64), (1, ROWS // BLOCK))
        timed[width, batch] = ex.measure(
            "layer",
            prepared(width, ROWS, stored, scales, x, out),
            work=Work(flop=2 * batch * ROWS * COLUMNS, bytes=moved + x.nbytes + out.nbytes),
            dtype="float32",
            label=f"weights of {width} bits",
            check=lambda y, reference=reference: close(y, reference, rtol=1e-5),
            inputs=[stored, x],
            width=width,
            batch=batch,
        )
        if width != 32:
            ex.ratio(
                "gain",
                slow=timed[32, batch],
                fast=timed[width, batch],
                label="32 bits over fewer",
                width=width,
                batch=batch,
            )
