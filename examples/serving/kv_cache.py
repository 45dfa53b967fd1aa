# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "serving"
# title = "Time per generated token, with and without a key-value cache"
# devices = ["cpu", "cuda"]
# claims = ["kv-cache-cuts-latency"]
# budget_seconds = 60
# ///
"""One more token from a small transformer, at growing context length.

Without a cache, the model runs over the whole context again for every token. With one, it runs over one
token, and reads the keys and values of the others. The first is arithmetic that grows with the context; the
second is a pass through the weights and the cache, so its lower bound is bytes over bandwidth:

    seconds per token ≥ (weights + keys and values) / bandwidth

Caveats. One thread, one sequence, float32, random weights: the speed of a transformer does not depend on
what it has learnt. The model is small enough for a processor's memory system to matter and far smaller than
any model in use; the shape of the curves carries over, the times do not. Choosing the token is not timed.
"""

# %%
import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS, VOCABULARY, LONGEST = 2, 384, 6, 2048, 512


# %% [markdown]
# The model: a decoder with pre-normalisation, learned positions and tied embeddings.


# %%
def weights(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5


embedding, positions = weights(VOCABULARY, WIDTH), weights(LONGEST, WIDTH)
shapes = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
layers = [{name: weights(*shape) for name, shape in shapes.items()} for _ in range(LAYERS)]
Cache = list[tuple[torch.Tensor, torch.Tensor]]


def heads(x: torch.Tensor) -> torch.Tensor:
    return x.unflatten(-1, (HEADS, -1)).transpose(0, 1)


def next_logits(ids: torch.Tensor, cache: Cache | None = None, start: int = 0) -> torch.Tensor:
    """Scores of the token after `ids`, which stand at position `start` and later."""
    x = embedding[ids] + positions[start : start + len(ids)]
    for index, layer in enumerate(layers):
        query, key, value = (heads(part) for part in linear(layer_norm(x, (WIDTH,)), layer["qkv"]).chunk(3, -1))
        if cache is not None:
            keys, values = cache[index]
            keys[:, start : start + len(ids)], values[:, start : start + len(ids)] = key, value
            key, value = keys[:, : start + len(ids)], values[:, : start + len(ids)]
        mixed = scaled_dot_product_attention(query[None], key[None], value[None], is_causal=len(ids) > 1)[0]
        x = x + linear(mixed.transpose(0, 1).flatten(1), layer["out"])
        x = x + linear(gelu(linear(layer_norm(x, (WIDTH,)), layer["up"])), layer["down"])
    return linear(layer_norm(x[-1], (WIDTH,)), embedding)


def empty_cache() -> Cache:
    shape = (HEADS, LONGEST, WIDTH // HEADS)
    return [(torch.empty(shape, device=ex.device), torch.empty(shape, device=ex.device)) for _ in range(LAYERS)]


# %% [markdown]
# What one token costs, counted before anything runs.

# %%
parameters = LAYERS * 12 * WIDTH * WIDTH + VOCABULARY * WIDTH
ex.report("kv-bytes-per-token", 2 * LAYERS * WIDTH * 4, unit="B", better="lower")
ex.report("weight-bytes", 4 * parameters, unit="B", better="lower")


def cached_work(n: int) -> Work:
    return Work(flop=2 * parameters + 4 * LAYERS * WIDTH * n, bytes=4 * parameters + 2 * LAYERS * WIDTH * 4 * n)


def recomputed_work(n: int) -> Work:
    flop = n * (2 * LAYERS * 12 * WIDTH * WIDTH) + 2 * LAYERS * WIDTH * n * n + 2 * VOCABULARY * WIDTH
    return Work(flop=flop, bytes=4 * parameters)


# %% [markdown]
# Both ways must give the same scores; the cached step is checked against the recomputed one.

# %%
with torch.inference_mode():
    ids = torch.randint(VOCABULARY, (LONGEST,), device=ex.device)
    for n in ex.sweep("n", [32, 64, 128, 256, 512], quick=[32, 128]):
        cache = empty_cache()
        next_logits(ids[: n - 1], cache)
        expected = next_logits(ids[:n])

        def check(out: torch.Tensor, expected: torch.Tensor = expected) -> object:
            return close(out, expected, rtol=1e-4)

        work = cached_work(n)
        seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype="float32")
        ex.predict("cached", n=n, seconds=seconds, formula="(weights + keys and values) / bandwidth")
        cached = ex.measure(
            "cached",
            lambda n=n, cache=cache: next_logits(ids[n - 1 : n], cache, n - 1),
            n=n,
            work=work,
            dtype="float32",
            label="with cache",
            check=check,
        )
        work = recomputed_work(n)
        seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype="float32")
        ex.predict("recomputed", n=n, seconds=seconds, formula="operations / GEMM roof")
        recomputed = ex.measure(
            "recomputed",
            lambda n=n: next_logits(ids[:n]),
            n=n,
            work=work,
            dtype="float32",
            label="without cache",
            check=check,
        )
        ex.ratio("gain", slow=recomputed, fast=cached, label="without over with cache", n=n)
