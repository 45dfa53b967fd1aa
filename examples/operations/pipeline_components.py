# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "kfp>=2.16"]
# [tool.stackdoc]
# layer = "operations"
# title = "A pipeline of components without a cluster: what each component adds (Kubeflow Pipelines)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# ///
"""The time of a pipeline by its number of components, each of which adds one to a number.

A component of Kubeflow Pipelines is a function that is cut out of its file and runs in a place of its own: a
container on a cluster, and here, with the package's local runner, a process. Its inputs and outputs go through files.
So a component that does nothing still costs the start of an interpreter and the import of the package. In a row

    seconds ≈ fixed + components · seconds of one

with the slope between one and four components predicts more. The pipeline is also compiled, as it would be sent to a
cluster: to a file that names each component and holds its code. Twice the same pipeline has to give the same bytes,
since caches go by them.

Caveats. A cluster adds what its scheduler takes, and an image to fetch; a container starts more slowly than a
process. The processes run in this environment (`use_venv=False`), and the components install nothing: by default each
would install the package again. Times are plain medians, of waiting for processes.
"""

# %%
import contextlib
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from kfp import compiler, dsl, local

from stackdoc import example

ex = example()
logging.disable(logging.WARNING)
place = Path(tempfile.mkdtemp(dir=Path.cwd()))


@dsl.component(base_image="python:3.11", install_kfp_package=False)
def grow(number: int) -> int:
    return number + 1


def chain_of(count: int) -> Any:
    """A pipeline of so many components, one after another."""

    @dsl.pipeline(name=f"chain-of-{count}")
    def chain(start: int) -> int:
        task = grow(number=start)
        for _ in range(count - 1):
            task = grow(number=task.output)
        return task.output

    return chain


# %% [markdown]
# Compiled: the size, and the same bytes twice.

# %%
digests, sizes = [], {}
for count in (1, 8, 8):
    file = place / f"chain-{len(digests)}.yaml"
    began = perf_counter()
    compiler.Compiler().compile(chain_of(count), str(file))
    seconds = perf_counter() - began
    digests.append(hashlib.sha256(file.read_bytes()).hexdigest())
    sizes[count] = file.stat().st_size
if digests[1] != digests[2]:
    raise ValueError("the same pipeline was compiled to other bytes")
ex.report("compile", seconds, unit="s", label="compile eight components")
for count, size in sizes.items():
    ex.report("compiled", size, unit="B", label="the compiled pipeline", components=count)

# %% [markdown]
# Run, each component in a process.

# %%
runs = place / "outputs"
local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=str(runs), raise_on_error=True)


def seconds_of(count: int) -> float:
    pipeline = chain_of(count)
    began = perf_counter()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        result = pipeline(start=10)
    taken = perf_counter() - began
    if result.output != 10 + count:
        raise ValueError(f"{count} components made {result.output} of 10")
    return taken


seconds_of(1)  # the first run finds the files of the package
taken: dict[int, float] = {}
for count in ex.sweep("components", [1, 4, 8, 16], quick=[1, 4, 8]):
    taken[count] = median(seconds_of(count) for _ in range(1 if ex.quick else 2))
    ex.report("run", taken[count], unit="s", label="run the pipeline", components=count)
    if count > 4:
        line = taken[1] + (count - 1) * (taken[4] - taken[1]) / 3
        ex.report("run-expected", line, unit="s", label="by formula", components=count)
ex.report("component", (taken[8] - taken[1]) / 7, unit="s", label="for each component")

# %% [markdown]
# What a component's time is made of: an interpreter that imports the package and ends.


# %%
def start(code: str) -> float:
    began = perf_counter()
    light = {**os.environ, "_KFP_RUNTIME": "true"}  # as the runner sets it: then the package imports less of itself
    subprocess.run([sys.executable, "-c", code], env=light, check=True, stdin=subprocess.DEVNULL)
    return perf_counter() - began


ex.report(
    "import",
    median(start("import kfp.dsl.executor_main") for _ in range(2)),
    unit="s",
    label="an interpreter that imports it",
)
