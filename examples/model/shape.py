# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "model"
# title = "One number of parameters, five shapes"
# devices = ["cpu", "cuda"]
# claims = ["models-differ-in-shape"]
# budget_seconds = 60
# ///
"""The time of a forward pass through stacks of layers that have the same weights in number, and differ in shape.

A layer of width w has 12 w² weights here, so four times the layers at half the width are as many. The operations on
weights, two a weight and token, are the same too, and the count predicts the same time for all.

What the count leaves out grows with layers times width: normalisation, the activation function, additions. And
smaller products reach less of the roof. `products` times the matrix products alone, without what stands between them,
and so tells the two apart. It is predicted from its four kinds of product, each timed alone; the pass is predicted from
the products and from what stands between them, timed alone as well.

Caveats. One thread, one sequence of 128 tokens, float32, random weights, no attention: its operations would also grow
with layers times width. Nothing here says which shape learns better.
"""

# %%
import time
from collections.abc import Callable

import torch
from torch.nn.functional import gelu, layer_norm, linear

from stackdoc import Work, close, example

ex = example()
TOKENS, WIDEST = 128, 256
Layers = list[dict[str, torch.Tensor]]


# %%
def stack(layers: int, width: int) -> Layers:
    shapes = {"qkv": (3 * width, width), "out": (width, width), "up": (4 * width, width), "down": (width, 4 * width)}
    return [
        {name: torch.randn(*shape, device=ex.device) / shape[-1] ** 0.5 for name, shape in shapes.items()}
        for _ in range(layers)
    ]


def forward(x: torch.Tensor, layers: Layers) -> torch.Tensor:
    width = x.shape[-1]
    for layer in layers:
        x = x + linear(linear(layer_norm(x, (width,)), layer["qkv"])[:, :width], layer["out"])
        x = x + linear(gelu(linear(layer_norm(x, (width,)), layer["up"])), layer["down"])
    return x


def products(x: torch.Tensor, layers: Layers) -> torch.Tensor:
    width = x.shape[-1]
    for layer in layers:
        x = linear(linear(x, layer["qkv"])[:, :width], layer["out"])
        x = linear(linear(x, layer["up"]), layer["down"])
    return x


def between(x: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """What a layer computes beside its products."""
    width = x.shape[-1]
    return layer_norm(layer_norm(x, (width,)) + x, (width,)) + gelu(wide)[:, :width]


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


# %% [markdown]
# The same weights in number: one layer, four of half the width, sixteen of a quarter, and so on.

# %%
flop = 2 * TOKENS * 12 * WIDEST**2
with torch.inference_mode():
    timed = {}
    for depth in ex.sweep("layers", [1, 4, 16, 64, 256], quick=[1, 4, 16]):
        width = WIDEST // round(depth**0.5)
        layers = stack(depth, width)
        double = [{name: weight.double() for name, weight in layer.items()} for layer in layers]
        x = torch.randn(TOKENS, width, device=ex.device)
        wide = torch.randn(TOKENS, 4 * width, device=ex.device)
        alone = sum(
            seconds_of(lambda given=wide if name == "down" else x, weight=weight: linear(given, weight))
            for name, weight in layers[0].items()
        )
        rest = seconds_of(lambda x=x, wide=wide: between(x, wide))
        predicted = {
            "forward": (alone + rest, "products and what stands between them, timed alone"),
            "products": (alone, "four products, timed alone"),
        }
        for name, call in (("forward", forward), ("products", products)):
            expected = call(x.double(), double)
            ex.predict(name, layers=depth, seconds=depth * predicted[name][0], formula=predicted[name][1])
            timed[name, depth] = ex.measure(
                name,
                lambda call=call, x=x, layers=layers: call(x, layers),
                layers=depth,
                work=Work(flop=flop),
                dtype="float32",
                label="forward pass" if name == "forward" else "its products alone",
                # each layer adds its rounding
                check=lambda out, expected=expected, depth=depth: close(out, expected, rtol=1e-4 + 4e-6 * depth),
            )
for name in ("forward", "products"):
    ex.ratio(f"deep-{name}", slow=timed[name, 16], fast=timed[name, 1], label=f"sixteen layers over one: {name}")
