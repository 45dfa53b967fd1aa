# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "operations"
# title = "Silent decay: what a drift monitor sees, and what it does not"
# devices = ["cpu"]
# claims = ["models-degrade-silently"]
# budget_seconds = 30
# ///
"""Accuracy and alarms of a linear model while its stream changes in four ways, and how long a change stays unnoticed.

The model learns a rule on eight features, of which the label depends on two. Then
- nothing changes;
- a feature that means nothing to the label shifts (`harmless`);
- the features shift to where the rule that was learnt is wrong (`inputs`);
- the rule turns, while the features keep their distribution (`rule`).

Two monitors watch. One compares each feature of a window with the training data by the largest distance of the
distributions (Kolmogorov and Smirnov), at one false alarm in twenty windows for all eight together. The other gets the
labels, and sums the evidence of errors (CUSUM). Theory says about how long the second takes: the logarithm of the
evidence asked for, over the evidence that one sample brings on average (the divergence of the two error rates).

This is a simulation with fixed seeds: it times one thing only, a window's test. Caveats. Normal, independent
features and abrupt changes are the easy case. Labels are at hand at once; where they come later, their delay is added.
"""

# %%
import math

import numpy as np

from stackdoc import close, example

ex = example()
FEATURES, WINDOW, WINDOWS, ALARM = 8, 500, 60, 0.05


# %% [markdown]
# The stream: two features decide, by a rule with a bend that a linear model can't follow everywhere.


# %%
def stream(count: int, change: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.standard_normal((count, FEATURES))
    if change == "harmless":
        features[:, 7] += 1.0
    if change == "inputs":
        features[:, 1] += 1.5
    turn = 1.0 if change == "rule" else 0.0
    first, second = features[:, 0], features[:, 1]
    score = first + second * (1 - 2 * turn) - 0.6 * np.maximum(second, 0) ** 2 + 0.25
    return features, score + 0.3 * random.standard_normal(count) > 0


def with_one(features: np.ndarray) -> np.ndarray:
    return np.hstack([features, np.ones((len(features), 1))])


training, labels = stream(4000, "nothing", seed=1)
weights, *_ = np.linalg.lstsq(with_one(training), labels - 0.5, rcond=None)


def wrong(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return (with_one(features) @ weights > 0) != labels


# %% [markdown]
# The monitor of inputs: the largest distance of two distributions, for each feature of a window.

# %%
known = np.sort(training, axis=0)
steps = np.arange(1, WINDOW + 1)[:, None] / WINDOW


def distances(window: np.ndarray) -> np.ndarray:
    ordered = np.sort(window, axis=0)
    expected = np.stack([np.searchsorted(known[:, k], ordered[:, k]) for k in range(FEATURES)], axis=1) / len(known)
    return np.maximum(steps - expected, expected - steps + 1 / WINDOW).max(axis=0)


def threshold(alpha: float) -> float:
    """The distance that a window of the same distribution exceeds with the probability `alpha`."""
    return math.sqrt(-math.log(alpha / 2) / 2 * (1 / WINDOW + 1 / len(known)))


CHANGES = {
    "nothing": "nothing changes",
    "harmless": "a feature without meaning shifts",
    "inputs": "features shift to where the model is wrong",
    "rule": "the rule turns, features stay",
}
errors = {}
for change in ex.sweep("change", [*CHANGES]):
    label = CHANGES[change]
    features, truth = stream(WINDOW * WINDOWS, change, seed=2)
    errors[change] = wrong(features, truth)
    seen = np.stack([distances(window) for window in features.reshape(WINDOWS, WINDOW, FEATURES)])
    ex.report(
        "accuracy", 1 - errors[change].mean(), unit="%", better="higher", label=f"accuracy: {label}", change=change
    )
    ex.report("distance", np.median(seen.max(axis=1)), better="lower", label=f"distance: {label}", change=change)
    together = (seen > threshold(ALARM / FEATURES)).any(axis=1).mean()
    ex.report("alarms", together, unit="%", better="lower", label=f"alarms: {label}", change=change)
    if change == "nothing":
        each = (seen > threshold(ALARM)).any(axis=1).mean()
        ex.report("alarms-uncorrected", each, unit="%", better="lower", label="eight tests at one in twenty each")
        ex.report("alarms-expected", 1 - (1 - ALARM) ** FEATURES, unit="%", better="lower", label="by formula")

# %% [markdown]
# The monitor of errors: evidence for the higher error rate, summed and never below zero. How many samples until it
# exceeds the logarithm of a thousand?

# %%
TRIALS, EVIDENCE = 100, math.log(1000)


def delays(before: float, after: float, longest: int) -> np.ndarray:
    """Samples until the alarm, for each trial, when the error rate rises at the first of them."""
    random = np.random.default_rng(3)
    failed = random.random((TRIALS, longest)) < after
    walk = np.cumsum(np.where(failed, math.log(after / before), math.log((1 - after) / (1 - before))), axis=1)
    lowest = np.minimum.accumulate(np.minimum(walk, 0), axis=1)
    over = walk - lowest > EVIDENCE
    return np.where(over.any(axis=1), over.argmax(axis=1) + 1, longest)


def divergence(after: float, before: float) -> float:
    return after * math.log(after / before) + (1 - after) * math.log((1 - after) / (1 - before))


base = float(errors["nothing"].mean())
for more in ex.sweep("more", [2, 5, 10, 15, 20]):
    after = base + more / 100
    expected = EVIDENCE / divergence(after, base)
    mean = float(delays(base, after, longest=int(4 * expected)).mean())
    ex.report("delay", mean, unit="samples", better="lower", label="simulated", more=more)
    ex.report("delay-expected", expected, unit="samples", better="lower", label="by formula", more=more)

# %% [markdown]
# What watching costs: the test of one window.

# %%
window = stream(WINDOW, "inputs", seed=4)[0]
counted = [max(abs((known[:, k] <= x).mean() - (window[:, k] <= x).mean()) for x in window[:, k]) for k in (0, 1)]
watching = ex.measure(
    "window",
    lambda: distances(window),
    label="all features of one window",
    check=lambda out: close(out[:2], counted, rtol=0.02),
)
ex.report("watching", watching.seconds / WINDOW, unit="s", better="lower", label="for each sample")
