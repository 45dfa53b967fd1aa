# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "alignment"
# title = "Low-rank adapters against full tuning"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""A step of training with all weights, and with low-rank adapters beside frozen weights.

An adapter of rank r adds to a weight of w × w numbers two of w × r. Only they have gradients and optimiser state, so
the memory for training falls with their share. The time does not: the forward pass stays, and the backward pass still
leads through every layer but the first. What is left out is the product for the weights' gradient:

    adapters ≥ (2n − 1) / (3n − 1) of full tuning of n layers, in time, as long as products are what takes it

and the optimiser's pass over all parameters, whose time depends on no token. `optimizer-share` is its share of a full
step: what speaks for adapters. `own-share` is what an adapter's step takes beyond the same frozen layers without
adapters: what speaks against. Both shares grow as fewer tokens share a step.

A step is predicted from its parts, each timed alone at the same shape: for full tuning its products and the pass of the
optimiser; for adapters the step of the frozen layers, the products of the adapters and their optimiser's pass.

Caveats. One thread, float32, a stack of four linear layers with a squared loss. The optimiser is fused: one pass.
Activations are counted as the framework saves them.

What an adapter can learn is bounded by its rank. `learnt` trains one on the change of a single matrix, once of rank 4
and once of full rank, and says which share of the change it took up. The bound is the share of the change's largest r
singular values, squared (Eckart and Young).
"""

# %%
import time
from collections.abc import Callable

import torch
from torch.optim.adamw import adamw

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, RANK = 4, 384, 8


# %% [markdown]
# Two stacks of the same weights. The second half of an adapter begins as zeros, so both give the same result.


# %%
class Adapted(torch.nn.Module):
    """A frozen linear layer with an adapter beside it."""

    def __init__(self, frozen: torch.nn.Linear) -> None:
        super().__init__()
        self.frozen = torch.nn.Linear(WIDTH, WIDTH, bias=False).requires_grad_(False)
        self.frozen.weight.copy_(frozen.weight.detach())
        self.down = torch.nn.Linear(WIDTH, RANK, bias=False)
        self.up = torch.nn.Linear(RANK, WIDTH, bias=False)
        torch.nn.init.zeros_(self.up.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.frozen(x) + self.up(self.down(x))


def stack(layers: list[torch.nn.Module]) -> torch.nn.Module:
    return torch.nn.Sequential(*[part for layer in layers for part in (layer, torch.nn.ReLU())]).to(ex.device)


whole = [torch.nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(LAYERS)]
models = {"full": stack(list(whole)), "adapters": stack([Adapted(layer) for layer in whole])}
trained = {name: [p for p in model.parameters() if p.requires_grad] for name, model in models.items()}
moments = {name: [[torch.zeros_like(p) for p in of] for _ in range(2)] for name, of in trained.items()}
steps = {name: [torch.zeros((), device=ex.device) for _ in of] for name, of in trained.items()}


def update(name: str) -> None:
    """A step of Adam, in one pass over parameters, gradients and moments."""
    rates = {"lr": 1e-5, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    of, (means, squares) = trained[name], moments[name]
    with torch.no_grad():
        gradients = [parameter.grad for parameter in of]
        adamw(of, gradients, means, squares, [], steps[name], fused=True, amsgrad=False, maximize=False, **rates)


def step(name: str, x: torch.Tensor) -> torch.Tensor:
    models[name].zero_grad(set_to_none=True)
    loss = models[name](x).square().mean()
    loss.backward()
    update(name)
    return loss.detach()


# %% [markdown]
# What each holds, counted. Activations are the storages that the forward pass saves, weights not among them.


# %%
def saved_bytes(name: str, x: torch.Tensor) -> int:
    own = {parameter.untyped_storage().data_ptr() for parameter in models[name].parameters()}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = models[name](x).square().mean()
    del loss
    return sum(storage.nbytes() for storage in seen.values())


SAMPLED = 64
sample = torch.randn(SAMPLED, WIDTH, device=ex.device)
held = {}
for name, of in trained.items():
    step(name, sample)
    state = sum(moment.nbytes for kind in moments[name] for moment in kind)
    held[name] = {
        "parameters": sum(p.numel() for p in of),
        "training-state": state + sum(p.grad.nbytes for p in of),
        "activations": saved_bytes(name, sample) / SAMPLED,
    }
    for part, number in held[name].items():
        unit = "parameters" if part == "parameters" else "B"
        ex.report(part, number, unit=unit, label=part.replace("-", " "), tuning=name)
for part in held["full"]:
    ex.report(f"{part}-ratio", held["full"][part] / held["adapters"][part], unit="×", better="higher")
share = held["adapters"]["parameters"] / held["full"]["parameters"]
ex.report("trained-share", share, unit="%", label="adapters' share of the parameters")

# %% [markdown]
# The steps. The optimiser is timed alone, on the gradients of the last step; so are the frozen layers without adapters.


# %%
def seconds_of(call: Callable[[], object], calls: int = 15) -> float:
    """The best of some calls: a neighbour can only lengthen one."""
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return min(samples)


def frozen_step(x: torch.Tensor) -> None:
    """Forward, and back to the result of the first layer; no weight has a gradient."""
    out = x
    for layer in models["adapters"]:
        out = layer.frozen(out) if isinstance(layer, Adapted) else layer(out)
        if not out.requires_grad:
            out.requires_grad_()
    out.square().mean().backward()


def product(rows: int, inner: int, columns: int) -> float:
    """Seconds of one matrix product alone."""
    left, right = torch.randn(rows, inner, device=ex.device), torch.randn(inner, columns, device=ex.device)
    return seconds_of(lambda: left @ right)


def full_products(tokens: int) -> float:
    """Forward and for the weights' gradient in all layers, for the input's gradient in all but the first."""
    return (2 * LAYERS - 1) * product(tokens, WIDTH, WIDTH) + LAYERS * product(WIDTH, tokens, WIDTH)


def adapter_products(tokens: int) -> float:
    """The same for both halves of all adapters; the gradient of the first one's input is asked for by nobody."""
    once = product(tokens, WIDTH, RANK) + product(tokens, RANK, WIDTH)
    own = product(RANK, tokens, WIDTH) + product(WIDTH, tokens, RANK)
    return (2 * LAYERS - 1) * once + LAYERS * own


