# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "model"
# title = "More tokens, lower loss: held-out loss of a tiny model"
# devices = ["cpu", "cuda"]
# claims = ["examples-let-models-generalise"]
# budget_seconds = 60
# ///
"""How well a network predicts the next symbol in contexts it never saw, by the number of examples to learn from.

The symbols come from a source that is known: a random network gives the probabilities of sixteen symbols after each
of 4096 contexts of three. So the least loss that any model can have, the entropy of the source, is known as well, and
so is the excess over it. A test context was in no training set: a table of what followed each context does no better
there than the frequencies of the symbols. What a model gains on such contexts it has understood and not stored.

`spoilt` is the percentage of the training symbols that are replaced by symbols drawn evenly: the same number of
examples, of a lower quality. `slope` is the exponent by which the excess falls with examples, between the fewest and
the most.

Caveats. Two layers, sixteen symbols and two hundred steps of training: the exponent belongs to this source and this
model and to no language. Each loss is a mean over two draws of data and weights, the same in every launch, so there
is no spread between launches. It is the lowest over training, as if stopped in time; that flatters small sets a
little.
"""

# %%
import math

import torch
from torch.nn.functional import one_hot
from torch.optim.adamw import adamw

from stackdoc import example

ex = example()
generator = torch.Generator().manual_seed(0)
SYMBOLS, PLACES, DRAWS, STEPS, BATCH, HELD_OUT = 16, 3, 2, 200, 128, 1024
RATES = {"lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator)


# %% [markdown]
# The source: every context, and the probabilities of what follows. A quarter of the contexts is held out.

# %%
contexts = torch.cartesian_prod(*[torch.arange(SYMBOLS)] * PLACES)
inputs = one_hot(contexts, SYMBOLS).flatten(1).float()
hidden = torch.tanh(inputs @ normal(SYMBOLS * PLACES, 12))
truth = (1.2 * hidden @ normal(12, SYMBOLS)).softmax(1)
order = torch.randperm(len(contexts), generator=generator)
unseen, seen = order[:HELD_OUT], order[HELD_OUT:]
floor = -(truth[unseen] * truth[unseen].log()).sum(1).mean().item()
frequencies = truth[seen].mean(0)
guess = -(truth[unseen] * frequencies.log()).sum(1).mean().item()
ex.report("loss-of-source", floor, unit="nat", label="entropy of the source")
noisy = 0.7 * truth[unseen] + 0.3 / SYMBOLS
learnt_noise = (truth[unseen] * (truth[unseen] / noisy).log()).sum(1).mean().item()
ex.report("excess-of-noise", learnt_noise, unit="nat", label="excess of a model that learnt spoilt symbols perfectly")
ex.report("loss-of-table", guess, unit="nat", label="loss of a table, in contexts it has not seen")


# %% [markdown]
# The models: all sizes of training set and all draws of one noise side by side, as one batched product.


# %%
def training_sets(counts: list[int], noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Contexts and following symbols for every count and draw; the smaller sets are the beginnings of the largest."""
    most = max(counts)
    draws = seen[torch.randint(len(seen), (DRAWS, most), generator=generator)]
    following = torch.multinomial(truth[draws.flatten()], 1, generator=generator).view(DRAWS, most)
    spoilt = torch.rand(DRAWS, most, generator=generator) < noise
    anything = torch.randint(SYMBOLS, (DRAWS, most), generator=generator)
    return draws.repeat(len(counts), 1), torch.where(spoilt, anything, following).repeat(len(counts), 1)


def trained(counts: list[int], noise: float, width: int) -> torch.Tensor:
    """Lowest loss in unseen contexts (nats) for every count: a mean over the draws."""
    draws, following = training_sets(counts, noise)
    models = len(draws)
    limits = torch.tensor(counts).repeat_interleave(DRAWS)[:, None]
    first = (normal(models, SYMBOLS * PLACES, width) / PLACES**0.5).to(ex.device).requires_grad_()
    second = (normal(models, width, SYMBOLS) / width**0.5).to(ex.device).requires_grad_()
    weights = [first, second]
    means, squares = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
    steps = [torch.zeros((), device=ex.device) for _ in weights]
    rows = torch.arange(models)[:, None]
    test, aim = inputs[unseen].to(ex.device), truth[unseen].to(ex.device)
    best = torch.full((models,), math.inf)
    for step in range(1, STEPS + 1):
        picked = torch.randint(2**31, (models, BATCH), generator=generator) % limits
        batch = inputs[draws[rows, picked]].to(ex.device)
        scores = torch.tanh(batch @ first) @ second
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), following[rows, picked].flatten().to(ex.device))
        gradients = list(torch.autograd.grad(models * loss, weights))
        with torch.no_grad():
            adamw(weights, gradients, means, squares, [], steps, fused=True, amsgrad=False, maximize=False, **RATES)
        if step % 40 == 0:
            with torch.no_grad():
                found = -(aim * (torch.tanh(test @ first) @ second).log_softmax(2)).sum(2).mean(1)
            best = torch.minimum(best, found.cpu())
    return best.view(len(counts), DRAWS).mean(1)


# %% [markdown]
# The loss by examples; once with clean data, and once with some of the symbols spoilt.

# %%
COUNTS = list(ex.sweep("examples", [512, 2048, 8192, 32768]))
excesses: dict[int, list[float]] = {}
for spoilt in ex.sweep("spoilt", [0, 30]):
    losses = trained(COUNTS, spoilt / 100, width=32).tolist()
    for count, loss in zip(COUNTS, losses, strict=True):
        place = {"examples": count, "spoilt": spoilt}
        ex.report("loss", loss, unit="nat", label="loss in unseen contexts", **place)
        ex.report("excess", loss - floor, unit="nat", label="loss above the entropy of the source", **place)
        closed = (guess - loss) / (guess - floor)
        ex.report(
            "understood", closed, unit="%", better="higher", label="share of the learnable that was learnt", **place
        )
    excesses[spoilt] = [loss - floor for loss in losses]
    span = math.log(COUNTS[-1] / COUNTS[0])
    slope = math.log((losses[0] - floor) / (losses[-1] - floor)) / span
    ex.report("slope", slope, better="higher", label="exponent of the excess", spoilt=spoilt)
    whole = math.log(losses[0] / losses[-1]) / span
    ex.report("slope-of-loss", whole, better="higher", label="exponent of the loss itself", spoilt=spoilt)

# %% [markdown]
# How much of the excess with spoilt symbols, at the most examples, clean ones leave too, or the noise itself adds.

# %%
most_spoilt, most_clean = (excesses[spoilt][-1] for spoilt in (30, 0))
ex.report(
    "explained",
    (most_clean + learnt_noise) / most_spoilt,
    unit="%",
    label="clean excess and learnt noise, of the whole",
)

# %% [markdown]
# A model that is too small stops gaining: its loss has a floor of its own.

# %%
for width in ex.sweep("width", [2, 8], quick=[2]):
    for count, loss in zip(COUNTS, trained(COUNTS, 0.0, width).tolist(), strict=True):
        ex.report("excess-by-width", loss - floor, unit="nat", label="excess", examples=count, width=width)
