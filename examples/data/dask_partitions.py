# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyarrow>=17", "pandas>=2", "dask>=2025.1", "distributed>=2025.1", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "Dask: what a graph of tasks costs beside pandas"
# devices = ["cpu"]
# environment = "data"
# budget_seconds = 90
# launches = 3
# ///
"""The same question to pandas and to Dask, by three of its schedulers, and what one task costs when it does nothing.

Dask cuts a table into partitions, draws a graph of tasks over them and hands it to a scheduler: in the same thread,
to a pool of threads, or to worker processes of a cluster, here two of one thread each. A partition is a pandas
table, so the work is at least that of pandas, and on top comes the graph:

    seconds ≥ pandas / workers + tasks · seconds of a task

`task` is measured with tasks that return their argument. The number of rows at which a second worker is worth its
tasks follows from it.

Caveats. Two cores at most are used. The table fits in memory many times over, which is where pandas is at its best
and Dask is not meant for. The cluster is on the same machine: what crosses a real network is not seen. Times of the
wall clock, medians of five calls after one that warms up, since the work is done in other processes.
"""

# %%
import logging
import shutil
import tempfile
import time
from pathlib import Path

import dask
import dask.dataframe as dd
import orders
import pandas as pd
from dask.distributed import Client, LocalCluster

from stackdoc import close, example

COLUMNS = list(orders.COLUMNS)
TASKS = 200


def in_pandas(paths: list[str]) -> list[float]:
    whole = pd.concat(pd.read_parquet(path, columns=COLUMNS, use_threads=False) for path in paths)
    kept = whole[whole["quantity"] >= orders.LEAST]
    return (kept["quantity"] * kept["price"]).groupby(kept["country"]).sum().tolist()


def question(paths: list[str]) -> dd.Series:
    """A graph: nothing is read until it is computed. Which columns are needed Dask finds itself."""
    whole = dd.read_parquet(paths)
    kept = whole[whole["quantity"] >= orders.LEAST]
    return kept.assign(revenue=kept["quantity"] * kept["price"]).groupby("country")["revenue"].sum()


def empty_tasks() -> dask.delayed:
    return dask.delayed(list)([dask.delayed(int, pure=False)(number) for number in range(TASKS)])


# %%
def main() -> None:
    ex = example()
    logging.disable(logging.WARNING)
    dask.config.set({"dataframe.convert-string": False})
    began = time.perf_counter()
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    with cluster, Client(cluster) as client:
        ex.report("start", time.perf_counter() - began, unit="s", label="a cluster of two workers")
        ways = {"same thread": "synchronous", "threads": "threads", "processes": client}
        for name, scheduler in ways.items():
            seconds = orders.seconds_of(lambda scheduler=scheduler: empty_tasks().compute(scheduler=scheduler), 3)
            ex.report("task", seconds / TASKS, unit="s", label="a task that does nothing", scheduler=name)
        for rows in ex.sweep("rows", [200_000, 2_000_000], quick=[200_000]):
            folder = Path(tempfile.mkdtemp(prefix="dask-"))
            try:
                paths, expected = orders.write(rows, folder), orders.revenue(rows)
                graph = question(paths)
                ex.report("tasks", len(graph.optimize().__dask_graph__()), unit="tasks", rows=rows)
                alone = orders.seconds_of(lambda paths=paths: in_pandas(paths))
                ex.report("question", alone, unit="s", label="pandas", engine="pandas", rows=rows)
                for name, scheduler in ways.items():
                    answer = graph.compute(scheduler=scheduler).sort_index().tolist()
                    if not close(answer, expected, rtol=1e-9).ok:
                        raise ValueError(f"{name}: another answer than NumPy's")
                    seconds = orders.seconds_of(
                        lambda paths=paths, scheduler=scheduler: question(paths).compute(scheduler=scheduler)
                    )
                    ex.report("question", seconds, unit="s", label=f"Dask, {name}", engine=name, rows=rows)
                    ex.report("over-pandas", seconds / alone, unit="×", engine=name, rows=rows)
                    ex.report("revenue", sum(answer), better="higher", engine=name, rows=rows)
            finally:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
