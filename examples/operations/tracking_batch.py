# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "mlflow-skinny>=3", "mlflow>=3"]
# [tool.stackdoc]
# layer = "operations"
# title = "Logging a metric one by one, in a batch, and behind the training's back (MLflow)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# ///
"""What a tracked metric costs the training loop, by the way in which it is sent to MLflow's store.

The store is a SQLite file, what MLflow takes where nothing else is named. One call of `log_metric` is a transaction
of its own; `log_batch` puts many values into one; asynchronous logging puts them in a queue and returns at once. If a
batch costs a fixed part and each value the same, then from the times of 1 and 100 values

    seconds of a batch ≈ fixed + values · seconds of one

predicts other batches. Every value that was sent is read back, in each way; what a queue has not written yet at the
end of a run has to be there after it.

Caveats. A transaction waits for the disk, so times are plain medians, and those of a disk in memory are shorter. A
tracking server adds a request over the network to each call, batch or not. MLflow takes at most a thousand values in
one batch.
"""

# %%
import logging
import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, time_ns

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
logging.disable(logging.INFO)

import mlflow  # noqa: E402  # the variable has to be there first
from mlflow.entities import Metric  # noqa: E402

from stackdoc import example  # noqa: E402

ex = example()
place = Path(tempfile.mkdtemp(dir=Path.cwd()))
began = perf_counter()
mlflow.set_tracking_uri(f"sqlite:///{place}/store.db")
client = mlflow.MlflowClient()
experiment = client.create_experiment("tracking", artifact_location=(place / "artifacts").as_uri())
ex.report("create", perf_counter() - began, unit="s", label="make the store, with its tables")


# %% [markdown]
# Values to log, and what came of them.


# %%
def values(count: int, key: str) -> list[Metric]:
    now = time_ns() // 1_000_000
    return [Metric(key, 1 / (step + 1), now, step) for step in range(count)]


def all_there(run: str, key: str, count: int) -> None:
    found = [one.value for one in client.get_metric_history(run, key)]
    if found != [1 / (step + 1) for step in range(count)]:
        raise ValueError(f"{key}: {len(found)} values of {count} are there")


run = client.create_run(experiment).info.run_id

# %% [markdown]
# One by one.

# %%
ONE_BY_ONE = 40
taken = []
for metric in values(ONE_BY_ONE, "single"):
    began = perf_counter()
    client.log_metric(run, metric.key, metric.value, metric.timestamp, metric.step)
    taken.append(perf_counter() - began)
all_there(run, "single", ONE_BY_ONE)
single = median(taken)
ex.report("single", single, unit="s", label="one value by log_metric")

# %% [markdown]
# In batches.

# %%
batch: dict[int, float] = {}
for count in ex.sweep("values", [1, 10, 100, 300, 1000], quick=[1, 10, 100, 1000]):
    taken = []
    for turn in range(4):
        key = f"batch-{count}-{turn}"
        sent = values(count, key)
        began = perf_counter()
        client.log_batch(run, metrics=sent)
        taken.append(perf_counter() - began)
    all_there(run, key, count)
    batch[count] = median(taken[1:])
    ex.report("batch", batch[count], unit="s", label="one log_batch", values=count)
    ex.report("each", batch[count] / count, unit="s", label="for each value of it", values=count)
    if count > 100:
        line = batch[1] + (count - 1) * (batch[100] - batch[1]) / 99
        ex.report("batch-expected", line, unit="s", label="by formula", values=count)
gain = single / (batch[1000] / 1000)
ex.report("gain", gain, unit="×", better="higher", label="one by one over a batch of 1000, for each value")

# %% [markdown]
# Into a queue, and the wait for it at the end.

# %%
QUEUED = 100
sent = values(QUEUED, "queued")
began = perf_counter()
waiting = [client.log_metric(run, one.key, one.value, one.timestamp, one.step, synchronous=False) for one in sent]
ex.report("queued", (perf_counter() - began) / QUEUED, unit="s", label="put one value into the queue")
began = perf_counter()
for one in waiting:
    one.wait()
ex.report("drained", perf_counter() - began, unit="s", label="wait for 100 queued values")
all_there(run, "queued", QUEUED)
client.set_terminated(run)
ex.report("size", (place / "store.db").stat().st_size, unit="B", label="the store's file")
