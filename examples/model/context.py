# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "model"
# title = "A forward pass by length of context"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The time of a transformer's forward pass over a whole context, and of the attention in it.

Each weight is used once a token: two operations. Attention compares each token with all before it, which adds
operations in proportion to the square of the length:

    operations = 2 · parameters · length + 2 · layers · width · length²

At a length of twelve widths both terms are equal; the second is negligible at a tenth of that. `attention-share` is
the share of the time that the same attention takes by itself, `counted-share` its share of the operations. `rate`
tells how fast each of the two is done, which is why the shares differ.

Caveats. One thread, one sequence, float32, random weights, no vocabulary. The attention is timed alone, on inputs of
the same shape, and multiplied by the layers. Half of the comparisons are masked; the count takes the other half, and
a kernel that computes all of them has a rate of half what it could be.
"""

# %%
import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS = 2, 192, 3


# %%
def weights(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5


SHAPES = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
layers = [{name: weights(*shape) for name, shape in SHAPES.items()} for _ in range(LAYERS)]
parameters = LAYERS * 12 * WIDTH * WIDTH


def forward(x: torch.Tensor, layers: list[dict[str, torch.Tensor]] = layers) -> torch.Tensor:
    for layer in layers:
        parts = linear(layer_norm(x, (WIDTH,)), layer["qkv"]).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(0, 1)[None] for part in parts)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)[0]
        x = x + linear(mixed.transpose(0, 1).flatten(1), layer["out"])
        x = x + linear(gelu(linear(layer_norm(x, (WIDTH,)), layer["up"])), layer["down"])
    return x


# %% [markdown]
# The forward pass is checked against itself in double precision, the attention against its definition.


# %%
def attention_by_definition(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    hidden = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(hidden, -torch.inf).softmax(-1) @ value


double = [{name: weight.double() for name, weight in layer.items()} for layer in layers]
with torch.inference_mode():
    for length in ex.sweep("length", [64, 256, 512, 1024], quick=[64, 512]):
        x = torch.randn(length, WIDTH, device=ex.device)
        linear_flop, attention_flop = 2 * parameters * length, 2 * LAYERS * WIDTH * length**2
        flop = linear_flop + attention_flop
        expected = forward(x.double(), double)
        seconds = ex.roofs.time(flop=flop, dtype="float32")
        ex.predict("forward", length=length, seconds=seconds, formula="operations / GEMM roof")
        whole = ex.measure(
            "forward",
            lambda x=x: forward(x),
            length=length,
            work=Work(flop=flop),
            dtype="float32",
            label="forward pass",
            check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
        )
        heads = torch.randn(3, 1, HEADS, length, WIDTH // HEADS, device=ex.device)
        expected = attention_by_definition(*heads.double())
        seconds = ex.roofs.time(flop=attention_flop / LAYERS, dtype="float32")
        ex.predict("attention", length=length, seconds=seconds, formula="operations / GEMM roof")
        attention = ex.measure(
            "attention",
            lambda heads=heads: scaled_dot_product_attention(*heads, is_causal=True),
            length=length,
            work=Work(flop=attention_flop / LAYERS),
            dtype="float32",
            label="attention of one layer",
            check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
        )
        share = LAYERS * attention.seconds / whole.seconds
        counted = attention_flop / flop
        ex.report("attention-share", share, unit="%", label="attention, by time", length=length)
        ex.report("counted-share", counted, unit="%", label="attention, by operations", length=length)
        ex.report("time-per-token", whole.seconds / length, unit="s", label="time a token", length=length)
        ex.report(
            "share-over-count", share / counted, unit="×", label="share of time over share counted", length=length
        )
ex.report(
    "even-length", 12 * WIDTH, unit="tokens", better="higher", label="length at which attention is half, by count"
)
