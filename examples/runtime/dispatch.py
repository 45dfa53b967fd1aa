# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "runtime"
# title = "What dispatch costs: one element through Python, NumPy and torch"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The time of an operation whose arithmetic is nothing, layer by layer.

`call` is a Python function that does nothing: what the interpreter takes by itself. `numpy` and `torch` add
two arrays of one element. `in-place` lets torch write into the array it has, so that nothing is allocated, and
`scalar` multiplies by a Python number, which has to become a tensor first. `chain` is a sequence of 200 such
steps, as a model has them; on CUDA `graph` replays the same chain as captured launches, with one call.

It is often said that Python is what makes small operations slow. The first figure says how much of it is Python.

Caveats. One thread. The loop that times adds a fraction of a call to each figure. On CUDA the figures are intervals
between launches on the stream, so the slower of host and device is seen, and `call` and `numpy` are left out.
"""

# %%
import numpy as np
import torch

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
STEPS = 200
one = torch.randn(1, device=ex.device)
twice = 2 * one

# %% [markdown]
# **One operation.**

# %%
timed = {}
if ex.device == "cpu":
    array = one.numpy()
    timed["call"] = ex.measure("call", lambda: None, label="empty Python function")
    timed["numpy"] = ex.measure(
        "numpy", lambda: np.add(array, array), label="NumPy, one element", check=lambda out: close(out, twice)
    )
timed["torch"] = ex.measure(
    "torch", lambda: torch.add(one, one), label="torch, one element", check=lambda out: close(out, twice)
)
target = torch.empty_like(one)
timed["in-place"] = ex.measure(
    "in-place",
    lambda: torch.add(one, one, out=target),
    label="torch, into an existing array",
    check=lambda out: close(out, twice),
)
timed["scalar"] = ex.measure(
    "scalar", lambda: one * 2.0, label="torch, times a Python number", check=lambda out: close(out, twice)
)
if ex.device == "cpu":
    ex.ratio("torch-to-call", slow=timed["torch"], fast=timed["call"], label="torch over an empty Python function")
    ex.ratio("torch-to-numpy", slow=timed["torch"], fast=timed["numpy"], label="torch over NumPy")
ex.ratio("number", slow=timed["scalar"], fast=timed["torch"], label="a Python number over a tensor")


# %% [markdown]
# **A chain.** Two hundred operations, each of which needs the one before.


# %%
def chain(x: torch.Tensor) -> torch.Tensor:
    for _ in range(STEPS):
        x = torch.add(x, one)
    return x


exact = one.double() * (STEPS + 1)
work = Work(flop=STEPS)
ex.predict("chain", seconds=STEPS * timed["torch"].seconds, formula="200 × one addition")
asked = ex.measure(
    "chain", lambda: chain(one), work=work, label="200 operations", check=lambda out: close(out, exact, rtol=1e-4)
)
ex.report("step", asked.seconds / STEPS, unit="s", better="lower", label="one step of the chain")

# %% [markdown]
# **A captured graph** is started once for all of them.

# %%
if ex.device == "cuda":
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        chain(one)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = chain(one)

    def replay() -> torch.Tensor:
        graph.replay()
        return result

    replayed = ex.measure(
        "graph", replay, work=work, label="200 operations, replayed", check=lambda out: close(out, exact, rtol=1e-4)
    )
    ex.ratio("capture", slow=asked, fast=replayed, label="dispatched one by one over replayed")
