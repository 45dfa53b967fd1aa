# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "alignment"
# title = "Capability against alignment: what preference tuning gains and what it costs"
# devices = ["cpu", "cuda"]
# claims = ["alignment-costs-capability"]
# budget_seconds = 60
# ///
"""A small policy tuned on preferences by DPO, further and further from its base, with all that matters known exactly.

The policy is a table: for each of 64 prompts the probabilities of 32 answers. A true reward is given to every answer,
and pairs of answers drawn from the base are labelled by it, with the errors of the Bradley-Terry model. DPO learns
from the pairs alone. Its parameter beta says how strongly it holds on to the base. After tuning these are computed
over all answers, without sampling:

    gain       the mean true reward, above that of the base (in standard deviations of the reward)
    distance   the KL divergence of the tuned policy from the base
    forgetting what the loss on the base's own answers rises by: the KL divergence the other way
    chosen     what the log-probability of the preferred answers rose by, in the mean over the pairs
    frontier   the most reward that any policy can have at the same distance, from the closed form

The frontier only rises. What lies between it and the gain is the error of having learnt from few pairs with errors.

Caveats. A table shares nothing between prompts, so it has no capability to lose but that of giving the base's
answers; forgetting of other tasks, which is what the published tax means, is not in it. One draw of everything, the
same in every launch. The number of steps is fixed: fewer steps act like a larger beta.
"""

# %%
import torch
from torch.nn.functional import logsigmoid
from torch.optim.adamw import adamw

from stackdoc import example

ex = example()
generator = torch.Generator().manual_seed(0)
PROMPTS, ANSWERS, STEPS = 64, 32, 200
RATES = {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
BETAS = list(ex.sweep("beta", [10, 3, 1, 0.3, 0.1, 0.03]))
base = torch.randn(PROMPTS, ANSWERS, generator=generator).log_softmax(1)
reward = torch.randn(PROMPTS, ANSWERS, generator=generator)


# %% [markdown]
# Pairs: two answers of the base to a prompt, the first the one that was preferred.


# %%
def labelled_pairs(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    prompts = torch.randint(PROMPTS, (count,), generator=generator)
    one, other = torch.multinomial(base[prompts].exp(), 2, generator=generator).unbind(1)
    preferred = torch.sigmoid(reward[prompts, one] - reward[prompts, other])
    first = torch.rand(count, generator=generator) < preferred
    return prompts, torch.where(first, one, other), torch.where(first, other, one)


def tuned(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities of the policies tuned with each beta; and the mean rise of those of the preferred answers."""
    prompts, chosen, rejected = (part.to(ex.device) for part in labelled_pairs(count))
    start = base.to(ex.device)
    scores = start.repeat(len(BETAS), 1, 1).requires_grad_()
    beta = torch.tensor(BETAS, device=ex.device)[:, None]
    means, squares, steps = [torch.zeros_like(scores)], [torch.zeros_like(scores)], [torch.zeros((), device=ex.device)]
    for _ in range(STEPS):
        ratio = scores.log_softmax(2) - start
        margin = beta * (ratio[:, prompts, chosen] - ratio[:, prompts, rejected])
        # Adam takes no notice of the scale of a loss, so that every beta has steps of one size.
        slopes = list(torch.autograd.grad(-logsigmoid(margin).mean(1).sum(), [scores]))
        with torch.no_grad():
            adamw([scores], slopes, means, squares, [], steps, fused=True, amsgrad=False, maximize=False, **RATES)
    policies = scores.detach().log_softmax(2)
    return policies.cpu(), (policies - start)[:, prompts, chosen].mean(1).cpu()


# %% [markdown]
# The frontier: policies in proportion to base · exp(reward / beta) have the most reward at their distance.


# %%
def reward_of(policy: torch.Tensor) -> torch.Tensor:
    return (policy.exp() * reward).sum(-1).mean(-1)


def distance_of(policy: torch.Tensor) -> torch.Tensor:
    return (policy.exp() * (policy - base)).sum(-1).mean(-1)


pressure = torch.logspace(-2, 2, 400)[:, None, None]
best = (base + pressure * reward).log_softmax(2)
best_distance, best_gain = distance_of(best), reward_of(best) - reward_of(base)


def frontier(distance: float) -> float:
    """Most reward above the base at a distance (nats), between the nearest policies that were computed."""
    index = int(torch.searchsorted(best_distance, distance).clamp(1, len(best_distance) - 1))
    (x0, x1), (y0, y1) = best_distance[index - 1 : index + 1].tolist(), best_gain[index - 1 : index + 1].tolist()
    return y0 + (y1 - y0) * min(max((distance - x0) / (x1 - x0), 0.0), 1.0)


# %%
for pairs in ex.sweep("pairs", [1024, 16384]):
    gains, forgettings = [], []
    for beta, policy, chosen in zip(BETAS, *tuned(pairs), strict=True):
        place = {"beta": beta, "pairs": pairs}
        gains.append(float(reward_of(policy) - reward_of(base)))
        forgettings.append(float((base.exp() * (base - policy)).sum(1).mean()))
        distance = float(distance_of(policy))
        ex.report("gain", gains[-1], better="higher", label="reward gained", **place)
        ex.report("distance", distance, unit="nat", label="distance from the base", **place)
        ex.report("forgetting", forgettings[-1], unit="nat", label="loss added on the base's answers", **place)
        ex.report("chosen", float(chosen), unit="nat", label="log-probability of preferred answers, risen by", **place)
        ex.report("frontier", frontier(distance), better="higher", label="most reward at this distance", **place)
    top = max(range(len(BETAS)), key=gains.__getitem__)
    ex.report("best-beta", BETAS[top], label="beta of the most reward", pairs=pairs)
    ex.report("best-gain", gains[top], better="higher", label="most reward gained", pairs=pairs)
    ex.report(
        "wasted-gain",
        gains[-1] - gains[top],
        better="higher",
        label="reward at the least beta, less the most",
        pairs=pairs,
    )
    ex.report(
        "wasted-loss",
        forgettings[-1] - forgettings[top],
        unit="nat",
        label="loss added beyond the best beta",
        pairs=pairs,
    )
