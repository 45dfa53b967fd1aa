# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "ray>=2.40", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "platform"
# title = "Ray: a task, an actor's call, an object that is shared"
# devices = ["cpu"]
# environment = "data"
# budget_seconds = 90
# launches = 3
# ///
"""What it costs to hand a function to another process and have its result back, and to hand it a large array.

A task goes through the scheduler of the node to a worker; a call of an actor goes to the process that the actor
lives in. So work is worth a task only when it takes longer than that. Sixteen tasks that only wait are run on two
cores, with tasks of several lengths:

    efficiency = tasks · length / (cores · seconds),  near  length / (length + seconds of a task)

An array that is put into the store lies in shared memory: whoever gets it maps it, and nothing is copied, so that
the time to get it doesn't grow with its size. It can't be written for that reason.

Caveats. One machine, two cores, no network. Times of the wall clock in other processes, medians of some calls after
one that warms up. The store holds objects of more than 100 KB; smaller ones travel with the message.
"""

# %%
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from statistics import median

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
import numpy as np
import ray

from stackdoc import example

ex = example()
CORES, MEBIBYTE = 2, 1 << 20


@ray.remote
def same(value: object) -> object:
    return value


@ray.remote
def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@ray.remote
class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self) -> int:
        self.count += 1
        return self.count


def seconds_of(call: Callable[[], object], times: int = 7) -> float:
    call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return median(taken)


# %%
place = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # a socket's path may not be long
began = time.perf_counter()
ray.init(
    num_cpus=CORES,
    include_dashboard=False,
    object_store_memory=200 * MEBIBYTE,
    logging_level=logging.ERROR,
    log_to_driver=False,
    _node_ip_address="127.0.0.1",
    _temp_dir=place,
)
ex.report("start", time.perf_counter() - began, unit="s", label="Ray on one machine")
try:
    ray.get([same.remote(number) for number in range(8)])  # the workers start
    one = seconds_of(lambda: ray.get(same.remote(1)), 100)
    ex.report("round-trip", one, unit="s", label="a task and its result", kind="task")
    many = seconds_of(lambda: ray.get([same.remote(number) for number in range(100)])) / 100
    ex.report("of-many", many, unit="s", label="a task of a hundred", kind="task")

    # %% [markdown]
    # An actor keeps its state: it must have counted every call.

    # %%
    counter = Counter.options(num_cpus=0).remote()
    called = seconds_of(lambda: ray.get(counter.add.remote()), 100)
    ex.report("round-trip", called, unit="s", label="a call of an actor", kind="actor")
    if (counted := ray.get(counter.add.remote())) != 102:
        raise ValueError(f"the actor counted {counted} calls of 102")

    # %% [markdown]
    # How long a task must be to be worth it.

    # %%
    tasks = 16
    for length in ex.sweep("milliseconds", [1, 10, 50], quick=[1, 10]):
        seconds = seconds_of(lambda length=length: ray.get([wait.remote(length / 1e3) for _ in range(tasks)]), 3)
        efficiency = tasks * length / 1e3 / (CORES * seconds)
        ex.report("efficiency", efficiency, unit="%", better="higher", milliseconds=length)

    # %% [markdown]
    # An array in the store is mapped, not copied, and comes back as it was.

    # %%
    for size in ex.sweep("mebibytes", [1, 8, 64], quick=[1, 64]):
        array = np.random.default_rng(0).standard_normal(size * MEBIBYTE // 8)
        putting = seconds_of(lambda array=array: ray.put(array), 5)
        reference = ray.put(array)
        ex.report("put", putting, unit="s", label="into the store", mebibytes=size)
        getting = seconds_of(lambda reference=reference: ray.get(reference), 20)
        ex.report("get", getting, unit="s", label="out of it", mebibytes=size)
        back = ray.get(reference)
        if back.flags.writeable or not np.array_equal(back, array):
            raise ValueError("an array in the store is not what was put there, or can be written")
        del back, reference
finally:
    ray.shutdown()
    shutil.rmtree(place, ignore_errors=True)
