# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "serving"
# title = "Three ways to a cheaper token, and whether they multiply"
# devices = ["cpu"]
# claims = ["inference-has-much-to-gain", "quantized-tokens-in-milliseconds"]
# budget_seconds = 60
# ///
"""The cost of one more token: without a cache, with one, with shorter weights, in a batch, and with all of it.

Each way attacks one term of the law of decoding. The cache removes arithmetic over the context. Weights of 8 bits
move a quarter of the bytes. A batch reads the weights once for all its sequences. If the ways are independent their
gains multiply. They need not be: after a batch has shared the reading, bytes may no longer limit the step. So what
8 bits gain is measured for one sequence and for sixteen, and `kept` is the share of the product of the gains of 8
bits and of the batch that both together have.

Caveats. One thread, a small transformer with random weights, a context of 64. 8 bits here means weights alone, with
activations in bfloat16. Sixteen requests must be there at once for a batch of sixteen; a cost per token says
nothing of the time that each of them waits.
"""

# %%
from collections.abc import Callable

import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS, VOCABULARY, CONTEXT, BATCH = 2, 384, 6, 2048, 64, 16
SHAPES = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
Multiply = Callable[[torch.Tensor], torch.Tensor]
Cache = list[tuple[torch.Tensor, torch.Tensor]]

# %% [markdown]
# The same weights in two formats, each as a function that multiplies by them.


# %%
def in_float32(weights: torch.Tensor) -> Multiply:
    return lambda x: linear(x, weights)


def in_int8(weights: torch.Tensor) -> Multiply:
    scale = weights.abs().amax(1) / 127
    narrow, scales = (weights / scale[:, None]).round().to(torch.int8), scale.bfloat16()
    return lambda x: torch._weight_int8pack_mm(x.bfloat16(), narrow, scales).float()


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape) / shape[-1] ** 0.5


embedding = drawn(VOCABULARY, WIDTH)
matrices = [{name: drawn(*shape) for name, shape in SHAPES.items()} for _ in range(LAYERS)]


class Model:
    """A decoder; `step` makes scores for one token of each sequence, `whole` for the last of a context."""

    def __init__(self, format: Callable[[torch.Tensor], Multiply]) -> None:
        self.layers = [{name: format(matrix) for name, matrix in layer.items()} for layer in matrices]
        self.head = format(embedding)

    def step(self, ids: torch.Tensor, cache: Cache) -> torch.Tensor:
        x = embedding[ids]
        for layer, (keys, values) in zip(self.layers, cache, strict=True):
            query, key, value = (part.unflatten(-1, (HEADS, -1)) for part in self._parts(layer, x))
            keys[:, :, -1], values[:, :, -1] = key, value
            x = self._rest(layer, x, scaled_dot_product_attention(query[:, :, None], keys, values)[:, :, 0].flatten(1))
        return self.head(layer_norm(x, (WIDTH,)))

    def whole(self, ids: torch.Tensor, cache: Cache | None = None) -> torch.Tensor:
        x = embedding[ids]
        for index, layer in enumerate(self.layers):
            parts = (part.unflatten(-1, (HEADS, -1)).transpose(0, 1)[None] for part in self._parts(layer, x))
            query, key, value = parts
            if cache is not None:
                cache[index][0][:], cache[index][1][:] = key, value
            mixed = scaled_dot_product_attention(query, key, value, is_causal=True)[0].transpose(0, 1).flatten(1)
            x = self._rest(layer, x, mixed)
        return self.head(layer_norm(x[-1:], (WIDTH,)))

    def _parts(self, layer: dict[str, Multiply], x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return layer["qkv"](layer_norm(x, (WIDTH,))).chunk(3, -1)

    def _rest(self, layer: dict[str, Multiply], x: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        x = x + layer["out"](mixed)
        return x + layer["down"](gelu(layer["up"](layer_norm(x, (WIDTH,)))))


# %% [markdown]
# Every way must give the scores of the first one; with 8 bits, nearly.

# %%
parameters = LAYERS * 12 * WIDTH * WIDTH + VOCABULARY * WIDTH
with torch.inference_mode():
    models = {"float32": Model(in_float32), "int8": Model(in_int8)}
    ids = torch.randint(VOCABULARY, (CONTEXT,))
    shape = (BATCH, HEADS, CONTEXT, WIDTH // HEADS)
    cache = [(torch.empty(shape), torch.empty(shape)) for _ in range(LAYERS)]
    expected = models["float32"].whole(ids, cache)
    per_token: dict[tuple[str, int], float] = {}
    flop = 2 * (parameters - VOCABULARY * WIDTH) * CONTEXT + 2 * VOCABULARY * WIDTH
    recomputed = ex.measure(
        "recomputed",
        lambda: models["float32"].whole(ids),
        work=Work(flop=flop, bytes=4 * parameters),
        dtype="float32",
        label="no cache",
        check=lambda out: close(out, expected, rtol=1e-4),
    )
    timed = {}
    for format, size, tolerance in (("float32", 4, 1e-4), ("int8", 1, 0.1)):
        for batch in (1, BATCH):
            last = ids[-1:].expand(batch)
            kept = [(keys[:batch].clone(), values[:batch].clone()) for keys, values in cache]
            want = expected.expand(batch, -1)
            timed[format, batch] = ex.measure(
                "step",
                lambda model=models[format], last=last, kept=kept: model.step(last, kept),
                format=format,
                batch=batch,
                work=Work(flop=2 * parameters * batch, bytes=size * parameters),
                dtype="float32" if format == "float32" else "bfloat16",
                label=f"cache, {format}, batch of {batch}",
                check=lambda out, want=want, tolerance=tolerance: close(out, want, rtol=tolerance),
            )
            per_token[format, batch] = timed[format, batch].seconds / batch

# %% [markdown]
# What a token costs after each way, and what is left of the product of the gains.

# %%
first, alone = recomputed.seconds, per_token["float32", 1]
costs = {"nothing": first, "cache": alone, "cache and 8 bits": per_token["int8", 1]}
costs |= {"cache and batch": per_token["float32", BATCH], "all three": per_token["int8", BATCH]}
for name, cost in costs.items():
    way = name.replace(" ", "-")
    ex.report("cost", cost, unit="s", way=way)
    ex.report("gain", first / cost, unit="×", better="higher", way=way)
bits, batch_gain, both = (alone / cost for cost in list(costs.values())[2:])
ex.report("bits-gain", bits, unit="×", better="higher", batch=1)
ex.report("bits-gain", costs["cache and batch"] / costs["all three"], unit="×", better="higher", batch=BATCH)
ex.report("kept", both / (bits * batch_gain), unit="%", better="higher")
