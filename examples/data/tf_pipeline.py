# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "tensorflow-cpu>=2.16", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "tf.data: what prefetch, parallel calls and batching first change, against a loop"
# devices = ["cpu"]
# environment = "frameworks"
# budget_seconds = 90
# launches = 3
# ///
"""Samples are prepared, put together to batches and handed to a training loop: by a plain loop, and by tf.data.

A pipeline of tf.data can prepare the next batch while the last one is used (`prefetch`), and several samples at once
(`num_parallel_calls`). With a sample of t seconds, B samples a batch, w calls at once and a step of s seconds, a
batch takes s + B · t one after the other, and ahead of the loop

    seconds ≥ max(s, B · t / w)

Three samples are tried. One is waited for, as from a disk; one is computed in Python; one is decoded and scaled by
operations of the graph. Calls are threads, so those in Python share the interpreter's lock, and w stays 1 for them.

Left alone, tf.data rewrites a pipeline: it fuses map and batch, makes maps of graph operations parallel, and puts a
prefetch at the end. All that is switched off to see each by itself, and left on in the way called `alone`.

The last part is one thread: a map is a call for each element, and a function that also takes a whole batch is better
called after batching. Rows, function and results are the same.

Caveats. Two cores; with more, decoding gains more. The step of the loop is a wait, as for an accelerator. Times are of
the wall clock, after a batch that warms up.
"""

# %%
import os
import time
from collections.abc import Iterable

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from stackdoc import close, example

ex = example()
SAMPLES, BATCH, SAMPLE_S, STEP_S, SIDE = 128, 16, 0.002, 0.016, 160
random = np.random.default_rng(0)
pictures = random.integers(0, 256, (BATCH, SIDE, SIDE, 3), dtype=np.uint8)
files = tf.constant([tf.io.encode_png(picture).numpy() for picture in pictures])

# %% [markdown]
# Three samples: the number of each goes in, and a tensor that tells it from the others comes out.


# %%
def waited(number: np.int64) -> np.float32:
    time.sleep(SAMPLE_S)
    return np.float32(number)


def computed(number: np.int64) -> np.float32:
    began = time.thread_time()  # of this thread's CPU: a core that is shared takes longer
    while time.thread_time() - began < SAMPLE_S:
        pass
    return np.float32(number)


def decoded(number: tf.Tensor) -> tf.Tensor:
    picture = tf.io.decode_png(files[number % BATCH])
    return tf.reduce_mean(tf.cast(picture, tf.float32) / 255.0) + tf.cast(number, tf.float32)


KINDS = {
    "wait": lambda number: tf.ensure_shape(tf.numpy_function(waited, [number], tf.float32), ()),
    "python": lambda number: tf.ensure_shape(tf.numpy_function(computed, [number], tf.float32), ()),
    "graph": decoded,
}
numbers = np.arange(SAMPLES, dtype=np.float64)
brightness = np.tile(pictures.reshape(BATCH, -1).mean(1) / 255.0, SAMPLES // BATCH)
EXPECTED = {"wait": numbers, "python": numbers, "graph": numbers + brightness}


# %% [markdown]
# The ways to the batches. `plain` switches off what tf.data does by itself.


# %%
def plain(data: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return data.with_options(options)


def loop(kind: str) -> Iterable[np.ndarray]:
    prepare = {"wait": waited, "python": computed, "graph": decoded}[kind]
    for first in range(0, SAMPLES, BATCH):
        yield np.stack([np.asarray(prepare(np.int64(number))) for number in range(first, first + BATCH)])


WAYS = ("loop", "map", "prefetch", "parallel-2", "parallel-8", "alone")


def batches(kind: str, way: str) -> Iterable[tf.Tensor]:
    if way == "loop":
        return loop(kind)
    calls = int(way.removeprefix("parallel-")) if way.startswith("parallel") else None
    data = tf.data.Dataset.range(SAMPLES).map(KINDS[kind], num_parallel_calls=calls).batch(BATCH)
    if way == "alone":
        return data
    return plain(data if way == "map" else data.prefetch(2))


def epoch(batches: Iterable[tf.Tensor]) -> tuple[float, np.ndarray]:
    """Seconds from the first batch to the end of the last step, and all the samples.

    What makes the first batch ready is left out, and so is taking the iterator down, which now and then waits.
    """
    start, end, found = 0.0, 0.0, []
    for batch in batches:
        start = start or time.perf_counter()
        found.append(np.asarray(batch))
        time.sleep(STEP_S)
        end = time.perf_counter()
    return end - start, np.concatenate(found)


for kind in ex.sweep("kind", list(KINDS)):
    taken: dict[str, float] = {}
    for way in ex.sweep("way", WAYS, quick=[way for way in WAYS if way != "parallel-8"]):
        seconds, found = epoch(batches(kind, way))
        if not close(found, EXPECTED[kind], rtol=1e-6).ok:
            raise ValueError(f"{kind}, {way}: the samples are not those that NumPy expects")
        taken[way] = (seconds - STEP_S) / (SAMPLES / BATCH - 1)
        rate = (SAMPLES - BATCH) / seconds  # counted as `worker_processes` counts, which waits and computes alike
        ex.report("samples-per-second", rate, unit="1/s", better="higher", kind=kind, way=way)
        ex.report("batch", taken[way], unit="s", label=f"a batch and its step, {way}", kind=kind, way=way)
    preparing = max(taken["map"] - STEP_S, 0.0)
    for way, calls in {"prefetch": 1, "parallel-2": 1 if kind == "python" else 2}.items():
        ahead = max(STEP_S, preparing / calls)
        ex.report("batch-expected", ahead, unit="s", label=f"by formula, {way}", kind=kind, way=way)
    ex.report("gain", taken["loop"] / taken["alone"], unit="×", better="higher", label="the loop over alone", kind=kind)

# %% [markdown]
# Before the batch or after it: the same function for each row, and for all rows of a batch.

# %%
ROWS, COLUMNS, ROW_BATCH = 4096, 64, 256
table = random.standard_normal((ROWS, COLUMNS), dtype=np.float32)
held = tf.data.Dataset.from_tensor_slices(table)
scaled = np.tanh(table.astype(np.float64) * 0.5 + 1.0)


def scale(rows: tf.Tensor) -> tf.Tensor:
    return tf.tanh(rows * 0.5 + 1.0)


def numpy_rows() -> list[np.ndarray]:
    made = [np.tanh(row * np.float32(0.5) + np.float32(1.0)) for row in table]
    return [np.stack(made[first : first + ROW_BATCH]) for first in range(0, ROWS, ROW_BATCH)]


mapped_first, batched_first = plain(held.map(scale).batch(ROW_BATCH)), plain(held.batch(ROW_BATCH).map(scale))
ORDERS = {"loop": numpy_rows, "map-batch": lambda: list(mapped_first), "batch-map": lambda: list(batched_first)}
rows_s: dict[str, float] = {}
for order, call in ORDERS.items():
    if not close(np.concatenate(call()), scaled, rtol=1e-5).ok:
        raise ValueError(f"{order}: the rows are not those of NumPy")
    least = []
    for _ in range(3 if ex.quick else 9):
        began = time.perf_counter()
        call()
        least.append(time.perf_counter() - began)
    rows_s[order] = float(np.median(least))
    ex.report("row", rows_s[order] / ROWS, unit="s", label=f"a row, {order}", order=order)
ex.report(
    "batch-first", rows_s["map-batch"] / rows_s["batch-map"], unit="×", better="higher", label="map over batch first"
)
