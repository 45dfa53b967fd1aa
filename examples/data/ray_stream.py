# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyarrow>=17", "ray>=2.40", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "Ray Data: blocks in a stream, and what a batch costs"
# devices = ["cpu"]
# environment = "data"
# budget_seconds = 120
# launches = 3
# ///
"""A table streams through Ray Data in blocks: read, transformed by a Python function in workers, summed.

A data set is a plan; blocks flow through it from one operator to the next, through a shared store of objects, and
never stand whole in memory. What a function costs then depends on how it is called: for every row, or for a batch
of arrays at once. The rows are the same and so is the result:

    seconds ≥ fixed cost of a pipeline + blocks · seconds of a task + rows · seconds in Python

`question` is the one that the data frames of this layer answer; here most of its time is the fixed cost.

Caveats. One machine with two cores, its network and its many nodes are not there, and for those Ray is made.
Starting it is reported and in no other figure. Groups are brought together by sorting; the default, which hashes rows
into a few hundred parts, spends minutes on starting tasks here. Times of the wall clock, medians of three calls after
one that warms up: the work is done in other processes.
"""

# %%
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
import orders
import pyarrow.parquet as pq
import ray
from ray.data.aggregate import Sum
from ray.data.context import ShuffleStrategy

from stackdoc import close, example

ex = example()
logging.disable(logging.WARNING)
MEBIBYTE = 1 << 20


def batch(of: dict) -> dict:
    kept = of["quantity"] >= orders.LEAST
    return {"country": of["country"][kept], "revenue": (of["quantity"] * of["price"])[kept]}


def row(of: dict) -> dict:
    return {"country": of["country"], "revenue": of["quantity"] * of["price"] * (of["quantity"] >= orders.LEAST)}


def summed(data: ray.data.Dataset) -> list[float]:
    found = data.groupby("country").aggregate(Sum("revenue", alias_name="revenue")).take_all()
    return [one["revenue"] for one in sorted(found, key=lambda one: one["country"])]


# %%
place = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # a socket's path may not be long
folder = Path(tempfile.mkdtemp(prefix="ray-data-"))
began = time.perf_counter()
ray.init(
    num_cpus=2,
    include_dashboard=False,
    object_store_memory=200 * MEBIBYTE,
    logging_level=logging.ERROR,
    log_to_driver=False,
    _node_ip_address="127.0.0.1",
    _temp_dir=place,
)
ex.report("start", time.perf_counter() - began, unit="s", label="Ray on one machine")
try:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.shuffle_strategy = ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    for rows in ex.sweep("rows", [200_000, 2_000_000], quick=[200_000]):
        paths, expected = orders.write(rows, folder), orders.revenue(rows)

        def question(paths: list[str] = paths) -> list[float]:
            read = ray.data.read_parquet(paths).select_columns(list(orders.COLUMNS))
            return summed(read.map_batches(batch, batch_format="numpy"))

        answer = question()
        if not close(answer, expected, rtol=1e-9).ok:
            raise ValueError("another answer than NumPy's")
        seconds = orders.seconds_of(question, 3)
        ex.report("question", seconds, unit="s", label="Ray Data", engine="ray-data", rows=rows)
        ex.report("revenue", sum(answer), better="higher", engine="ray-data", rows=rows)

    # %% [markdown]
    # The same function by the row and by the batch, on a tenth of the rows.

    # %%
    rows = 20_000
    paths, expected = orders.write(rows, folder), orders.revenue(rows)
    for size in ex.sweep("batch_rows", [0, 100, 1_000, 5_000], quick=[0, 1_000]):

        def mapped(size: int = size, paths: list[str] = paths) -> list[float]:
            read = ray.data.read_parquet(paths).select_columns(list(orders.COLUMNS))
            return summed(read.map_batches(batch, batch_size=size) if size else read.map(row))

        if not close(mapped(), expected, rtol=1e-9).ok:
            raise ValueError(f"batches of {size}: another answer than NumPy's")
        label = f"batches of {size}" if size else "row by row"
        ex.report("mapped", orders.seconds_of(mapped, 3), unit="s", label=label, batch_rows=size, rows=rows)
    ex.report("file-rows", sum(pq.read_metadata(path).num_rows for path in paths), unit="rows")
finally:
    ray.shutdown()
    shutil.rmtree(folder)
    shutil.rmtree(place, ignore_errors=True)
