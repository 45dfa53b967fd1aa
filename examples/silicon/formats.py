# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Number formats from 32 to 4 bits: the error that each one makes"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/silicon.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""The same numbers in eleven formats: how large is the error of rounding, and what do a few large numbers do to it?

`error` is the root mean square of the error over that of the numbers, for 2²⁰ numbers from a normal distribution
(`data=normal`), and for the same with one in 256 multiplied by 64 (`data=outliers`), as activations of language models
have them. `small` is the error of the other 255 of 256 numbers alone: a format may represent the large numbers well
and lose all others. `law` is the error by the law `mean-rounding-error`, which knows the bits of the fraction only.
`dot` is the relative error of scalar products of 4096 pairs, both sides rounded and summed in double precision.

Formats with a scale divide by it so that the largest number of the tensor, or of a block, is the largest of the format:

- `float8-e4m3` and `float8-e5m2` have one scale for the tensor, `int8` and `int4` one for the tensor, `int4-block` one
  for 32 numbers in float16;
- `mxfp8` is E4M3 and `mxfp4` is E2M1, in blocks of 32 whose scale is a power of two;
- `nvfp4` is E2M1 in blocks of 16 whose scale is itself an E4M3 number, with a float32 scale for the tensor.

Rounding to a floating-point format is written out below, by its bits of exponent and fraction. Where PyTorch has the
format (bfloat16, float16, E4M3, E5M2) the example fails unless both give the same numbers.

