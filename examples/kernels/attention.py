# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Attention with and without its matrix of scores"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The same attention in two ways, by the length of the sequence.

`plain` multiplies queries and keys, scales, takes the softmax and multiplies by the values: four operations that
write and read a matrix of scores with as many rows and columns as the sequence is long. `fused` goes over it
block by block and never has more than a block of it. The arithmetic is the same, and so is the result.

On a processor the prediction adds up the products at the arithmetic roof, an exponential for each score, which
`softmax` times by itself, and for the four operations the passes of the scores through memory.

The bytes of the scores are computed beside the times. They say when the matrix stops fitting into a cache, and on an
accelerator they are what runs out first.

Caveats. One thread, single precision, no mask, no gradient. The fused kernel is the one that the framework chooses
where the plain one is excluded. The plain way is four eager operations, which is how attention was written before.
"""

# %%
import math

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
on_gpu = ex.device == "cuda"
HEADS, DEPTH = (16, 64) if on_gpu else (1, 64)
FUSED = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]

# %%


def plain(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    scores = q @ k.transpose(-2, -1)
    scores = scores * (1 / math.sqrt(DEPTH))
    return torch.softmax(scores, -1) @ v


def fused(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v)


# %% [markdown]
# **What the softmax takes**, in operations and not in bytes: an exponential for each score. It is timed on a block of
# scores that a near cache holds.

# %%
BLOCK = 128
block = torch.randn(BLOCK, BLOCK, device=ex.device)
softmax = ex.measure(
    "softmax",
    lambda: torch.softmax(block, -1),
    label="softmax of a block of scores",
    dtype="float32",
    check=lambda out: close(out, torch.softmax(block.double(), -1), rtol=1e-5),
)
exponential = softmax.seconds / BLOCK**2  # for each score

# %% [markdown]
# The products of both ways bound them together with the exponentials; `plain` also passes the scores through memory,
# one operation after the other. The bytes of `plain` count what its four operations read and write; those of `fused`
# its operands and its result.

# %%
lengths, quick_lengths = ([1024, 4096, 8192], [1024, 4096]) if on_gpu else ([128, 256, 512, 1024, 2048], [128, 1024])
for length in ex.sweep("length", lengths, quick=quick_lengths):
    q, k, v = (torch.randn(1, HEADS, length, DEPTH, device=ex.device) for _ in range(3))
    exact = plain(q.double(), k.double(), v.double())
    scores, operand = 4 * HEADS * length**2, 4 * q.numel()
    flop = 4 * HEADS * length**2 * DEPTH
    moved = {"plain": 6 * scores + 4 * operand, "fused": 4 * operand}
    ways = {}
    for name, way in {"plain": plain, "fused": fused}.items():
        arithmetic = ex.roofs.time(flop=flop, dtype="float32")
        traffic = ex.roofs.time(bytes=moved[name], working_set=2 * scores if name == "plain" else moved[name])
        if arithmetic and traffic:
            seconds = arithmetic + HEADS * length**2 * exponential + (traffic if name == "plain" else 0)
            formula = "FLOP / GEMM roof + exponentials" + " + bytes / bandwidth" * (name == "plain")
            if on_gpu:  # where exponentials and products have units of their own
                seconds, formula = max(arithmetic, traffic), "max(FLOP / GEMM roof, bytes / bandwidth)"
            ex.predict(name, length=length, seconds=seconds, formula=formula)
        with sdpa_kernel(FUSED):
            ways[name] = ex.measure(
                name,
                lambda way=way, q=q, k=k, v=v: way(q, k, v),
                length=length,
                work=Work(flop=flop, bytes=moved[name]),
                dtype="float32",
                label={"plain": "four operations", "fused": "one kernel"}[name],
                check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if on_gpu else 1e-5),
            )
    ex.report("scores", scores, unit="B", better="lower", label="matrix of scores", length=length)
    ex.report("bytes-saved", moved["plain"] / moved["fused"], unit="×", better="higher", length=length)
    ex.ratio("fusion", slow=ways["plain"], fast=ways["fused"], label="four operations over one kernel", length=length)
