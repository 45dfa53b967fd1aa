# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Operators on the roofline, and a transformer layer's time left of the ridge"
# devices = ["cpu", "cuda"]
# claims = ["many-kernels-are-memory-bound"]
# budget_seconds = 60
# ///
"""Eleven operators of a network, each with its arithmetic, its bytes and its time.

Intensity says on which side of the ridge an operator lies. It does not say that an operator reaches the roof
above it: `relu` and `gelu` move the same bytes, and what one takes longer than the other is arithmetic that
the count of operations hides, since an error function is many instructions and no multiplication.

The last part adds up one layer of a transformer, with one token and with many, and reports the share of its
operators and the share of its time that lie left of the ridge. Those are different numbers.

Caveats. One thread, single precision. Results go into arrays that exist already, where the operator can do
that, so that allocation is not timed. Operations are counted as multiplications, additions and comparisons;
a transcendental function counts as one. The arrays of the element-wise operators fit into a last-level cache of
ordinary size. The layer is timed briefly, in every launch, and its share has no more digits than launches agree on.
"""

# %%
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
torch.set_grad_enabled(False)
aten = torch.ops.aten
MIB = 1 << 20
WIDTH, TOKENS = 4096 if on_gpu else 512, 256


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, device=ex.device)


# %% [markdown]
# **The operators.** Each with its operations and the bytes that it cannot avoid.

# %%
n = 4096 if on_gpu else 384
rows, columns = (16384, 4096) if on_gpu else (1536, 1024)
x, y, out = (normal(rows, columns) for _ in range(3))
positive, count = x.abs(), x.numel()
left, right = normal(n, n), normal(n, n)
matrix, vector = normal(2 * columns, 2 * columns), normal(2 * columns)
table, picked = normal(rows, columns), torch.randint(rows, (rows,), device=ex.device)
gain, shift = normal(columns), normal(columns)
q, k, v = (normal(1, 8, 512, 64) for _ in range(3))

Operator = tuple[Callable[[], torch.Tensor], Callable[[], torch.Tensor], float, float]
OPERATORS: dict[str, Operator] = {
    "gemm": (lambda: left @ right, lambda: left.double() @ right.double(), 2 * n**3, 12 * n * n),
    "gemv": (
        lambda: torch.mv(matrix, vector),
        lambda: torch.mv(matrix.double(), vector.double()),
        2 * matrix.numel(),
        4 * matrix.numel(),
    ),
    "relu": (lambda: torch.clamp_min(x, 0, out=out), lambda: x.double().clamp_min(0), count, 8 * count),
    "gelu": (lambda: aten.gelu.out(x, out=out), lambda: F.gelu(x.double()), 5 * count, 8 * count),
    "softmax": (
        lambda: torch.softmax(x, -1, out=out),
        lambda: torch.softmax(x.double(), -1),
        5 * count,
        8 * count,
    ),
    "layer-norm": (
        lambda: F.layer_norm(x, (columns,), gain, shift),
        lambda: F.layer_norm(x.double(), (columns,), gain.double(), shift.double()),
        8 * count,
        8 * count,
    ),
    "add": (lambda: torch.add(x, y, out=out), lambda: x.double() + y.double(), count, 12 * count),
    "copy": (lambda: out.copy_(x), x.double, 0, 8 * count),
    "sum": (lambda: positive.sum(), lambda: positive.double().sum(), count, 4 * count),
    "gather": (lambda: F.embedding(picked, table), lambda: table.double()[picked], 0, 8 * count),
    "attention": (
        lambda: F.scaled_dot_product_attention(q, k, v),
        lambda: F.scaled_dot_product_attention(q.double(), k.double(), v.double()),
        4 * 8 * 512 * 512 * 64,
        16 * q.numel(),
    ),
}
timed = {}
for name in ex.sweep("operator", list(OPERATORS), quick=["gemm", "gemv", "relu", "gelu", "softmax"]):
    call, reference, flop, bytes = OPERATORS[name]
    exact = reference()
    formula = "max(FLOP / GEMM roof, bytes / bandwidth)"
    ex.predict(name, seconds=ex.roofs.time(flop=flop, bytes=bytes, dtype="float32"), formula=formula)
    timed[name] = ex.measure(
        name,
        call,
        work=Work(flop=flop, bytes=bytes),
        dtype="float32",
        label=name,
        check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if on_gpu else 1e-5),
    )
ex.ratio("hidden-arithmetic", slow=timed["gelu"], fast=timed["relu"], label="GELU over ReLU, the same bytes")

# %% [markdown]
# **One layer of a transformer**, operator by operator. The ridge is that of the roofs, or where there are none yet,
# that of the product above and of a copy of 48 MiB.


# %%
def seconds_of(call: Callable[[], object], calls: int = 5) -> float:
    """The median of a few calls, each waited for."""
    call()
    samples = []
    for _ in range(calls):
        if on_gpu:
            torch.cuda.synchronize()
        started = time.perf_counter()
        call()
        if on_gpu:
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return sorted(samples)[calls // 2]


def linear(tokens: int, inputs: int, outputs: int) -> tuple[Callable[[], object], float]:
    weights, given = normal(outputs, inputs), normal(tokens, inputs)
    moved = 4 * (inputs * outputs + tokens * (inputs + outputs))
    return (lambda: F.linear(given, weights)), 2 * tokens * inputs * outputs / moved


def pointwise(tokens: int, width: int, call: Callable[..., torch.Tensor], arrays: int, flop: int):
    given = [normal(tokens, width) for _ in range(arrays - 1)]
    return (lambda: call(*given)), flop / (4 * arrays)


def layer(tokens: int) -> list[tuple[float, float]]:
    """Seconds and intensity of each operator."""
    heads = normal(3, 1, 8, tokens, WIDTH // 8)
    operators = [
        pointwise(tokens, WIDTH, lambda a: F.layer_norm(a, (WIDTH,)), 2, 8),
        linear(tokens, WIDTH, 3 * WIDTH),
        ((lambda: F.scaled_dot_product_attention(*heads)), tokens / 4),
        linear(tokens, WIDTH, WIDTH),
        pointwise(tokens, WIDTH, torch.add, 3, 1),
        pointwise(tokens, WIDTH, lambda a: F.layer_norm(a, (WIDTH,)), 2, 8),
        linear(tokens, WIDTH, 4 * WIDTH),
        pointwise(tokens, 4 * WIDTH, F.gelu, 2, 5),
        linear(tokens, 4 * WIDTH, WIDTH),
        pointwise(tokens, WIDTH, torch.add, 3, 1),
    ]
    return [(seconds_of(call), intensity) for call, intensity in operators]


rate = ex.roofs.flops("float32") or 2 * n**3 / timed["gemm"].seconds
bandwidth = ex.roofs.bandwidth(384 * MIB)
if bandwidth is None:
    large = normal(48 * MIB)
    spare = torch.empty_like(large)
    bandwidth = 2 * 192 * MIB / seconds_of(lambda: spare.copy_(large))
for tokens in (1, TOKENS):
    operators = layer(tokens)
    below = [seconds for seconds, intensity in operators if intensity < rate / bandwidth]
    whole = sum(seconds for seconds, _ in operators)
    ex.report("operators-left-of-ridge", len(below) / len(operators), unit="%", better="lower", tokens=tokens)
    ex.report("time-left-of-ridge", sum(below) / whole, unit="%", better="lower", tokens=tokens)
