# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "economics"
# title = "The price of a token: batch, load, and a machine that is merely busy"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""Hours of this machine for a million tokens, by batch and by load.

One decoding step of a small transformer is timed for several batches. Tokens a second turn into hours for a million
tokens, and hours into money with a price an hour, which is the reader's: the unit of price below is one hour.

A service has no batch to choose. Requests come when they come, and a server takes all that are there into its next
step. So a simulation feeds requests at random to a server whose steps last what was measured. At a tenth of the load
that it could bear, how large a share of the time is it busy, and what does a token cost? A step with one request lasts
nearly as long as one with several, wherever weights rule it, and then a server is busy without being productive.

`products` times the matrix products of a step alone. Their prediction is the bound of the roofs: every weight read
once, every operation at the rate of the best product. The step is predicted from the products. So the first comparison
says what the library's products lose against the machine, and the second what stands between them.

Caveats. A model far smaller than any in use, random weights, a fixed context, one thread; reading of the prompt,
sampling and the network are left out. Every request asks for 48 tokens. Hours of this machine and of another can be
compared with their prices alone.
"""

# %%
import random

import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS, VOCABULARY, CONTEXT = 2, 512, 8, 2048, 64
torch.manual_seed(9)


# %% [markdown]
# The model, and one step of it for a batch of sequences.


# %%
def weights(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5


embedding = weights(VOCABULARY, WIDTH)
SHAPES = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
layers = [{name: weights(*shape) for name, shape in SHAPES.items()} for _ in range(LAYERS)]


def step(ids: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Scores of the next token of every sequence, whose earlier keys and values are given for each layer."""
    x = embedding[ids]
    for number, layer in enumerate(layers):
        query, key, value = (part.unflatten(-1, (HEADS, -1)) for part in linear(norm(x), layer["qkv"]).chunk(3, -1))
        keys[number, :, :, -1], values[number, :, :, -1] = key, value
        mixed = scaled_dot_product_attention(query[:, :, None], keys[number], values[number])
        x = x + linear(mixed.flatten(1), layer["out"])
        x = x + linear(gelu(linear(norm(x), layer["up"])), layer["down"])
    return linear(norm(x), embedding)


def norm(x: torch.Tensor) -> torch.Tensor:
    return layer_norm(x, (WIDTH,))


def products(x: torch.Tensor) -> torch.Tensor:
    """All products with weights of a step, one after the other, each with its own weights."""
    for layer in layers:
        x = linear(linear(x, layer["qkv"])[:, :WIDTH], layer["out"])
        x = linear(linear(x, layer["up"]), layer["down"])
    return linear(x, embedding)


def products_by_rows(x: torch.Tensor) -> torch.Tensor:
    """The same, a sequence at a time."""
    return torch.cat([products(row) for row in x.split(1)])


# %% [markdown]
# Time of a step by batch, and the hours for a million tokens that follow.

# %%
PARAMETERS = LAYERS * 12 * WIDTH * WIDTH + VOCABULARY * WIDTH
CACHE_BYTES = 2 * LAYERS * WIDTH * 4 * CONTEXT
FLOP = 2 * PARAMETERS + 4 * LAYERS * WIDTH * CONTEXT
LARGEST = 32


def hours(tokens_per_second: float) -> float:
    """For a million tokens."""
    return 1e6 / tokens_per_second / 3600


