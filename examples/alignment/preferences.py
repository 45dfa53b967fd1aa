# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "alignment"
# title = "An update from preferences: with a reward model, and without"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""One update of a small transformer by PPO and one by DPO, on as many answers of the same length.

PPO draws answers from the policy, scores them with a reward model, compares them with a reference, estimates values
with a fourth model, and trains the policy and the value model. DPO takes pairs of answers that are there already,
compares them with the reference, and trains the policy. Counted in passes over all answers, where a pass with its
gradient is three:

    PPO   generation (1) + policy, reference, reward, value (4) + policy and value in training (6)
    DPO   reference (1) + policy in training (3)

Bytes are those of weights (4 B/parameter), and with gradients and two moments where a model is trained (16). `phase`
times the three parts of PPO apart. DPO is shown to work: `margin` is the mean of the implicit reward of the preferred
answers less that of the others, on pairs that were not trained on.

Caveats. One thread, float32, random weights, one pass over the answers; PPO usually makes several. Generation uses a
cache of keys and values. The optimiser's pass is left out of both. The pairs of DPO were drawn and labelled by
somebody: that work is not in its update. What is preferred here is an answer with more even symbols.
"""

# %%
import time
from collections.abc import Callable

import torch
from torch.nn.functional import gelu, layer_norm, linear, logsigmoid, scaled_dot_product_attention

from stackdoc import Check, example

ex = example()
torch.manual_seed(0)
LAYERS, WIDTH, HEADS, VOCABULARY, PROMPT, ANSWER, BATCH, BETA = 2, 64, 2, 32, 8, 16, 8, 0.1
LENGTH = PROMPT + ANSWER
Cache = list[tuple[torch.Tensor, torch.Tensor]]


# %% [markdown]
# The four models have one architecture; reward and value end in one number instead of scores for each symbol.


# %%
class Decoder:
    """A decoder with pre-normalisation and learnt positions."""

    def __init__(self, outputs: int) -> None:
        shapes = {"symbols": (VOCABULARY, WIDTH), "positions": (LENGTH, WIDTH), "head": (outputs, WIDTH)}
        inner = {"qkv": (3 * WIDTH, WIDTH), "out": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
        shapes |= {f"{name}{layer}": shape for layer in range(LAYERS) for name, shape in inner.items()}
        self.weights = {
            name: (torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5).requires_grad_()
            for name, shape in shapes.items()
        }
        self.passes = 0.0

    def __call__(self, ids: torch.Tensor, cache: Cache | None = None) -> torch.Tensor:
        self.passes += ids.shape[1] / LENGTH
        start = cache[0][0].shape[2] if cache else 0
        at = self.weights
        x = at["symbols"][ids] + at["positions"][start : start + ids.shape[1]]
        for layer in range(LAYERS):
            parts = linear(layer_norm(x, (WIDTH,)), at[f"qkv{layer}"]).chunk(3, -1)
            query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
            if cache is not None:
                if start:
                    key, value = (torch.cat(pair, 2) for pair in zip(cache[layer], (key, value), strict=True))
                    cache[layer] = (key, value)
                else:
                    cache.append((key, value))
            mixed = scaled_dot_product_attention(query, key, value, is_causal=not start)
            x = x + linear(mixed.transpose(1, 2).flatten(2), at[f"out{layer}"])
            x = x + linear(gelu(linear(layer_norm(x, (WIDTH,)), at[f"up{layer}"])), at[f"down{layer}"])
        return linear(layer_norm(x, (WIDTH,)), at["head"])

    @property
    def parameters(self) -> list[torch.Tensor]:
        return list(self.weights.values())


policy, reference, reward, value = Decoder(VOCABULARY), Decoder(VOCABULARY), Decoder(1), Decoder(1)
for name, weight in policy.weights.items():
    reference.weights[name] = weight.detach().clone()


def answer_log_probabilities(model: Decoder, ids: torch.Tensor) -> torch.Tensor:
    scores = model(ids)[:, PROMPT - 1 : -1].log_softmax(2)
    return scores.gather(2, ids[:, PROMPT:, None])[..., 0]


def train(model: Decoder, loss: torch.Tensor) -> torch.Tensor:
    for weight, slope in zip(model.parameters, torch.autograd.grad(loss, model.parameters), strict=True):
        weight.grad = slope
    return loss.detach()


# %% [markdown]
# PPO in three phases. The first ratio is one, so the clipped objective has the gradient of the plain one here.


# %%
@torch.no_grad()
def generate(prompts: torch.Tensor) -> torch.Tensor:
    ids, cache, new = prompts, [], prompts
    while ids.shape[1] < LENGTH:
        drawn = torch.multinomial(policy(new, cache)[:, -1].softmax(1), 1)
        ids, new = torch.cat([ids, drawn], 1), drawn
    return ids


@torch.no_grad()
def score(ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns (each symbol's reward to come) and its advantage over what the value model expected."""
    held = BETA * (answer_log_probabilities(policy, ids) - answer_log_probabilities(reference, ids))
    gained = -held
    gained[:, -1] += reward(ids)[:, -1, 0]
    returns = gained.flip(1).cumsum(1).flip(1)
    return returns, returns - value(ids)[:, PROMPT - 1 : -1, 0]


def learn(ids: torch.Tensor, returns: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    now = answer_log_probabilities(policy, ids)
    ratio = (now - now.detach()).exp()
    clipped = torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages)
    loss = train(policy, -clipped.mean())
    return loss + train(value, (value(ids)[:, PROMPT - 1 : -1, 0] - returns).square().mean())


