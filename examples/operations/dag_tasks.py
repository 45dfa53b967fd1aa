# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "apache-airflow>=3"]
# [tool.stackdoc]
# layer = "operations"
# title = "A task in a graph of tasks, beside its function alone (Airflow)"
# devices = ["cpu"]
# environment = "airflow"
# budget_seconds = 150
# launches = 3
# ///
"""What it costs to make a function a task of Airflow, and what goes through its database with it.

A task is more than its function: its state is written before and after, its result is stored, and what comes after it
is found by looking at the states. `dag.test()` does all of that in one process, without a scheduler. If it is the same
for every task, then from chains of 1 and 3

    seconds of a run ≈ fixed + tasks · seconds of a task

predicts longer ones. The function alone is timed beside it, and the chain must end with the number that the function
gives when it is called as often. What a task returns is stored as text in the database; so a list is handed over in
two ways, as itself and as the path of a file, and the stored bytes are counted. Last, the rows that a run leaves.

Caveats. No scheduler, no workers: those add the time until a task is found and a process for it is started, which is
more than what is seen here. The metadata are a SQLite file on the same machine, good for trying only. Times are
medians on the wall clock, after the first run, which loads most of the library and is reported by itself.
"""

# %%
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

home = Path(tempfile.mkdtemp(dir=Path.cwd()))
shutil.copy(Path(__file__).with_name("dag_steps.py"), home)
os.environ |= {
    "AIRFLOW_HOME": str(home),
    "AIRFLOW__CORE__DAGS_FOLDER": str(home),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
began = perf_counter()
from airflow.utils.db import initdb  # noqa: E402  # the variables have to be there first
from dag_steps import CHAINS, chains, hand_overs, make, step  # noqa: E402

from stackdoc import example  # noqa: E402

ex = example()
ex.report("import", perf_counter() - began, unit="s", label="import what describes tasks")
began = perf_counter()
initdb()
ex.report("create", perf_counter() - began, unit="s", label="make the database, with its tables")


def asked(question: str, *values: str) -> list[Any]:
    """The first column of an answer of the metadata, as anybody may read them."""
    with closing(sqlite3.connect(home / "airflow.db")) as database:
        return [row[0] for row in database.execute(question, values)]


def run(graph: Any, last: str, expected: int) -> float:
    """Seconds of a run that ended well and whose last task returned what is expected."""
    began = perf_counter()
    done = graph.test()
    seconds = perf_counter() - began
    stored = asked(
        "SELECT value FROM xcom WHERE run_id = ? AND task_id = ? AND dag_id = ?", done.run_id, last, graph.dag_id
    )
    if done.state != "success" or [json.loads(str(value)) for value in stored] != [expected]:
        raise ValueError(f"{graph.dag_id}: {done.state}, returned {stored} instead of {expected}")
    return seconds


def chained(count: int) -> int:
    number = 1
    for _ in range(count):
        number = step(number)
    return number


# %% [markdown]
# The function alone, and chains of it.

# %%
ex.measure("alone", lambda: step(1), label="the function alone", check=lambda out: out == chained(1))
ex.report("first", run(chains[1], "step-0", chained(1)), unit="s", label="the first run of a process")
taken: dict[int, float] = {}
for count in ex.sweep("tasks", CHAINS, quick=CHAINS[:3]):
    times = [run(chains[count], f"step-{count - 1}", chained(count)) for _ in range(2 if ex.quick else 5)]
    taken[count] = median(times)
    ex.report("run", taken[count], unit="s", label="run a chain", tasks=count)
    if count > 3:
        line = taken[1] + (count - 1) * (taken[3] - taken[1]) / 2
        ex.report("run-expected", line, unit="s", label="by formula", tasks=count)
ex.report("task", (taken[6] - taken[1]) / 5, unit="s", label="for each task")

# %% [markdown]
# What is handed over, and what is left in the database.


# %%
def rows() -> int:
    tables = asked("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sum(asked(f'SELECT count(*) FROM "{table}"')[0] for table in tables)


before = rows()
run(chains[6], "step-5", chained(6))
ex.report("rows", rows() - before, unit="rows", label="that a run of six tasks leaves in the database")
for (way, length), graph in hand_overs.items():
    seconds = median(run(graph, "take", sum(make(length))) for _ in range(1 if ex.quick else 5))
    ex.report("hand-over", seconds, unit="s", label=f"two tasks, {length} numbers as a {way}", way=way, numbers=length)
    size = asked("SELECT max(length(value)) FROM xcom WHERE dag_id = ? AND task_id = 'give'", graph.dag_id)[0]
    ex.report("stored", size, unit="B", label=f"in the database, {length} numbers as a {way}", way=way, numbers=length)
