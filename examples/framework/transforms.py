# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "framework"
# title = "Composed transformations: a gradient for each sample, looped and vectorised"
# devices = ["cpu", "cuda"]
# claims = ["transforms-compose"]
# budget_seconds = 60
# ///
"""The gradient of one sample, `grad(loss)`, taken for each sample of a batch in two ways.

`loop` calls it once for each. `vmap` maps the same function over the batch, with a transformation of a
transformation, `vmap(grad(loss))`, that nobody wrote by hand. That both give the same numbers is checked: composing
is a property of an interface, and equality is its test. What it gains is a matter of size.

For a `small` layer the loop is nearly all dispatch, and mapping pays it once. For a `wide` one, each gradient is an
array of 256 KiB, and both ways write the same bytes.

Two points take the price of a transformation apart: `plain` is one sample's gradient by `torch.autograd.grad`, and
`gradient` the same by `grad`. What the second takes longer is one level of transformation, which wraps each operation
in Python and C++. The loop should take as long as its calls, and mapping one call, one more such level, and the
writing of all gradients.

Caveats. One thread, one linear layer with a squared loss, 16 samples. A gradient of the whole batch needs none of this.
"""

# %%
import torch
from torch.func import grad, vmap

from stackdoc import Work, close, example

ex = example()
BATCH = 16
WIDTHS = {"small": 16, "wide": 256}


# %%
def loss(weights: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (weights @ x - y).square().sum()


gradient = grad(loss)
per_sample = vmap(gradient, in_dims=(None, 0, 0))


def loop(weights: torch.Tensor, xs: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
    return torch.stack([gradient(weights, x, y) for x, y in zip(xs, ys, strict=True)])


def plain(weights: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    fresh = weights.detach().requires_grad_()
    return torch.autograd.grad(loss(fresh, x, y), fresh)[0]


# %% [markdown]
# The reference is the formula that a person would derive: twice the error times the input.

# %%
for layer, width in WIDTHS.items():
    weights = torch.randn(width, width, device=ex.device)
    xs, ys = (torch.randn(BATCH, width, device=ex.device) for _ in range(2))
    errors = xs.double() @ weights.double().t() - ys.double()
    exact = 2 * errors[:, :, None] * xs.double()[:, None, :]
    gradients = 4 * BATCH * width * width
    tolerance = 1e-3 if ex.device == "cuda" else 1e-5
    one = {}
    for name, way in {"plain": plain, "gradient": gradient}.items():
        one[name] = ex.measure(
            name,
            lambda way=way, weights=weights, x=xs[0], y=ys[0]: way(weights, x, y),
            layer=layer,
            dtype="float32",
            label=f"one sample, {'autograd' if name == 'plain' else 'grad'}, {layer}",
            check=lambda out, exact=exact[0], rtol=tolerance: close(out, exact, rtol=rtol),
        )
    ex.ratio("level", slow=one["gradient"], fast=one["plain"], label="grad over autograd, one sample", layer=layer)
    written = ex.roofs.time(bytes=gradients) or 0
    level = max(one["gradient"].seconds - one["plain"].seconds, 0)
    expected = {
        "loop": (BATCH * one["gradient"].seconds + 2 * written, "16 gradients + copying them together"),
        "vmap": (one["gradient"].seconds + level + written, "one gradient + one more level + writing all"),
    }
    ways = {}
    for name, way in {"loop": loop, "vmap": per_sample}.items():
        seconds, formula = expected[name]
        ex.predict(name, layer=layer, seconds=seconds, formula=formula)
        ways[name] = ex.measure(
            name,
            lambda way=way, weights=weights, xs=xs, ys=ys: way(weights, xs, ys),
            layer=layer,
            work=Work(flop=BATCH * 4 * width * width, bytes=gradients + 4 * width * width),
            dtype="float32",
            label=f"{name}, {layer}",
            check=lambda out, exact=exact, rtol=tolerance: close(out, exact, rtol=rtol),
        )
    ex.ratio("gain", slow=ways["loop"], fast=ways["vmap"], label="loop over vmap", layer=layer)