def ppo(prompts: torch.Tensor) -> torch.Tensor:
    ids = generate(prompts)
    return learn(ids, *score(ids))


# %% [markdown]
# DPO: the policy's log-probability of each answer above the reference's is an implicit reward.


# %%
def margins(ids: torch.Tensor) -> torch.Tensor:
    """Implicit reward of the preferred answers (the first half) less that of the others."""
    with torch.no_grad():
        before = answer_log_probabilities(reference, ids).sum(1)
    risen = answer_log_probabilities(policy, ids).sum(1) - before
    return BETA * (risen[: len(ids) // 2] - risen[len(ids) // 2 :])


def dpo(ids: torch.Tensor) -> torch.Tensor:
    return train(policy, -logsigmoid(margins(ids)).mean())


def preference_pairs(count: int) -> torch.Tensor:
    """Two answers to each prompt, that with more even symbols among the first half of the rows."""
    prompts = torch.randint(VOCABULARY, (count, PROMPT), device=ex.device)
    answers = torch.randint(VOCABULARY, (2, count, ANSWER), device=ex.device)
    swap = (answers[0] % 2).sum(1) > (answers[1] % 2).sum(1)
    answers[:, swap] = answers[:, swap].flip(0)
    return torch.cat([prompts.repeat(2, 1), answers.flatten(0, 1)], 1)


# %% [markdown]
# What each method holds and how often it passes over the answers, counted on one update.

# %%
pairs, prompts = preference_pairs(BATCH // 2), torch.randint(VOCABULARY, (BATCH, PROMPT), device=ex.device)
METHODS = {
    "dpo": (lambda: dpo(pairs), [policy], [reference]),
    "ppo": (lambda: ppo(prompts), [policy, value], [reference, reward]),
}
held, counted = {}, {}
for method, (update, in_training, frozen) in METHODS.items():
    for model in (policy, reference, reward, value):
        model.passes = 0.0
    update()
    used = [model for model in (policy, reference, reward, value) if model.passes]
    if len(used) != len(in_training + frozen):
        raise ValueError(f"{method} used {len(used)} models, and is said to hold {len(in_training + frozen)}")
    numbers = [(16 if model in in_training else 4) * sum(w.numel() for w in model.parameters) for model in used]
    held[method] = sum(numbers)
    ex.report("models", len(used), unit="models", label="models held", method=method)
    ex.report("resident", held[method], unit="B", label="weights, gradients and moments", method=method)
    ex.report(
        "passes",
        sum(model.passes for model in used),
        unit="passes",
        label="forward passes over all answers",
        method=method,
    )
    counted[method] = sum(model.passes for model in used) + 2 * len(in_training)  # a gradient is two passes more
generated = ANSWER - 1 + PROMPT  # positions that pass through the policy while it writes
ex.report("passes-ratio", counted["ppo"] / counted["dpo"], unit="×", label="passes of PPO over DPO, gradients counted")
ex.report("generate-counted", generated / LENGTH / counted["ppo"], unit="%", label="generation in the passes of PPO")
ex.report("resident-ratio", held["ppo"] / held["dpo"], unit="×", label="bytes of PPO over DPO")
alone = 4 * sum(weight.numel() for weight in reward.parameters)
ex.report("reward-model-share", alone / held["ppo"], unit="%", label="reward model in the bytes of PPO")

# %% [markdown]
# The time of an update, and of its phases. Both must give a gradient that is finite.


# %%
def finite(_: torch.Tensor) -> Check:
    wrong = sum(int((~weight.grad.isfinite()).sum()) for weight in policy.parameters)
    return Check("finite gradients", float(wrong), 0.0)


def seconds_of(call: Callable[[], object], calls: int = 5) -> float:
    """The best of some calls: a neighbour can only lengthen one."""
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return min(samples)


timed = {
    method: ex.measure(method, update, label=method.upper(), check=finite) for method, (update, *_) in METHODS.items()
}
ex.ratio("gain", slow=timed["ppo"], fast=timed["dpo"], label="an update of PPO over one of DPO")
ids = generate(prompts)
scored = score(ids)
phases = {"generate": lambda: generate(prompts), "score": lambda: score(ids), "learn": lambda: learn(ids, *scored)}
spent = {phase: seconds_of(call) for phase, call in phases.items()}
for phase, seconds in spent.items():
    ex.report("phase", seconds, unit="s", label=f"PPO: {phase}", phase=phase)
    ex.report("phase-share", seconds / sum(spent.values()), unit="%", label=f"share of PPO: {phase}", phase=phase)
reward_seconds = seconds_of(lambda: reward(ids))
ex.report("reward-pass-share", reward_seconds / sum(spent.values()), unit="%", label="reward model in the time of PPO")

# %% [markdown]
# DPO works: the margin on unseen pairs rises from zero.

# %%
test = preference_pairs(128)
for updates in (0, 30):
    for _ in range(updates):
        dpo(preference_pairs(8))
        with torch.no_grad():
            for weight in policy.parameters:
                weight -= 0.5 * weight.grad
    with torch.no_grad():
        found = margins(test)
    ex.report(
        "margin", float(found.mean()), unit="nat", better="higher", label="margin on unseen pairs", updates=updates
    )
right = float((found > 0).float().mean())
ex.report("ranked-right", right, unit="%", better="higher", label="unseen pairs in the right order after 30 updates")
