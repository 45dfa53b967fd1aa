# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "PyTorch on three functions, eagerly and through torch.compile"
# environment = "low"
# needs = ["c++"]
# budget_seconds = 180
# shared_scratch = true
# ///
"""A pointwise chain, a network and a tiny network in PyTorch: carried out as written, and compiled.

`jax_compiled` and `tensorflow_compiled` do the same with the same numbers, and all are held against one result in
double precision. `compiled` goes through `torch.compile` with its own compiler, as a user would call it, so the
guards of each call are in it. `first-call` is capture and compilation. It is dear, so the launches of one run share
what the compiler left: the first of them, which is not timed, pays it, and its time is the one reported.

The network is predicted from its products and this machine's rate for them.

Caveats. One thread, inference without gradients, fixed shapes, float32. Alone, the script compiles anew.
"""

# %%
import json
import os
import stat
import tempfile
import time
from pathlib import Path

import torch
from same_functions import EPSILON, NAMES, TOLERANCE, flop, inputs, result
from torch.nn.functional import gelu

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)

# %% [markdown]
# The functions in PyTorch's words.


# %%
def pointwise(x):
    y = gelu(x, approximate="tanh") * 0.5 + x
    y = y - y.mean(dim=1, keepdim=True)
    return y * torch.rsqrt((y * y).mean(dim=1, keepdim=True) + EPSILON)


def network(x, first, first_bias, second, second_bias):
    hidden = gelu(torch.addmm(first_bias, x, first), approximate="tanh")
    return torch.addmm(second_bias, hidden, second)


FUNCTIONS = {"pointwise": pointwise, "network": network, "tiny": network}

# %% [markdown]
# **Compiling.** The compiler keeps what it made in a directory of the run. Where anybody may write nothing is kept.

# %%
kept = Path(tempfile.gettempdir())
if kept.stat().st_mode & stat.S_IWOTH:
    own = tempfile.TemporaryDirectory(prefix="compiled-")
    kept = Path(own.name)
os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(kept / "inductor")


def first_call(name: str, compiled, arguments: list[torch.Tensor]) -> float:
    """Seconds of the first call of all launches, made now or earlier."""
    note = kept / f"{name}.json"
    began = time.perf_counter()
    compiled(*arguments)
    seconds = time.perf_counter() - began
    if not note.exists():
        note.write_text(json.dumps(seconds))
    return json.loads(note.read_text())


# %%
for name in ex.sweep("function", list(NAMES)):
    torch._dynamo.reset()
    arguments = [torch.from_numpy(value) for value in inputs(name)]
    exact = torch.from_numpy(result(name))
    compiled = torch.compile(FUNCTIONS[name], dynamic=False)
    seconds = first_call(name, compiled, arguments)
    ex.report("first-call", seconds, unit="s", label=f"first call of {name}, compiled", function=name)
    ways = {}
    for way, call in {"eager": FUNCTIONS[name], "compiled": compiled}.items():
        if name == "network":
            ex.predict(way, ex.roofs.time(flop=flop(name)), "products / GEMM roof", function=name)
        ways[way] = ex.measure(
            way,
            lambda call=call, arguments=arguments: call(*arguments),
            function=name,
            work=Work(flop=flop(name)) if flop(name) else None,
            dtype="float32",
            label=f"{name}, {way}",
            check=lambda out, exact=exact: close(out, exact, rtol=TOLERANCE),
        )
    ex.ratio("gain", slow=ways["eager"], fast=ways["compiled"], label=f"{name}: eager over compiled", function=name)
