# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "torch.compile: what breaks a graph, and what is traced again"
# environment = "low"
# ///
"""Four functions are captured by `torch.compile`, without a compiler behind it, and the graphs are counted.

Before anything is compiled, Python must become a graph. TorchDynamo follows the bytecode and writes down the
operations. Where it can't go on, it ends the graph, lets Python take a step, and begins another: a graph break. What
is fused can't cross it. `straight` has none. `printed` prints. `branch` asks a tensor which way to go. `item` takes a
number out of a tensor and adds it; that can be captured where a flag says so, and by default breaks.

Then the second price: what was captured holds under guards. A new shape fails them, and the function is captured again.
The second time the size is taken for a variable, so that ten shapes need two captures, where `fixed` needs one for
each. A number of Python that is an argument does the same. Expected and counted: `captures`.

What a guard costs is paid in every call: `captured` is the same function called through its guards, `plain` called
without them, and their difference is the price of a call that nothing was gained for, since the graph is carried out
as it was written.

Caveats. `backend="eager"` carries the graph out without compiling it, so what is measured is capture alone; for what a
compiler makes of it see `framework/compile`. Counts are those of this version of PyTorch.
"""

# %%
import logging
import time

import torch

from stackdoc import close, example

ex = example()
torch.set_grad_enabled(False)
torch._logging.set_logs(dynamo=logging.ERROR)  # a graph that breaks is what is looked for


# %%
def straight(x: torch.Tensor) -> torch.Tensor:
    return (x.sin() + 1.0).cos() * 2.0


def printed(x: torch.Tensor) -> torch.Tensor:
    y = x.sin() + 1.0
    print(end="")
    return y.cos() * 2.0


def branch(x: torch.Tensor) -> torch.Tensor:
    y = x.sin() + 1.0
    if y.sum() < 0:
        y = -y
    return y.cos() * 2.0


def item(x: torch.Tensor) -> torch.Tensor:
    y = x.sin() + 1.0
    return (y + y[0].item() - y[0]).cos() * 2.0


class Counter:
    """A backend that carries out what it is given, and counts how often it was given something."""

    def __init__(self) -> None:
        self.graphs = 0
        self.operations = 0

    def __call__(self, graph: torch.fx.GraphModule, _: list[torch.Tensor]):
        self.graphs += 1
        self.operations += sum(node.op in ("call_function", "call_method") for node in graph.graph.nodes)
        return graph.forward


# %% [markdown]
# **Breaks.** What each function should give in graphs stands beside it. All give the same numbers as without capture.

# %%
EXPECTED = {"straight": 1, "printed": 2, "branch": 2, "item": 2}
FUNCTIONS = {"straight": straight, "printed": printed, "branch": branch, "item": item}
x = torch.randn(64)
torch.compile(lambda x: x + 1, backend="eager")(x)  # loads the compiler
for name, function in FUNCTIONS.items():
    torch.compiler.reset()
    counter = Counter()
    captured = torch.compile(function, backend=counter)
    began = time.perf_counter()
    out = captured(x)
    seconds = time.perf_counter() - began
    if not torch.equal(out, function(x)):
        raise ArithmeticError(f"{name}: captured and plain differ")
    if counter.graphs != EXPECTED[name]:
        raise ArithmeticError(f"{name}: {counter.graphs} graphs, expected {EXPECTED[name]}")
    ex.report("graphs", counter.graphs, label=f"graphs of {name}", function=name)
    ex.report("capture", seconds, unit="s", label=f"capturing {name}", function=name)

# %% [markdown]
# **Shapes.** The same function for ten lengths, with sizes fixed, and as it is by default.

# %%
for shapes, dynamic in {"fixed": False, "by-default": None}.items():
    torch.compiler.reset()
    counter = Counter()
    with torch._dynamo.config.patch(recompile_limit=20):
        captured = torch.compile(straight, backend=counter, dynamic=dynamic)
        for length in range(10, 20):
            captured(x[:length])
    expected = 2 if dynamic is None else 10
    if counter.graphs != expected:
        raise ArithmeticError(f"ten shapes, {shapes}: {counter.graphs} captures, expected {expected}")
    ex.report("captures", counter.graphs, label=f"of ten shapes, {shapes}", shapes=shapes)

# %% [markdown]
# **Guards**, in every call.

# %%
torch.compiler.reset()
captured = torch.compile(straight, backend="eager")
captured(x)
ways = {}
for name, function in {"plain": straight, "captured": captured}.items():
    ways[name] = ex.measure(
        "call",
        lambda function=function: function(x),
        way=name,
        label=name,
        check=lambda out: close(out, straight(x.double()), rtol=1e-5),
    )
ex.report("guards", ways["captured"].seconds - ways["plain"].seconds, unit="s", label="captured less plain, a call")
