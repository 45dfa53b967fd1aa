# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "PyTorch: where the time of a training step goes, and what asking costs"
# environment = "low"
# ///
"""One training step of a small network, measured whole, in its parts, and under PyTorch's own profiler.

A step is a forward pass, a backward pass and an update of the weights. Each is measured by itself, and the step is
predicted as their sum. In arithmetic, the backward pass of a layer has two products where the forward pass has one,
so it is predicted to take twice as long; the first layer, which needs no gradient of its input, has one. The update
reads and writes a few arrays for each weight, and multiplies nothing.

The profiler lists every operation that was called. `operations` counts them, and with what one operation costs when it
has nothing to do, `dispatch`, that says what part of the step is asking: `asking`. It grows as the network shrinks.

And the profiler itself costs. `profiled` is the step while it records, over the step alone, so a profile's totals are
not the program's. Shares are nearer to the truth than times.

Caveats. One thread. AdamW, which by default is carried out for all weights at once. An operation that another one
calls is counted too, though it is cheaper than one that Python calls, so `asking` is on the high side.
"""

# %%
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from stackdoc import Work, close, example

ex = example()
BATCH, IN, OUT = 128, 64, 10


class Training:
    """A network with two layers, its data and its optimiser."""

    def __init__(self, width: int) -> None:
        torch.manual_seed(1)
        self.network = nn.Sequential(nn.Linear(IN, width), nn.ReLU(), nn.Linear(width, OUT))
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=1e-3)
        self.x, self.labels = torch.randn(BATCH, IN), torch.randint(OUT, (BATCH,))
        self.loss = nn.functional.cross_entropy(self.network(self.x), self.labels)

    def forward(self) -> torch.Tensor:
        self.loss = nn.functional.cross_entropy(self.network(self.x), self.labels)
        return self.loss

    def backward(self) -> None:
        """Through the graph of the last forward pass, which is kept."""
        self.optimiser.zero_grad()
        self.loss.backward(retain_graph=True)

    def update(self) -> None:
        self.optimiser.step()

    def step(self) -> torch.Tensor:
        self.forward()
        self.optimiser.zero_grad()
        self.loss.backward()
        self.optimiser.step()
        return self.loss


def by_hand(training: Training) -> torch.Tensor:
    """The gradient of the first layer's weights, in double precision, by the chain rule."""
    first, _, second = training.network
    x, weights, bias = (value.detach().double() for value in (training.x, first.weight, first.bias))
    hidden = x @ weights.t() + bias
    scores = hidden.relu() @ second.weight.detach().double().t() + second.bias.detach().double()
    error = (scores.softmax(1) - nn.functional.one_hot(training.labels, OUT)) / BATCH
    return ((error @ second.weight.detach().double()) * (hidden > 0)).t() @ x


# %% [markdown]
# What an operation costs that has nothing to do.

# %%
single = torch.ones(1)
dispatch = ex.measure(
    "dispatch", lambda: torch.add(single, single), label="a sum of two numbers", check=lambda out: float(out) == 2.0
)

# %%
for width in ex.sweep("width", [64, 256, 1024], quick=[64, 256]):
    training = Training(width)
    products = 2 * BATCH * width * (IN + OUT)
    gradient = by_hand(training)
    parts = {}
    parts["forward"] = ex.measure(
        "part",
        training.forward,
        part="forward",
        width=width,
        work=Work(flop=products),
        dtype="float32",
        label="forward",
        check=lambda out: bool(out.isfinite()) and out.requires_grad,
    )
    twice = 1 + OUT / (IN + OUT)
    ex.predict("part", twice * parts["forward"].seconds, "products, against forward", part="backward", width=width)
    training.forward()
    parts["backward"] = ex.measure(
        "part",
        training.backward,
        part="backward",
        width=width,
        work=Work(flop=twice * products),
        dtype="float32",
        label="backward",
        check=lambda _, training=training, gradient=gradient: close(
            training.network[0].weight.grad, gradient, rtol=1e-4
        ),
    )
    parts["update"] = ex.measure("part", training.update, part="update", width=width, label="update")
    ex.predict("step", sum(part.seconds for part in parts.values()), "its three parts", width=width)
    before = float(training.step().detach())
    step = ex.measure(
        "step",
        training.step,
        width=width,
        label="whole step",
        check=lambda out, before=before: float(out.detach()) < before,
    )

    with profile(activities=[ProfilerActivity.CPU]) as record:
        training.step()
    called = [event for event in record.events() if event.name.startswith("aten::")]
    ex.report("operations", len(called), unit="operations", label="operations of a step", width=width)
    asking = min(1.0, len(called) * dispatch.seconds / step.seconds)
    ex.report("asking", asking, unit="%", label="operations times a dispatch, of the step", width=width)

# %% [markdown]
# **Under the profiler.** The same step while it records.

# %%
training = Training(256)
with profile(activities=[ProfilerActivity.CPU]):
    profiled = ex.measure(
        "profiled", training.step, width=256, label="whole step, profiled", check=lambda out: bool(out.isfinite())
    )
ex.ratio("price-of-asking", slow=profiled, fast="step;width=256", label="profiled over not")