for name in trained:
    step(name, sample)
optimizing, adapters_optimizing = (seconds_of(lambda name=name: update(name)) for name in ("full", "adapters"))
ex.report("optimizer", optimizing, unit="s", label="optimiser's pass over all parameters")
parameters = held["full"]["parameters"]
# Products with whole weights, and with halves of adapters. Nobody asks for the gradient of the input.
WIDE = {"full": 3 * LAYERS - 1, "adapters": 2 * LAYERS - 1}
NARROW = {"full": 0, "adapters": 6 * LAYERS - 1}
for tokens in ex.sweep("tokens", [8, 16, 32, 64, 128, 512], quick=[8, 64]):
    x = torch.randn(tokens, WIDTH, device=ex.device)
    flop = {name: 2 * tokens * WIDTH * (WIDE[name] * WIDTH + NARROW[name] * RANK) for name in models}
    expected = models["adapters"](x).square().mean().detach()
    frozen = seconds_of(lambda x=x: frozen_step(x))
    predicted = {
        "full": (full_products(tokens) + optimizing, f"{WIDE['full']} products and the optimiser's pass, timed alone"),
        "adapters": (
            frozen + adapter_products(tokens) + adapters_optimizing,
            "frozen layers, products of adapters and their optimiser's pass, timed alone",
        ),
    }
    timed = {}
    for name in models:
        ex.predict(name, tokens=tokens, seconds=predicted[name][0], formula=predicted[name][1])
        timed[name] = ex.measure(
            name,
            lambda name=name, x=x: step(name, x),
            tokens=tokens,
            work=Work(flop=flop[name]),
            dtype="float32",
            label="full tuning" if name == "full" else "adapters",
            check=lambda out, name=name, x=x: close(out, models[name](x).square().mean(), rtol=0.05),
        )
    ex.ratio("gain", slow=timed["full"], fast=timed["adapters"], label="full tuning over adapters", tokens=tokens)
    own = 1 - frozen / timed["adapters"].seconds
    ex.report("own-share", own, unit="%", label="adapters themselves in their step", tokens=tokens)
    ex.report(
        "optimizer-share", optimizing / timed["full"].seconds, unit="%", label="optimiser in a full step", tokens=tokens
    )

# %% [markdown]
# What it learns: a change of one matrix, of low rank or of full rank, from inputs and outputs alone.


# %%
def learnt(change: torch.Tensor, updates: int = 150) -> float:
    """Share of the change's squared size that an adapter has taken up."""
    pair = [torch.randn(RANK, len(change), device=ex.device) / len(change) ** 0.5, torch.zeros_like(change[:, :RANK])]
    pair = [part.requires_grad_() for part in pair]
    first, second = ([torch.zeros_like(part) for part in pair] for _ in range(2))
    count = [torch.zeros((), device=ex.device) for _ in pair]
    for update in range(updates):
        rates = {"lr": 0.03 * (1 - update / updates), "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.0}
        x = torch.randn(128, len(change), device=ex.device)
        loss = (x @ pair[0].T @ pair[1].T - x @ change.T).square().mean()
        slopes = list(torch.autograd.grad(loss, pair))
        with torch.no_grad():
            adamw(pair, slopes, first, second, [], count, fused=True, amsgrad=False, maximize=False, **rates)
    left = (pair[1] @ pair[0]).detach() - change
    return 1 - float(left.square().sum() / change.square().sum())


SIZE = 64
for task, rank in (("narrow", 4), ("broad", SIZE)):
    change = (
        torch.randn(SIZE, rank, device=ex.device) @ torch.randn(rank, SIZE, device=ex.device) / (rank * SIZE) ** 0.5
    )
    values = torch.linalg.svdvals(change).square()
    bound = float(values[:RANK].sum() / values.sum())
    ex.report("learnt", learnt(change), unit="%", better="higher", label="share of the change learnt", task=task)
    ex.report("learnable", bound, unit="%", better="higher", label="share that the rank allows", task=task)