Caveats. The error of a weight is not the error of an answer: what a model loses must be measured on its answers.
Scales are those of the numbers at hand; a scale fixed in advance clips or wastes range. Nothing is timed. All launches
draw the same numbers and agree.
"""

# %%
from collections.abc import Callable

import torch

from stackdoc import example

ex = example()
torch.set_num_threads(1)
torch.manual_seed(7)
COUNT, PAIRS = 1 << 20, 4096
Rounding = Callable[[torch.Tensor], torch.Tensor]

# %% [markdown]
# Rounding to the nearest number of a format, ties to even, with its small numbers and its largest one.


# %%
def rounded(x: torch.Tensor, fraction: int, smallest: int, largest: float) -> torch.Tensor:
    """`fraction` bits are stored; `smallest` is the exponent of the smallest normal number. Clips at `largest`."""
    exponent = torch.frexp(x).exponent - 1
    step = torch.ldexp(torch.ones_like(x), exponent.clamp_min(smallest) - fraction)
    return ((x / step).round() * step).clamp(-largest, largest)


FLOATS = {  # bits of the fraction, exponent of the smallest normal number, largest number
    "tf32": (10, -126, 3.4e38),
    "bfloat16": (7, -126, 3.3895e38),
    "float16": (10, -14, 65504.0),
    "float8-e4m3": (3, -6, 448.0),
    "float8-e5m2": (2, -14, 57344.0),
    "float4-e2m1": (1, 0, 6.0),
}


def as_float(name: str) -> Rounding:
    return lambda x: rounded(x, *FLOATS[name])


def scaled(rounding: Rounding, largest: float, block: int = 0, scale: Rounding = lambda s: s) -> Rounding:
    """One scale for the tensor, or for each `block` of consecutive numbers, rounded by `scale`."""

    def call(x: torch.Tensor) -> torch.Tensor:
        parts = x.reshape(-1, block or x.numel())
        factor = scale(parts.abs().amax(dim=1, keepdim=True) / largest)
        return (rounding(parts / factor) * factor).reshape(x.shape)

    return call


def integers(largest: int) -> Rounding:
    return lambda x: x.round().clamp(-largest, largest)


def power_of_two(factor: torch.Tensor) -> torch.Tensor:
    """The next power of two, so that no number of the block is clipped."""
    return torch.exp2(torch.ceil(torch.log2(factor)))


def e4m3_scale(factor: torch.Tensor) -> torch.Tensor:
    """Scales of blocks as E4M3 numbers, under one scale for all of them."""
    whole = factor.amax() / 448.0
    return (as_float("float8-e4m3")(factor / whole) * whole).clamp_min(2.0**-9 * whole)


e2m1 = as_float("float4-e2m1")
FORMATS: dict[str, tuple[float, Rounding]] = {  # bits a number, scales included
    "tf32": (19, as_float("tf32")),
    "bfloat16": (16, as_float("bfloat16")),
    "float16": (16, as_float("float16")),
    "float8-e4m3": (8, scaled(as_float("float8-e4m3"), 448.0)),
    "float8-e5m2": (8, scaled(as_float("float8-e5m2"), 57344.0)),
    "int8": (8, scaled(integers(127), 127)),
    "mxfp8": (8.25, scaled(as_float("float8-e4m3"), 448.0, 32, power_of_two)),
    "int4": (4, scaled(integers(7), 7)),
    "int4-block": (4.5, scaled(integers(7), 7, 32, as_float("float16"))),
    "mxfp4": (4.25, scaled(e2m1, 6.0, 32, power_of_two)),
    "nvfp4": (4.5, scaled(e2m1, 6.0, 16, e4m3_scale)),
}

# %% [markdown]
# The numbers, and the same formats by PyTorch where it has them.

# %%
normal = torch.randn(COUNT, dtype=torch.float64)
large = torch.zeros(COUNT, dtype=torch.bool)
large[torch.randperm(COUNT)[: COUNT // 256]] = True
DATA = {"normal": normal, "outliers": torch.where(large, 64 * normal, normal)}
BY_TORCH = {
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float8-e4m3": torch.float8_e4m3fn,
    "float8-e5m2": torch.float8_e5m2,
}
single = (normal * 8).float()
for name, dtype in BY_TORCH.items():
    assert torch.equal(as_float(name)(single), single.to(dtype).float()), f"{name} differs from PyTorch's"


def share(error: torch.Tensor, of: torch.Tensor) -> float:
    return float((error.square().mean() / of.square().mean()).sqrt())


# %% [markdown]
# The error by format and data, and by the bits of the fraction alone.

# %%
other = torch.randn(COUNT, dtype=torch.float64)
for name in ex.sweep("format", list(FORMATS)):
    bits, rounding = FORMATS[name]
    for data, numbers in DATA.items():
        error = rounding(numbers) - numbers
        label = f"{name}, {data}"
        ex.report("error", share(error, numbers), unit="%", label=label, format=name, data=data)
        if data == "outliers":
            ex.report("small", share(error[~large], numbers[~large]), unit="%", label=label, format=name)
    exact = (normal * other).reshape(-1, PAIRS).sum(1)
    products = (rounding(normal) * rounding(other)).reshape(-1, PAIRS).sum(1)
    ex.report("dot", share(products - exact, exact), unit="%", label=name, format=name)
    ex.report("bits", bits, unit="bit", label=f"{name}, with scales", format=name)
    if name in FLOATS:
        law = ex.law("mean-rounding-error", fraction_bits=FLOATS[name][0])
        ex.report("law", law, unit="%", label=f"{name}, by the bits of its fraction", format=name)

# %% [markdown]
# The bits of the fraction alone, without a limit of range: each bit halves the error. The law takes the logarithms of
# the numbers to be spread evenly, so it is compared with such numbers too.

# %%
even = torch.exp2(16 * torch.rand(COUNT, dtype=torch.float64) - 8)
for fraction in ex.sweep("fraction", [1, 2, 3, 5, 7, 10]):
    error = rounded(normal, fraction, -126, 3.4e38) - normal
    law = ex.law("mean-rounding-error", fraction_bits=fraction)
    ex.report("by-fraction", share(error, normal), unit="%", label="error, normal numbers", fraction=fraction)
    error = rounded(even, fraction, -126, 3.4e38) - even
    ex.report("by-fraction-even", share(error, even), unit="%", label="error, even logarithms", fraction=fraction)
    ex.report("by-fraction-law", law, unit="%", label="error, by the law", fraction=fraction)
