# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "metaflow>=2.19"]
# [tool.stackdoc]
# layer = "operations"
# title = "A flow that fails and is resumed: which tasks run again (Metaflow)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# ///
"""How many tasks of a flow run when it fails at its last step and is resumed, and what a task costs that does
nothing.

A flow tries several rates side by side (`foreach`), joins what they found, and ends. Each task is a process; what it
sets on `self` is kept as an artifact, under the hash of its content. The join fails the first time. Resumed, the flow
takes over the tasks that were done; only the join and what comes after it run. Each task writes a line to a file when
it really runs, and the lines are counted: with w tasks side by side

    tasks = w + 3, run in all = (1 + w + 1) + 2

The artifact that says which rate won is read back from the store by the client, as a colleague would read it. Then
the time of a run by the number of tasks, one process at a time; a line through two widths predicts a third.

Caveats. Everything is local: no service of metadata, no cluster; then each task starts a container, and its packages
are fetched. The tasks do nothing, so their time is that of an interpreter, the import of the package, and files.
"""

# %%
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from stackdoc import example

ex = example()
place = Path(tempfile.mkdtemp(dir=Path.cwd()))
FLOW = """
import os
from pathlib import Path

from metaflow import FlowSpec, Parameter, step


def note(name):
    with Path("log").open("a") as file:
        file.write(name + "\\n")


class SweepFlow(FlowSpec):
    width = Parameter("width", default=2)

    @step
    def start(self):
        note("start")
        self.rates = [0.1 / 2**number for number in range(self.width)]
        self.next(self.fit, foreach="rates")

    @step
    def fit(self):
        note("fit")
        self.rate = self.input
        self.loss = (self.rate - 0.03) ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        note("join")
        if Path("fault").exists():
            raise ValueError("no disk")
        self.best = min(inputs, key=lambda one: one.loss).rate
        self.next(self.end)

    @step
    def end(self):
        note("end")


if __name__ == "__main__":
    SweepFlow()
"""
(place / "sweep.py").write_text(FLOW, encoding="utf-8")
environment = {
    **os.environ,
    "METAFLOW_DEFAULT_METADATA": "local",
    "METAFLOW_DEFAULT_DATASTORE": "local",
    "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(place),
    "METAFLOW_USER": "somebody",
    "METAFLOW_HOME": str(place / "home"),
}


def flow(*words: str) -> tuple[bool, float]:
    """Whether it went well, and the seconds it took."""
    command = [sys.executable, "sweep.py", "--no-pylint", "--quiet", *words, "--max-workers", "1"]
    began = perf_counter()
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    return done.returncode == 0, perf_counter() - began


def ran() -> list[str]:
    return (place / "log").read_text(encoding="utf-8").split()


def best() -> float:
    """The winning rate, read by the client in a process of its own."""
    code = "import metaflow as m; m.namespace(None); print(m.Flow('SweepFlow').latest_successful_run.data.best)"
    told = subprocess.run([sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, check=True)
    return float(told.stdout)


# %% [markdown]
# The fault, the resumption, and the tasks that ran.

# %%
WIDTH = 3
(place / "fault").touch()
well, _ = flow("run", "--width", str(WIDTH))
first = len(ran())
if well or first != WIDTH + 2:
    raise ValueError(f"{first} tasks ran before the fault")
(place / "fault").unlink()
well, seconds = flow("resume")
again = len(ran()) - first
if not well or best() != 0.025:
    raise ValueError("the resumed flow did not end well")
ex.report("first", first, unit="tasks", label="tasks run until the fault")
ex.report("again", again, unit="tasks", label="tasks run after it")
ex.report("whole", WIDTH + 3, unit="tasks", label="tasks of the flow")
ex.report("resume", seconds, unit="s", label="the resumed run")

# %% [markdown]
# The time by the number of tasks.

# %%
taken: dict[int, float] = {}
for width in ex.sweep("side-by-side", [1, 3, 6, 12], quick=[1, 3, 6]):
    well, taken[width] = flow("run", "--width", str(width))
    if not well or best() != (0.1 if width == 1 else 0.025):
        raise ValueError(f"{width} tasks side by side did not end well")
    ex.report("run", taken[width], unit="s", label="run the flow, one task at a time", tasks=width + 3)
    if width > 3:
        line = taken[1] + (width - 1) * (taken[3] - taken[1]) / 2
        ex.report("run-expected", line, unit="s", label="by formula", tasks=width + 3)
ex.report("task", (taken[6] - taken[1]) / 5, unit="s", label="for each task")
