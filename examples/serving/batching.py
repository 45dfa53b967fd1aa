# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "serving"
# title = "Batching: tokens per second against time per step"
# devices = ["cpu", "cuda"]
# claims = ["generation-is-memory-bound", "batching-raises-throughput", "batching-raises-latency"]
# budget_seconds = 60
# ///
"""One decoding step of a small transformer for 1 to 64 sequences at once.

Each step reads the weights once, however many sequences share it, and each sequence's own keys and values.
So the step is bound by memory at first and further sequences are almost free; from some batch on it is bound by
arithmetic and every further sequence costs its full share. Between the two lies the knee:

    seconds per step ≥ max((weights + batch × cache) / bandwidth, batch × operations / arithmetic roof)

Caveats. One thread, float32, a fixed context for every sequence, random weights, no scheduler, no queue:
a served request also waits for its batch. The model is far smaller than any in use.
"""

# %%
import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS, VOCABULARY, CONTEXT = 3, 512, 8, 2048, 64


# %% [markdown]
# The model and one step of it: one new token for each sequence, whose earlier keys and values are at hand.


# %%
def weights(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5


embedding = weights(VOCABULARY, WIDTH)
shapes = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
layers = [{name: weights(*shape) for name, shape in shapes.items()} for _ in range(LAYERS)]
Cache = list[tuple[torch.Tensor, torch.Tensor]]


def new_cache(batch: int) -> Cache:
    shape = (batch, HEADS, CONTEXT, WIDTH // HEADS)
    return [(torch.randn(shape, device=ex.device), torch.randn(shape, device=ex.device)) for _ in range(LAYERS)]


def step(ids: torch.Tensor, cache: Cache) -> torch.Tensor:
    """Scores of the next token of every sequence; the newest token takes the last place of the cache."""
    x = embedding[ids]
    for layer, (keys, values) in zip(layers, cache, strict=True):
        parts = linear(layer_norm(x, (WIDTH,)), layer["qkv"]).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (HEADS, -1)) for part in parts)
        keys[:, :, -1], values[:, :, -1] = key, value
        mixed = scaled_dot_product_attention(query[:, :, None], keys, values)
        x = x + linear(mixed.flatten(1), layer["out"])
        x = x + linear(gelu(linear(layer_norm(x, (WIDTH,)), layer["up"])), layer["down"])
    return linear(layer_norm(x, (WIDTH,)), embedding)


# %% [markdown]
# What a step costs by counting, and the batch at which the two bounds meet.

# %%
parameters = LAYERS * 12 * WIDTH * WIDTH + VOCABULARY * WIDTH
cache_bytes = 2 * LAYERS * WIDTH * 4 * CONTEXT
flop = 2 * parameters + 4 * LAYERS * WIDTH * CONTEXT


def step_work(batch: int) -> Work:
    return Work(flop=batch * flop, bytes=4 * parameters + batch * cache_bytes)


def knee() -> float | None:
    """The batch at which arithmetic takes as long as memory; None without roofs, or where they never meet."""
    rate, bandwidth = ex.roofs.flops("float32"), ex.roofs.bandwidth(4 * parameters)
    if not rate or not bandwidth or flop / rate <= cache_bytes / bandwidth:
        return None
    return (4 * parameters / bandwidth) / (flop / rate - cache_bytes / bandwidth)


predicted_knee = knee()
if predicted_knee is not None:
    ex.report("predicted-knee", predicted_knee, unit="sequences", better="lower")

# %% [markdown]
# The first and the last sequence must get the scores that they would get alone.

# %%
with torch.inference_mode():
    ids = torch.randint(VOCABULARY, (64,), device=ex.device)
    first = None
    for batch in ex.sweep("batch", [1, 2, 4, 8, 16, 32, 64], quick=[1, 4, 16]):
        cache = new_cache(batch)
        ends = sorted({0, batch - 1})
        alone = [[(keys[i : i + 1].clone(), values[i : i + 1].clone()) for keys, values in cache] for i in ends]
        expected = torch.cat([step(ids[i : i + 1], kept) for i, kept in zip(ends, alone, strict=True)])
        work = step_work(batch)
        seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype="float32")
        ex.predict("step", batch=batch, seconds=seconds, formula="max(bytes / bandwidth, operations / GEMM roof)")
        timed = ex.measure(
            "step",
            lambda batch=batch, cache=cache: step(ids[:batch], cache),
            batch=batch,
            work=work,
            dtype="float32",
            label="one step",
            check=lambda out, expected=expected, ends=ends: close(out[ends], expected, rtol=1e-4),
        )
        first = first or timed
        ex.report("throughput", batch / timed.seconds, unit="token/s", better="higher", batch=batch)
        if batch > 1:
            gain = batch * first.seconds / timed.seconds
            ex.report("throughput-gain", gain, unit="×", better="higher", batch=batch)
            ex.ratio("latency-cost", slow=timed, fast=first, label="step time over that of one sequence", batch=batch)
