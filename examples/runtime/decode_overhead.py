# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "One decoder layer for one token: how much of it is launch overhead"
# devices = ["cpu", "cuda"]
# profiles = ["full"]
# data = ["docs/data/laws/runtime.yml"]
# budget_seconds = 60
# ///
"""A decoder layer that generates one token, in eager PyTorch, by the width of the model.

The layer is that of a Llama: two norms, four products for attention over a cache of 128 tokens, and three for the gated
feed-forward block. However narrow it is, it makes the same calls, which `calls` counts as they reach the dispatcher.
So a layer of width 64, whose arithmetic is nothing, shows what the calls take by themselves: `layer` at that width is
their launch overhead, and `each` is the overhead of one.

For every other width the prediction adds the time to read the weights to that overhead. `overhead-share` is the part of
the time that stays when the weights are free. On CUDA `graph` replays the same layer as captured launches, with one
call.

What to take away: an operation costs as much in a narrow model as in a wide one. Overhead is a property of the number
of calls, and its share is decided by how long the device works between two of them.

Caveats. One thread, single precision, one sequence. On a processor the host waits for every operation; on CUDA it runs
ahead, and the times are intervals on the stream.
"""

# %%
import math

import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
on_gpu = ex.device == "cuda"
HEAD, CACHED = 32, 128
WIDTHS = [64, 256, 1024, 4096, 8192] if on_gpu else [64, 128, 256, 512, 1024, 2048]


# %% [markdown]
# **The layer**, with its weights and its cache. The feed-forward block is 2.75 times as wide as the model.


# %%
class Layer:
    def __init__(self, width: int, dtype: torch.dtype = torch.float32) -> None:
        self.heads, hidden = width // HEAD, 11 * width // 4

        def drawn(rows: int, columns: int) -> torch.Tensor:
            return (torch.randn(rows, columns, device=ex.device) / math.sqrt(columns)).to(dtype)

        self.q, self.k, self.v, self.o = (drawn(width, width) for _ in range(4))
        self.gate, self.up, self.down = drawn(hidden, width), drawn(hidden, width), drawn(width, hidden)
        self.norm = torch.ones(width, device=ex.device, dtype=dtype)
        self.keys, self.values = (torch.randn(1, self.heads, CACHED, HEAD, device=ex.device).to(dtype) for _ in "kv")

    def weight_bytes(self) -> int:
        kept = (self.q, self.k, self.v, self.o, self.gate, self.up, self.down, self.keys, self.values)
        return sum(tensor.nbytes for tensor in kept)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        h = F.rms_norm(x, x.shape[-1:], self.norm)
        q, k, v = (F.linear(h, matrix).view(1, self.heads, 1, HEAD) for matrix in (self.q, self.k, self.v))
        keys, values = torch.cat([self.keys, k], 2), torch.cat([self.values, v], 2)
        weights = torch.softmax(q @ keys.transpose(-2, -1) / math.sqrt(HEAD), -1)
        x = x + F.linear((weights @ values).reshape(1, -1), self.o)
        h = F.rms_norm(x, x.shape[-1:], self.norm)
        return x + F.linear(F.silu(F.linear(h, self.gate)) * F.linear(h, self.up), self.down)

    def doubled(self) -> "Layer":
        """The same layer in double precision."""
        other = object.__new__(Layer)
        other.__dict__ = {
            name: value.double() if isinstance(value, torch.Tensor) else value for name, value in self.__dict__.items()
        }
        return other


# %% [markdown]
# **Its calls**, counted below Python, where the dispatcher chooses a kernel. Views move no data but are dispatched.


# %%
class Count(TorchDispatchMode):
    calls = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.calls += 1
        return function(*args, **(kwargs or {}))


with Count() as count:
    Layer(WIDTHS[0])(torch.randn(1, WIDTHS[0], device=ex.device))
ex.report("calls", count.calls, unit="calls", label="calls of one layer")

# %% [markdown]
# **By width.**

# %%
timed = {}
for width in ex.sweep("width", WIDTHS):
    layer, x = Layer(width), torch.randn(1, width, device=ex.device)
    exact, bytes = layer.doubled()(x.double()), layer.weight_bytes()
    bandwidth = ex.roofs.bandwidth(bytes)
    if timed and bandwidth:
        overhead = timed[WIDTHS[0]].seconds / count.calls
        law = "launch-bound-time" if on_gpu else "eager-time"
        seconds = ex.law(law, calls=count.calls, dispatch=overhead, work=bytes / bandwidth)
        ex.predict("layer", seconds=seconds, width=width)
    timed[width] = ex.measure(
        "layer",
        lambda layer=layer, x=x: layer(x),
        work=Work(flop=bytes // 2, bytes=bytes),
        dtype="float32",
        label="one decoder layer, one token",
        check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if on_gpu else 1e-5),
        width=width,
    )
    if width == WIDTHS[0]:
        ex.report("each", timed[width].seconds / count.calls, unit="s", label="overhead of one call")
    else:
        ex.ratio(
            "overhead-share",
            slow=timed[WIDTHS[0]],
            fast=timed[width],
            label="the calls alone over the layer",
            width=width,
        )
    if on_gpu:
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):
            layer(x)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            result = layer(x)

        def replay(graph=graph, result=result) -> torch.Tensor:
            graph.replay()
            return result

        replayed = ex.measure(
            "graph",
            replay,
            label="the same layer, replayed",
            check=lambda out, exact=exact: close(out, exact, rtol=1e-3),
            width=width,
        )
        ex.ratio("capture", slow=timed[width], fast=replayed, label="eager over replayed", width=width)
