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
# shared_scratch = true
# ///
"""Two chains of pointwise operations and a small network, executed eagerly and compiled.

Eager execution writes every intermediate result to memory and reads it back. A compiler that sees a whole chain reads
its input once and writes its result once, so the saving can be counted in arrays moved. `chain` does nothing but
additions and multiplications, and its time is predicted. `activation` has a sigmoid and a hyperbolic tangent in it,
which cost arithmetic that no fusion saves. `network` spends its time in matrix products that a library does either
way.

The price is reported beside the gain: each compilation, and the number of calls after which the gain has
paid for it. Code is compiled ahead of time, by the compiler behind `torch.compile`, once a run: the first launch,
which is not timed, captures and compiles, and the others load what it left, which takes milliseconds. That is also
the way to ship compiled code to processes that live briefly.

Caveats. One thread, inference only, fixed shapes. A time to compile is that of one compilation a run, with an empty
cache, and has no spread; the first one includes the compiler's own start. Run alone, the script compiles anew.
"""

# %%
import ctypes
import json
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)


# %% [markdown]
# The workloads. The arrays that each line moves, eagerly, stand beside it.


# %%
class Chain(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 0.5  # 2
        y = y + x  # 3
        y = y * x  # 3
        y = y - 1.0  # 2
        y = y * y  # 2
        y = y + x  # 3
        y = y * 0.25  # 2
        return y - x  # 3


class Activation(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate = torch.sigmoid(x)  # 2
        y = x * gate  # 3
        z = torch.tanh(y)  # 2
        return torch.add(y, z, alpha=0.25)  # 3


WIDTH = 256
torch.manual_seed(1)  # weights are part of what is compiled
network = [
    torch.nn.Linear(WIDTH, 4 * WIDTH),
    torch.nn.GELU(),
    torch.nn.Linear(4 * WIDTH, WIDTH),
    torch.nn.LayerNorm(WIDTH),
]
elements = 1 << 18
WORKLOADS = {
    "chain": (Chain(), (elements,), 20),
    "activation": (Activation(), (elements,), 10),
    "network": (torch.nn.Sequential(*network).to(ex.device).eval(), (32, WIDTH), 0),
}

# %% [markdown]
# **Compiling.** The launches of one run share a directory of temporary files that is theirs alone. Where anybody may
# write, as where this script runs alone, code is neither left nor loaded.

# %%
built = Path(tempfile.gettempdir())
if built.stat().st_mode & stat.S_IWOTH:
    own = tempfile.TemporaryDirectory(prefix="compiled-")
    built = Path(own.name)


def compile_once(name: str, module: torch.nn.Module, x: torch.Tensor) -> float:
    """Seconds that capturing and compiling took, now or in the launch that did it."""
    note = built / f"{name}.json"
    if not note.exists():
        started = time.perf_counter()
        program = torch.export.export(module, (x,))
        torch._inductor.aoti_compile_and_package(program, package_path=str(built / f"{name}.pt2"))
        note.write_text(json.dumps(time.perf_counter() - started))
    return json.loads(note.read_text())


def load(name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """What `torch._inductor.aoti_load_package` gives, without the compiler's imports, which take seconds."""
    file = str(built / f"{name}.pt2")
    try:
        loader = torch._C._aoti.AOTIModelPackageLoader(file, "model", False, 1, -1)
    except (AttributeError, TypeError):
        return torch._inductor.aoti_load_package(file)
    return lambda x: loader.boxed_run([x])[0]


# %% [markdown]
# Memory stays with the process, so that handing pages back to the system, which `runtime/fusion` measures, is no part
# of the gain.

# %%
if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
    mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
    mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD

# %%
for name in ex.sweep("workload", list(WORKLOADS), quick=["chain", "network"]):
    module, shape, arrays = WORKLOADS[name]
    x = torch.randn(shape, device=ex.device)
    seconds_to_compile = compile_once(name, module, x)
    ex.report("compile", seconds_to_compile, unit="s", better="lower", label="compiling, once", workload=name)
    reference = module(x)
    ways = {}
    for way, moved in {"eager": arrays, "compiled": 2}.items():
        if name == "chain":
            starts, alive = (8, 4) if way == "eager" else (1, 2)
            seconds = ex.roofs.time(bytes=moved * 4 * elements, working_set=alive * 4 * elements)
            seconds = seconds and seconds + starts * (ex.roofs.dispatch or 0)
            ex.predict(way, workload=name, seconds=seconds, formula=f"{moved} arrays / bandwidth + {starts} × dispatch")
        call = module if way == "eager" else load(name)
        ways[way] = ex.measure(
            way,
            lambda call=call, x=x: call(x),
            workload=name,
            work=Work(bytes=2 * 4 * x.numel()),
            dtype="float32",
            label=f"{name}, {way}",
            check=lambda out, reference=reference: close(out, reference, rtol=1e-5),
        )
    eager, compiled = ways["eager"], ways["compiled"]
    ex.ratio("speed-up", slow=eager, fast=compiled, label=f"eager over compiled, {name}", workload=name)
    saved = eager.seconds - compiled.seconds
    if name == "chain":
        calls = seconds_to_compile / max(saved, 1e-9)
        ex.report("break-even", calls, unit="calls", better="lower", workload=name)
