# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "Eager against compiled, and what compiling costs"
# devices = ["cpu", "cuda"]
# claims = ["compiling-recovers-speed"]
# needs = ["c++"]
# budget_seconds = 180
# launches = 6
# shared_scratch = true
# ///
"""Two chains of pointwise operations and a small network, executed eagerly and through `torch.compile`.

Eager execution writes every intermediate result to memory and reads it back. A compiler that sees a whole
chain reads its input once and writes its result once, so the saving can be counted in arrays moved. `chain`
does nothing but additions and multiplications. `activation` has a sigmoid and a hyperbolic tangent in it, which
cost arithmetic that no fusion saves. `network` spends its time in matrix products that a library does either way.

The price is reported beside the gain: each compilation, and the number of calls after which the gain has
paid for it.

Caveats. One thread, inference only, fixed shapes, the default mode. The very first compilation on a machine also
probes the C++ compiler and builds headers; the launches share those, and only the first, untimed one pays for
them (its output says how much). Nothing else is shared: every launch computes with a constant of its own, so that
no code compiled before can serve it.
"""

# %%
import random
import time
from collections.abc import Callable

import torch

from stackdoc import Work, close, example

ex = example()


# %% [markdown]
# The workloads. The arrays that each line moves, eagerly, stand beside it. `own` is this launch's constant.


# %%
own = random.uniform(0.2, 0.3)


def chain(x: torch.Tensor) -> torch.Tensor:
    y = x * 0.5  # 2
    y = y + x  # 3
    y = y * x  # 3
    y = y - 1.0  # 2
    y = y * y  # 2
    y = y + x  # 3
    y = y * own  # 2
    return y - x  # 3


def activation(x: torch.Tensor) -> torch.Tensor:
    gate = torch.sigmoid(x)  # 2
    y = x * gate  # 3
    z = torch.tanh(y)  # 2
    return torch.add(y, z, alpha=own)  # 3


def network() -> torch.nn.Module:
    width = 256
    layers = [
        torch.nn.Linear(width, 4 * width),
        torch.nn.GELU(),
        torch.nn.Linear(4 * width, width),
        torch.nn.LayerNorm(width, eps=1e-5 * own),
    ]
    return torch.nn.Sequential(*layers).to(ex.device).eval()


# %% [markdown]
# The first call of a compiled function compiles it; the clock runs over that one call.


# %%
def finish() -> None:
    if ex.device == "cuda":
        torch.cuda.synchronize()


def first_call(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> float:
    started = time.perf_counter()
    function(x)
    finish()
    return time.perf_counter() - started


def warm_compiler() -> float:
    return first_call(torch.compile(lambda x: x + 1), torch.randn(8, device=ex.device))


# %%
elements = 1 << 20
model = network()
workloads = {
    "chain": (chain, torch.randn(elements, device=ex.device), 20),
    "activation": (activation, torch.randn(elements, device=ex.device), 10),
    "network": (model, torch.randn(32, 256, device=ex.device), 0),
}
with torch.inference_mode():
    ex.show(f"The first compilation, with an empty cache: {warm_compiler():.0f} s.")
    for name, (function, x, arrays) in workloads.items():
        compiled = torch.compile(function)
        compile_seconds = first_call(compiled, x)
        ex.report("compile", compile_seconds, unit="s", better="lower", workload=name)
        reference = function(x)

        def check(out: torch.Tensor, reference: torch.Tensor = reference) -> object:
            return close(out, reference, rtol=1e-5)

        for way, moved in {"eager": arrays, "compiled": 2}.items():
            if arrays:
                seconds = ex.roofs.time(bytes=moved * 4 * elements, working_set=3 * 4 * elements)
                ex.predict(way, workload=name, seconds=seconds, formula=f"{moved} arrays / triad roof")
        eager_way = ex.measure(
            "eager",
            lambda function=function, x=x: function(x),
            workload=name,
            work=Work(bytes=2 * 4 * x.numel()),
            dtype="float32",
            label=f"{name}, eager",
            check=check,
        )
        compiled_way = ex.measure(
            "compiled",
            lambda compiled=compiled, x=x: compiled(x),
            workload=name,
            work=Work(bytes=2 * 4 * x.numel()),
            dtype="float32",
            label=f"{name}, compiled",
            check=check,
        )
        ex.ratio("speed-up", slow=eager_way, fast=compiled_way, label=f"eager over compiled, {name}", workload=name)
        saved = eager_way.seconds - compiled_way.seconds
        if name == "chain":
            ex.report("break-even", compile_seconds / max(saved, 1e-9), unit="calls", better="lower", workload=name)
