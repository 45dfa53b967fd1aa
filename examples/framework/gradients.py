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
"""What a gradient costs: by the framework, by hand, and counted in forward passes.

Counted in operations, the backward pass of a linear layer is two matrix products where the forward pass is one: a
gradient for the weights and one for the input. So a step should cost three forward passes. `price` is what it costs.

The count knows nothing of shapes and memory. So `product` times the three products of a layer by themselves, on as many
weights as the network has, with results allocated anew as in the step; forward pass and step are predicted from them.
`pages` counts the page faults of a step: gradients are allocated in each, and where the allocator has handed
their memory back, every page is cleared again. `step-kept` is the step with an allocator told to keep it.

`by-hand` computes the same gradients by formulas that a person derived, in the same operations, without a graph. What
the framework's step takes longer is the price of not deriving: recording the graph and walking it.

Caveats. One thread; the first layer needs no gradient for its input, which makes the count slightly too high; the
optimiser is not included. Gradients are dropped before each step, so they are allocated anew. The allocator is told
by `mallopt`, which the GNU C library has.
"""

# %%
import ctypes
import resource
import statistics
import time
from collections.abc import Callable

import torch

from stackdoc import Check, Work, close, example

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
# The same gradients by formulas. What a rectifier lets through is where its result is positive.

# %%
linear = [layer for layer in model if isinstance(layer, torch.nn.Linear)]


@torch.no_grad()
def by_hand(x: torch.Tensor) -> list[torch.Tensor]:
    """The gradients of weights and biases, in the order of the parameters."""
    kept = [x]
    for layer in linear:
        kept.append(torch.relu(torch.addmm(layer.bias, kept[-1], layer.weight.t())))
    slope, gradients = kept[-1] * (2 / kept[-1].numel()), []
    for number in reversed(range(LAYERS)):
        slope = slope * (kept[number + 1] > 0)
        gradients += [slope.sum(0), slope.t() @ kept[number]]
        if number:
            slope = slope @ linear[number].weight
    return gradients[::-1]


def distance(x: torch.Tensor) -> Check:
    """Of the framework's gradients from those by hand."""
    step(x)
    pairs = zip(model.parameters(), by_hand(x), strict=True)
    return max((close(parameter.grad, hand, rtol=1e-4) for parameter, hand in pairs), key=lambda check: check.error)


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

# %% [markdown]
# **The products of one layer**: that of the forward pass, the one for the input's gradient, and the one for the
# weights' gradient, which writes as many numbers as there are weights.


# %%
def seconds_of(call: Callable[[], object]) -> float:
    """The median of some calls, each waited for."""
    samples = []
    while len(samples) < 7 or (sum(samples) < 0.03 and len(samples) < 30):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return statistics.median(samples[2:])


def products_of(batch: int) -> dict[str, float]:
    """Seconds of each product of a layer, of which all layers do theirs in turn."""
    xs, slopes = ([torch.randn(batch, WIDTH, device=ex.device) for _ in linear] for _ in range(2))
    weights = [layer.weight.detach() for layer in linear]
    calls = {
        "forward": lambda: [x @ w.t() for x, w in zip(xs, weights, strict=True)],
        "input": lambda: [slope @ w for slope, w in zip(slopes, weights, strict=True)],
        "weights": lambda: [slope.t() @ x for slope, x in zip(slopes, xs, strict=True)],
    }
    return {product: seconds_of(call) / LAYERS for product, call in calls.items()}


def pages(call: Callable[[], object], calls: int = 5) -> float:
    """Page faults of one call."""
    call()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(calls):
        call()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / calls


# %%
SHOWN = 8
steps = {}
for batch in ex.sweep("batch", [1, 8, 32, 128, 256], quick=[8, 32]):
    x = torch.randn(batch, WIDTH, device=ex.device)
    flop = 2 * batch * WIDTH * WIDTH * LAYERS
    weights = 4 * WIDTH * WIDTH * LAYERS
    expected = forward(x)
    products = products_of(batch)
    ex.predict(
        "forward", batch=batch, seconds=LAYERS * products["forward"], formula="its products, timed by themselves"
    )
    alone = ex.measure(
        "forward",
        lambda x=x: forward(x),
        batch=batch,
        work=Work(flop=flop, bytes=weights),
        dtype="float32",
        label="forward",
        check=lambda out, expected=expected: close(out, expected, rtol=1e-5),
    )
    total = LAYERS * sum(products.values())
    ex.predict("step", batch=batch, seconds=total, formula="its products, timed by themselves")
    both = ex.measure(
        "step",
        lambda x=x: step(x),
        batch=batch,
        work=Work(flop=3 * flop, bytes=3 * weights),
        dtype="float32",
        label="forward and backward",
        check=lambda out, expected=expected: close(out, expected, rtol=1e-5),
    )
    hand = ex.measure(
        "by-hand",
        lambda x=x: by_hand(x),
        batch=batch,
        work=Work(flop=3 * flop, bytes=3 * weights),
        dtype="float32",
        label="by formulas",
        check=lambda _, x=x: distance(x),
    )
    steps[batch] = both
    ex.ratio("price", slow=both, fast=alone, label="forward and backward over forward", batch=batch)
    ex.ratio("automatic-to-hand", slow=both, fast=hand, label="by the framework over by hand", batch=batch)
    for product, seconds in products.items() if batch == SHOWN else ():
        ex.report("product", seconds, unit="s", label=f"product: {product}", batch=batch, product=product)
    share = total / both.seconds
    ex.report("products-share", share, unit="%", better="higher", label="products of all layers in a step", batch=batch)
    ex.report("pages", pages(lambda x=x: step(x)), unit="faults", label="page faults of a step", batch=batch)

# %% [markdown]
# **With memory kept**, which on a processor takes the page faults out of the step.

# %%
if ex.device == "cpu":
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD
    x = torch.randn(SHOWN, WIDTH)
    expected = forward(x)
    kept = ex.measure(
        "step-kept",
        lambda: step(x),
        batch=SHOWN,
        dtype="float32",
        label="forward and backward, memory kept",
        check=lambda out: close(out, expected, rtol=1e-5),
    )
    ex.ratio("faults-cost", slow=steps[SHOWN], fast=kept, label="a step over one with memory kept", batch=SHOWN)
