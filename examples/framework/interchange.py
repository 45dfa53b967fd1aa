# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "safetensors>=0.4"]
# [tool.stackdoc]
# layer = "framework"
# title = "Leaving a framework: weights as tensors, a model as a graph"
# profiles = ["full"]
# budget_seconds = 120
# ///
"""What it takes to carry a model out of the framework that made it: its weights in a file, its computation as a graph.

Weights are written in two formats, five sizes each. `pickle` is PyTorch's own archive, read with `weights_only`.
`safetensors` is a header in JSON and the bytes. Both are read until every byte is in memory of its own; `copy` does as
much within memory, for comparison, and `to-copy` is the time of a format over that. `overhead` is the bytes of a file
that are not weights.

The computation is captured by `torch.export`, which accepts no graph break: the whole function or nothing. `operators`
counts the calls in the graph in PyTorch's vocabulary, and `core` after decomposing them into its small core, which is
what another system has to know. Both graphs must give the numbers of the model.

Caveats. Files are in the page cache, so the disk is not measured. One thread. A small transformer block; large models
have the same operators more often, not others.
"""

# %%
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from stackdoc import close, example

ex = example()
torch.set_grad_enabled(False)
folder = Path(tempfile.mkdtemp())
MIB = 1 << 20
SIZES = [1, 4, 16, 64, 128]  # MiB of weights
TENSORS = 16

# %% [markdown]
# **Weights.** Each set is written twice and read three times: by the two formats, and copied within memory.

# %%
for size in ex.sweep("size", SIZES):
    each = size * MIB // 4 // TENSORS
    weights = {f"layer{index}.weight": torch.randn(each) for index in range(TENSORS)}
    files = {"pickle": folder / f"{size}.pt", "safetensors": folder / f"{size}.safetensors"}
    torch.save(weights, files["pickle"])
    save_file(weights, files["safetensors"])

    def equal(out: dict[str, torch.Tensor], weights: dict[str, torch.Tensor] = weights) -> bool:
        return all(torch.equal(out[name], weights[name]) for name in weights)

    readers = {
        "copy": lambda weights=weights: weights,
        "pickle": lambda path=files["pickle"]: torch.load(path, weights_only=True),
        "safetensors": lambda path=files["safetensors"]: load_file(path),
    }
    ways = {}
    for way, read in readers.items():
        own = way == "pickle"  # what it returns is in memory of its own already; the others are copied there
        ways[way] = ex.measure(
            "read",
            read if own else lambda read=read: {name: tensor.clone() for name, tensor in read().items()},
            inputs=list(weights.values()),
            way=way,
            size=size,
            label=way,
            check=equal,
        )
        if way in files:
            overhead = files[way].stat().st_size - size * MIB
            ex.report("overhead", overhead, unit="B", label=f"bytes beside the weights, {way}", way=way, size=size)
    for way in files:
        ex.ratio("to-copy", slow=ways[way], fast=ways["copy"], label=f"{way} to a copy", way=way, size=size)

# %% [markdown]
# **The computation.** A block of a transformer, exported, and decomposed into core operators.


# %%
class Block(nn.Module):
    def __init__(self, width: int = 64, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        parts = self.mix(self.norm1(x)).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))


torch.manual_seed(0)
model, x = Block().eval(), torch.randn(2, 16, 64)
expected = model(x)
began = time.perf_counter()
exported = torch.export.export(model, (x,))
ex.report("export", time.perf_counter() - began, unit="s", label="exporting the block")
core = exported.run_decompositions()
for name, program in {"operators": exported, "core": core}.items():
    calls = [str(node.target) for node in program.graph.nodes if node.op == "call_function"]
    out = program.module()(x)
    if close(out, expected.double()).error > 1e-4:
        raise ArithmeticError(f"{name}: the graph gives other numbers than the model")
    ex.report(name, len(calls), label=f"calls in the graph, {name}")
    ex.report(f"different-{name}", len(set(calls)), label=f"different operators, {name}")
