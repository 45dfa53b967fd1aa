# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "encoding"
# title = "What a vocabulary costs: scores for every entry"
# devices = ["cpu", "cuda"]
# claims = ["vocabulary-has-a-price"]
# budget_seconds = 60
# ///
"""The last matrix of a language model gives a score to every entry of the vocabulary, for every token.

For one token the matrix is read once to be used once, so its bytes decide; for many tokens together its arithmetic
does:

    seconds ≥ max((V D + T (V + D)) · 4 B / bandwidth, 2 T V D / GEMM roof)

Training needs the logarithm of a probability besides, one exponential for each score: T · V of them, whatever the
width. It is measured beside the product, since the width at which the product outweighs it is a matter of fact.

Caveats. One thread, float32, a width of 256, random weights. No sampling, no gradients. Models in use are wider,
which makes the product dearer and the exponentials no dearer.
"""

# %%
import torch
from torch.nn.functional import cross_entropy

from stackdoc import Work, close, example

ex = example()
WIDTH, MANY = 256, 32
hidden = torch.randn(MANY, WIDTH, device=ex.device)

# %% [markdown]
# Scores for one token, for many, and the loss of many. A smaller vocabulary is the first rows of a larger one.

# %%
sizes = [2048, 8192, 32768, 131072]
rows = torch.randn(32768 if ex.quick else sizes[-1], WIDTH, device=ex.device) / WIDTH**0.5
timed = {}
with torch.inference_mode():
    for vocabulary in ex.sweep("vocabulary", sizes, quick=[2048, 32768]):
        matrix = rows[:vocabulary]
        ex.report("matrix-bytes", 4 * matrix.numel(), unit="B", vocabulary=vocabulary)
        ex.report("score-bytes", 4 * vocabulary, unit="B", label="scores of one token", vocabulary=vocabulary)
        for tokens in (1, MANY):
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
        scores = hidden @ matrix.T
        right = torch.arange(MANY, device=ex.device)
        expected = cross_entropy(scores.double(), right)
        loss = ex.measure(
            "loss",
            lambda scores=scores, right=right: cross_entropy(scores, right),
            vocabulary=vocabulary,
            tokens=MANY,
            work=Work(flop=3 * scores.numel(), bytes=4 * scores.numel()),
            dtype="float32",
            label="loss of the scores",
            check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
        )
        product = timed[vocabulary, MANY]
        ex.ratio("loss-over-scores", slow=loss, fast=product, label="loss over product", vocabulary=vocabulary)
        if vocabulary > sizes[0]:
            for tokens in (1, MANY):
                slow, fast = timed[vocabulary, tokens], timed[sizes[0], tokens]
                ex.ratio("price", slow=slow, fast=fast, label="over 2048 entries", vocabulary=vocabulary, tokens=tokens)
