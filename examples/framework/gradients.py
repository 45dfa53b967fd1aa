# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "What automatic gradients cost"
# devices = ["cpu", "cuda"]
# claims = ["gradients-for-free"]
# budget_seconds = 60
# ///
"""The time of a forward pass with its backward pass, over the forward pass alone.

Counted in operations, the backward pass of a linear layer is two matrix products where the forward pass
is one: a gradient for the weights and one for the input. So a step should cost three forward passes. The
count leaves out what the framework adds: it keeps activations, allocates gradients and walks the graph.

`product` takes one layer apart: the same count of operations three times, in three shapes.

Caveats. One thread; the first layer needs no gradient for its input, which makes the count slightly too
high; the optimiser is not included. Gradients are dropped before each step, so they are allocated anew.
"""

# %%
import time
from collections.abc import Callable

import torch

from stackdoc import Work, close, example

ex = example()
WIDTH, LAYERS = 512, 4

# %% [markdown]
# A small multilayer perceptron with a squared loss.

# %%
layers: list[torch.nn.Module] = []
for _ in range(LAYERS):
    layers += [torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU()]
model = torch.nn.Sequential(*layers).to(ex.device)


def forward(x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(x).square().mean()


def step(x: torch.Tensor) -> torch.Tensor:
    model.zero_grad(set_to_none=True)
    loss = model(x).square().mean()
    loss.backward()
    return loss.detach()


# %% [markdown]
# The gradient is checked against a difference quotient along its own direction before anything is timed.


# %%
def directional_slopes(x: torch.Tensor) -> tuple[float, float]:
    """The slope of the loss along its gradient: from the backward pass, and by central difference in float64."""
    double = model.double()
    x = x.double()
    step(x)
    parameters = list(double.parameters())
    gradients = [parameter.grad.clone() for parameter in parameters]
    norm = torch.sqrt(sum(gradient.square().sum() for gradient in gradients))
    losses = []
    for sign in (1, -2):
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter += sign * 1e-4 * gradient / norm
        losses.append(float(forward(x)))
    model.float()
    return float(norm), (losses[0] - losses[1]) / 2e-4


by_backward, by_difference = directional_slopes(torch.randn(8, WIDTH, device=ex.device))
print(f"slope along the gradient: {by_backward:.6f} by backward, {by_difference:.6f} by difference")

# %%
steps: dict[int, float] = {}
for batch in ex.sweep("batch", [1, 8, 32, 256], quick=[8, 32]):
    x = torch.randn(batch, WIDTH, device=ex.device)
    flop = 2 * batch * WIDTH * WIDTH * LAYERS
    weights = 4 * WIDTH * WIDTH * LAYERS
    expected = forward(x)
    seconds = ex.roofs.time(flop=flop, bytes=weights, dtype="float32", working_set=weights)
    ex.predict("forward", batch=batch, seconds=seconds, formula="max(2·weights·batch / GEMM roof, bytes / bandwidth)")
    alone = ex.measure(
        "forward",
        lambda x=x: forward(x),
        batch=batch,
        work=Work(flop=flop, bytes=weights),
        dtype="float32",
        label="forward",
        check=lambda out, expected=expected: close(out, expected, rtol=1e-5),
    )
    ex.predict("step", batch=batch, seconds=seconds and 3 * seconds, formula="three forward passes")
    both = ex.measure(
        "step",
        lambda x=x: step(x),
        batch=batch,
        work=Work(flop=3 * flop, bytes=3 * weights),
        dtype="float32",
        label="forward and backward",
        check=lambda out, expected=expected: close(out, expected, rtol=1e-5),
    )
    steps[batch] = both.seconds
    ex.ratio("price", slow=both, fast=alone, label="forward and backward over forward", batch=batch)

# %% [markdown]
# **Where the time goes.** The three products of one layer by themselves, at a small batch: the one of the forward
# pass, the one for the input's gradient, and the one for the weights' gradient, which writes as many numbers as
# there are weights. Their sum over all layers is a share of the step.


# %%
def seconds_of(call: Callable[[], object], calls: int = 30) -> float:
    """The median of some calls, each waited for."""
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return sorted(samples)[calls // 2]


BATCH = 8
x, slopes = (torch.randn(BATCH, WIDTH, device=ex.device) for _ in range(2))
weights = torch.randn(WIDTH, WIDTH, device=ex.device)
PRODUCTS = {
    "forward": lambda: x @ weights.t(),
    "input": lambda: slopes @ weights,
    "weights": lambda: slopes.t() @ x,
}
products = {product: seconds_of(call) for product, call in PRODUCTS.items()}
for product, seconds in products.items():
    ex.report("product", seconds, unit="s", label=f"product: {product}", batch=BATCH, product=product)
share = LAYERS * sum(products.values()) / steps[BATCH]
ex.report("products-share", share, unit="%", better="higher", label="products of all layers in a step", batch=BATCH)