seconds: dict[int, float] = {}
timed = {}
with torch.inference_mode():
    ids = torch.randint(VOCABULARY, (LARGEST,), device=ex.device)
    cache = torch.randn(2, LAYERS, LARGEST, HEADS, CONTEXT, WIDTH // HEADS, device=ex.device)
    expected = torch.cat([step(ids[i : i + 1], *cache[:, :, i : i + 1].clone()) for i in range(LARGEST)])
    for batch in ex.sweep("batch", [1, 2, 4, 8, 16, LARGEST], quick=[1, 2, 8, LARGEST]):
        x = torch.randn(batch, WIDTH, device=ex.device)
        weights_alone = Work(flop=2 * batch * PARAMETERS, bytes=4 * PARAMETERS)
        bound = ex.roofs.time(flop=weights_alone.flop, bytes=weights_alone.bytes, dtype="float32")
        ex.predict("products", seconds=bound, formula="max(bytes / bandwidth, operations / GEMM roof)", batch=batch)
        exact = products_by_rows(x)
        alone = ex.measure(
            "products",
            lambda x=x: products(x),
            work=weights_alone,
            dtype="float32",
            label="its products with weights alone",
            check=lambda out, exact=exact: close(out, exact, rtol=1e-4),
            batch=batch,
        )
        work = Work(flop=batch * FLOP, bytes=4 * PARAMETERS + batch * CACHE_BYTES)
        ex.predict("step", seconds=alone.seconds, formula="its products, timed alone", batch=batch)
        keys, values = cache[:, :, :batch].clone()
        timed[batch] = ex.measure(
            "step",
            lambda batch=batch, keys=keys, values=values: step(ids[:batch], keys, values),
            work=work,
            dtype="float32",
            label="one step",
            check=lambda out, batch=batch: close(out, expected[:batch], rtol=1e-4),
            batch=batch,
        )
        seconds[batch] = timed[batch].seconds
        ex.report("hours", hours(batch / seconds[batch]), unit="h", label="for a million tokens", batch=batch)
        ex.report("tokens", batch / seconds[batch], unit="token/s", better="higher", label="all sequences", batch=batch)
saving = seconds[1] * LARGEST / seconds[LARGEST]
ex.report("saving", saving, unit="×", better="higher", label=f"a token alone over one among {LARGEST}")
ex.ratio("wait", slow=timed[LARGEST], fast=timed[1], label=f"a step of {LARGEST} over a step of one")

# %% [markdown]
# Requests at random, to a server that takes all that are there, up to the largest batch.

# %%
TOKENS, REQUESTS = 48, 600


def step_seconds(batch: int) -> float:
    """Between two measured batches, on the line that joins them."""
    above = min(known for known in seconds if known >= batch)
    below = max(known for known in seconds if known <= batch)
    share = (batch - below) / (above - below) if above > below else 0.0
    return seconds[below] + share * (seconds[above] - seconds[below])


def serve(load: float) -> tuple[float, float, float]:
    """Share of time busy, tokens a second of all time, mean batch of a step; `load` is of the highest throughput."""
    arrivals = random.Random(17)
    between = TOKENS / (load * LARGEST / seconds[LARGEST])
    now = busy = 0.0
    arrived, waiting, steps, done = arrivals.expovariate(1 / between), REQUESTS, 0, 0
    running: list[int] = []
    queued = 0
    while running or queued or waiting:
        if not running and not queued:
            now = max(now, arrived)
        while waiting and arrived <= now:
            queued, waiting = queued + 1, waiting - 1
            arrived += arrivals.expovariate(1 / between)
        admitted = min(queued, LARGEST - len(running))
        running, queued = running + [TOKENS] * admitted, queued - admitted
        lasted = step_seconds(len(running))
        now, busy, steps, done = now + lasted, busy + lasted, steps + 1, done + len(running)
        running = [left - 1 for left in running if left > 1]
    return busy / now, done / now, done / steps


for load in ex.sweep("load", [5, 10, 20, 40, 60, 80]):
    busy, rate, batch = serve(load / 100)
    ex.report("busy", busy, unit="%", better="higher", label="share of time that a step runs", load=load)
    ex.report("mean-batch", batch, unit="sequences", better="higher", label="in a step", load=load)
    over = LARGEST / seconds[LARGEST] / rate
    ex.report("price", over, unit="×", label="a token over one at full load", load=load)
    ex.report("promised", 1 / busy, unit="×", label="what the busy share would suggest", load=load)

# %% [markdown]
# What it would cost at 2 € an hour, and at what use a machine of one's own breaks even with a rented one: its cost
# for an hour, used or not, over the rent. The example takes 1.20 € against 2 €.

# %%
RENT, OWN = 2.0, 1.2
for batch in (1, LARGEST):
    ex.report("euros", RENT * hours(batch / seconds[batch]), unit="€", label="for a million tokens", batch=batch)
ex.report("break-even", OWN / RENT, unit="%", label="share of hours in use at which owning costs as much as renting")
