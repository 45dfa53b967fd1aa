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
the share of the time that attention takes, `counted-share` its share of the operations by this formula.

The formula takes half of the comparisons, since the other half is masked. A kernel may compute them all the same and
throw them away. torch's kernel for processors goes through the keys in blocks of 512 and skips a block only when every
key in it is masked. So it computes all comparisons up to 512 tokens, and three quarters at 1024 (`computed`).
`causal` and `full` time the same attention with and without the mask: their ratio must be the share that is computed.

What remains is predicted from the matrix products, each timed alone on inputs of the same shape: those of an attention,
and those with weights of a whole pass. What lies above it is softmax, normalisation and activation function.

Caveats. One thread, one sequence, float32, random weights, no vocabulary. On a device the kernel is another one, and
`computed` is taken to be the half that the mask leaves.
"""

# %%
import time
from collections.abc import Callable

import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS = 2, 192, 3
QUERIES = {768: 256, 192: 64, 1: 32}  # queries a block of the kernel, from this length on
KEYS = 512  # keys a block


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
def attention_by_definition(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool) -> torch.Tensor:
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    hidden = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return (scores.masked_fill(hidden, -torch.inf) if causal else scores).softmax(-1) @ value


def blocks(length: int) -> tuple[int, int, int]:
    """Queries and keys of a block, and how many blocks the kernel computes of a head."""
    rows = min(next(size for least, size in QUERIES.items() if length >= least), length)
    keys = min(KEYS, length)
    return rows, keys, sum(-(-min(first + rows, length) // keys) for first in range(0, length, rows))


def computed_share(length: int) -> float:
    """Comparisons that the kernel computes, of all `length`²; on a device, those that the mask leaves."""
    rows, keys, count = blocks(length)
    return rows * keys * count / length**2 if ex.device == "cpu" else 0.5


# %% [markdown]
# The parts, each alone: the products of queries and keys, and of scores and values, in blocks as the kernel forms them;
# four products with weights for a layer.


# %%
def seconds_of(call: Callable[[], object], calls: int = 15) -> float:
    """The best of some calls: a neighbour can only lengthen one."""
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return min(samples)


def attention_products(heads: torch.Tensor, share: float) -> float:
    """Seconds of both products of all heads, in the kernel's blocks, for a share of all comparisons."""
    length = heads.shape[-2]
    rows, keys, _ = blocks(length)
    query, key, value = heads[0, ..., :rows, :], heads[1, ..., :keys, :], heads[2, ..., :keys, :]
    scores = query @ key.transpose(-1, -2)
    calls = (lambda: query @ key.transpose(-1, -2), lambda: scores @ value)
    return sum(seconds_of(call) for call in calls) * share * length**2 / (rows * keys)


def weight_products(x: torch.Tensor) -> float:
    """Seconds of all products with weights in a pass."""
    wide = torch.randn(len(x), 4 * WIDTH, device=ex.device)
    return LAYERS * sum(
        seconds_of(lambda given=wide if name == "down" else x, weight=weight: linear(given, weight))
        for name, weight in layers[0].items()
    )


# %%
double = [{name: weight.double() for name, weight in layer.items()} for layer in layers]
with torch.inference_mode():
    for length in ex.sweep("length", [64, 128, 256, 512, 1024], quick=[64, 512, 1024]):
        x = torch.randn(length, WIDTH, device=ex.device)
        heads = torch.randn(3, 1, HEADS, length, WIDTH // HEADS, device=ex.device)
        linear_flop, attention_flop = 2 * parameters * length, 2 * LAYERS * WIDTH * length**2
        flop, all_flop = linear_flop + attention_flop, 2 * attention_flop / LAYERS
        computed = computed_share(length)
        timed = {}
        for name, causal, share in (("full", False, 1.0), ("causal", True, computed)):
            expected = attention_by_definition(*heads.double(), causal)
            seconds = attention_products(heads, share)
            ex.predict(name, length=length, seconds=seconds, formula="its products in blocks, timed alone")
            timed[name] = ex.measure(
                name,
                lambda heads=heads, causal=causal: scaled_dot_product_attention(*heads, is_causal=causal),
                length=length,
                work=Work(flop=share * all_flop),
                dtype="float32",
                label="attention of one layer, masked" if causal else "the same, nothing masked",
                check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
            )
        ex.ratio("masked", slow=timed["causal"], fast=timed["full"], label="masked over full", length=length)
        ex.report("computed", computed, unit="%", label="comparisons computed, of all", length=length)
        if ex.quick and length > KEYS:
            continue  # a whole pass of this length is left to full runs
        attention = LAYERS * timed["causal"].seconds
        expected = forward(x.double(), double)
        ex.predict(
            "forward",
            length=length,
            seconds=weight_products(x) + attention,
            formula="products with weights, timed alone, + attention",
        )
        whole = ex.measure(
            "forward",
            lambda x=x: forward(x),
            length=length,
            work=Work(flop=flop),
            dtype="float32",
            label="forward pass",
            check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
        )
        counted = attention_flop / flop
        done = LAYERS * computed * all_flop
        ex.report("attention-share", attention / whole.seconds, unit="%", label="attention, by time", length=length)
        ex.report("counted-share", counted, unit="%", label="attention, by operations", length=length)
        ex.report(
            "computed-counted-share",
            done / (linear_flop + done),
            unit="%",
            label="attention, by operations computed",
            length=length,
        )
        ex.report("time-per-token", whole.seconds / length, unit="s", label="time a token", length=length)
ex.report(
    "even-length", 12 * WIDTH, unit="tokens", better="higher", label="length at which attention is half, by count"
)
