# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "serving"
# title = "Weights of 32, 16 and 8 bits: bytes, time, error"
# devices = ["cpu"]
# claims = ["quantization-cuts-cost"]
# budget_seconds = 60
# ///
"""One linear layer with its weights in shorter formats, for one token and for 32.

Decoding reads all weights for each token, so the time should fall as the bytes do: two times for bfloat16, four for
int8. For many tokens arithmetic decides, and shorter weights gain only where there is arithmetic for them.

    seconds ≥ max(bytes of weights / bandwidth, 2 · tokens · weights / GEMM roof)

`int8` keeps a scale for each output (weight-only: activations stay in bfloat16). The error is that of the result
against float64, relative. Beside the formats stands what decides it: rounding to 8 and to 4 bits by how many
weights share a scale, when one weight in a thousand is twenty times as large. Outliers set the scale, and the
others are rounded to it.

Caveats. One thread, one layer of 2048 by 2048, normal weights. The layer's error is not the error of a model's
answers. The weights fit into a large last-level cache in every format, and in a small one in some: bytes saved can
count twice. A processor without bfloat16 or int8 arithmetic runs these formats by conversion, and can be many times
slower for the same line of code.
"""

# %%
import torch
from torch.nn.functional import linear

from stackdoc import Work, close, example

ex = example()
N, GROUP = 2048, 32
generator = torch.Generator().manual_seed(0)
exact = torch.randn(N, N, generator=generator, dtype=torch.float64) / N**0.5
tokens_in = torch.randn(32, N, generator=generator, dtype=torch.float64)


# %%
def to_int8(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Numbers of 8 bits and a scale for each output."""
    scale = weights.abs().amax(1) / 127
    return (weights / scale[:, None]).round().to(torch.int8), scale


def error(out: torch.Tensor, reference: torch.Tensor) -> float:
    return ((out.double() - reference).norm() / reference.norm()).item()


narrow, scale = to_int8(exact)
weights = {"float32": exact.float(), "bfloat16": exact.bfloat16(), "int8": narrow}
TOLERANCE = {"float32": 1e-5, "bfloat16": 2e-2, "int8": 5e-2}

# %% [markdown]
# The three ways to the same product.

# %%
scales = scale.bfloat16()
ways = {
    "float32": lambda x: linear(x, weights["float32"]),
    "bfloat16": lambda x: linear(x, weights["bfloat16"]),
    "int8": lambda x: torch._weight_int8pack_mm(x, weights["int8"], scales),
}
timed = {}
for tokens in ex.sweep("tokens", [1, 8, 32], quick=[1, 32]):
    for format, way in ways.items():
        x = tokens_in[:tokens].to(torch.float32 if format == "float32" else torch.bfloat16)
        reference = tokens_in[:tokens] @ exact.T
        size = N * N * weights[format].element_size()
        work = Work(flop=2 * tokens * N * N, bytes=size + 2 * tokens * N * x.element_size())
        seconds = ex.roofs.time(bytes=size)
        if tokens == 1:
            ex.predict("layer", seconds=seconds, formula="bytes of weights / bandwidth", format=format, tokens=tokens)
        timed[format, tokens] = ex.measure(
            "layer",
            lambda way=way, x=x: way(x),
            format=format,
            tokens=tokens,
            work=work,
            dtype="float32" if format == "float32" else "bfloat16",
            check=lambda out, r=reference, f=format: close(out.double(), r, rtol=TOLERANCE[f]),
        )
        if tokens == 1:
            ex.report("weight-bytes", size, unit="B", format=format)
            ex.report("error", error(way(x), reference), unit="%", format=format, scales="rows")
        if format != "float32":
            slow, fast = timed["float32", tokens], timed[format, tokens]
            ex.ratio("gain", slow=slow, fast=fast, label=f"float32 over {format}", format=format, tokens=tokens)

# %% [markdown]
# Where the error comes from: rounding alone, with and without outliers, by how many weights share a scale.

# %%
some = exact[:128]
outliers = torch.where(torch.rand(some.shape, generator=generator) < 0.001, 20 * some, some)
for kind, matrix in {"normal": some, "outliers": outliers}.items():
    for bits, levels in ((8, 127), (4, 7)):
        for name, grouped in {"whole": matrix.view(1, -1), "rows": matrix, "groups": matrix.view(-1, GROUP)}.items():
            step = grouped.abs().amax(1, keepdim=True) / levels
            rounded = ((grouped / step).round() * step).view_as(matrix)
            found = error(tokens_in[:8] @ rounded.T, tokens_in[:8] @ matrix.T)
            label = f"{bits} bits, {kind}"
            ex.report("rounding-error", found, unit="%", label=label, bits=bits, scales=name, weights=kind)
