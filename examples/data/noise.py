# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "More labels or better labels"
# devices = ["cpu"]
# budget_seconds = 30
# ///
"""A linear classifier learns from labels of which some are wrong; its error is that against the true labels.

Labels are wrong in one of two ways. `random`: each is flipped with the same probability. `systematic`: whatever
lies beyond a threshold in one direction is called positive, as by a careless rule; hardly more than one label in a
hundred is wrong then.

The theory of least squares predicts the error before anything is learnt. With d features, n examples and a share p
of labels flipped at random, the learnt direction misses the true one by an angle whose tangent is

    sqrt((d - 1) · (1 - (1 - 2p)² · 2/π) / (n · (1 - 2p)² · 2/π))

and the error is that angle over π. So random errors cost examples: with k = (1 - 2p)² · 2/π, as many times as
k / (1 - k) falls, nearly six times for a fifth of the labels. The formula knows nothing that more examples could do
against a systematic error, and nothing is predicted there.

Caveats. Features are independent and normal, the truth is linear, the learner is least squares, whose error follows
from its direction without a test set. A large network can also memorise wrong labels, which this one cannot. Twelve
draws are averaged. It counts: the same seeds give any machine the same errors up to rounding. `data/real_labels` flips
the labels of real sentences.
"""

# %%
from math import atan, pi, sqrt

import numpy as np

from stackdoc import example

ex = example()
FEATURES, DRAWS, THRESHOLD = 32, 12, 1.0
truth = np.eye(FEATURES)[0]
rule = (np.eye(FEATURES)[0] + np.eye(FEATURES)[1]) / sqrt(2)


# %%
def predicted(examples: int, noise: float) -> float:
    kept = (1 - 2 * noise) ** 2 * 2 / pi
    return atan(sqrt((FEATURES - 1) * (1 - kept) / (examples * kept))) / pi


def error(features: np.ndarray, labels: np.ndarray) -> float:
    """The share of all points that the learnt direction puts on the wrong side."""
    learnt = np.linalg.solve(features.T @ features, features.T @ labels)
    return float(np.arccos(np.clip(learnt @ truth / np.linalg.norm(learnt), -1, 1)) / pi)


# %% [markdown]
# The same features for every kind of label. Shares of wrong labels in percent.

# %%
RANDOM = (0, 10, 20, 30)
for examples in ex.sweep("examples", [250, 1000, 4000, 16000, 64000], quick=[250, 1000, 4000, 16000]):
    random = np.random.default_rng(examples)
    errors: dict[str, list[float]] = {}
    wrong: list[float] = []
    for _ in range(DRAWS):
        features = random.standard_normal((examples, FEATURES))
        labels = np.sign(features @ truth)
        chance = random.random(examples)
        for noise in RANDOM:
            flipped = np.where(chance < noise / 100, -labels, labels)
            errors.setdefault(f"random-{noise}", []).append(error(features, flipped))
        ruled = np.where(features @ rule > THRESHOLD, 1.0, labels)
        errors.setdefault("systematic", []).append(error(features, ruled))
        wrong.append(float(np.mean(ruled != labels)))
    mean = {kind: float(np.mean(found)) for kind, found in errors.items()}
    for kind, found in mean.items():
        ex.report("error", found, unit="%", label=f"labels wrong: {kind}", labels=kind, examples=examples)
        if kind != "random-0":
            ex.report("error-over-clean", found / mean["random-0"], unit="×", labels=kind, examples=examples)
    for noise in RANDOM:
        expected = predicted(examples, noise / 100)
        ex.report("predicted-error", expected, unit="%", labels=f"random-{noise}", examples=examples)
    ex.report("wrong-labels", float(np.mean(wrong)), unit="%", labels="systematic", examples=examples)
