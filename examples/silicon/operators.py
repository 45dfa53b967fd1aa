# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Operators on the roofline, and a transformer layer's time left of the ridge"
# devices = ["cpu", "cuda"]
# claims = ["many-kernels-are-memory-bound", "memory-is-usually-the-limit"]
# budget_seconds = 60
# ///
"""Eleven operators of a network, each with its arithmetic, its bytes and its time; then those of a real layer in place.

Intensity says on which side of the ridge an operator lies. It does not say that an operator reaches the roof
above it: `relu` and `gelu` move the same bytes, and what one takes longer than the other is arithmetic that
the count of operations hides, since an error function is many instructions and no multiplication.

The last part runs one layer in the shape of Qwen2.5-0.5B, operator by operator in the order of the model, for one
token after 512 others and for 128 tokens at once. Each operator has two bounds: its bytes over the bandwidth, and its
operations over the best rate. It counts as limited by memory where the first bound is the larger one and its time is
at most 1.5 times of it, as limited by arithmetic where the second one is, and otherwise as limited by neither: then
dispatch or the kernel itself takes the time. The shares of the time and of the operators are reported, beside the
share of the time that lies left of the ridge, at its bound or not. Products are those of PyTorch or NumPy, whichever
is faster for the operator, so that a slow library is not taken for a limit of the chip.

Caveats. One thread, single precision. Results of the first part go into arrays that exist already, where the operator
can do that, so that allocation is not timed; in the layer they are allocated, as a model does. Operations are counted
as multiplications, additions and comparisons; a transcendental function counts as one. Weights were last read a pass
ago, so their bandwidth is that of the whole layer's working set; what passes between operators was just written, and
has the bandwidth of its own size. The masked half of the attention of 128 tokens is not counted.
"""

# %%
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
torch.set_grad_enabled(False)
aten = torch.ops.aten
MIB = 1 << 20


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
# **One layer of a transformer**, operator by operator, each with its operations, its bytes and its working set.

# %%
WIDTH, HEADS, PAIRS, INNER, HEAD = 896, 14, 2, 4864, 64  # Qwen2.5-0.5B: PAIRS heads of keys and values
PAST = 512  # tokens before a single one
LIMIT = 1.5  # times of its bound that an operator may take and still be limited by it
PASSES = {1: 7, 128: 3}  # by tokens, with each library
QKV = (HEADS + 2 * PAIRS) * HEAD
weights = {"qkv": (QKV, WIDTH), "out": (WIDTH, WIDTH), "gate-up": (2 * INNER, WIDTH), "down": (WIDTH, INNER)}
block = normal(1 << 20) / 30
matrices = {name: block.repeat(-(-a * b // len(block)))[: a * b].reshape(a, b) for name, (a, b) in weights.items()}
layer_bytes = 4 * sum(a * b for a, b in weights.values())
ones = torch.ones(WIDTH, device=ex.device)


def by_numpy(given: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.matmul(given.numpy(), matrix.numpy().T))


class Pass:
    """One pass through the layer: seconds, operations, bytes and working set of each operator."""

    def __init__(self, multiply: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        self.multiply = multiply
        self.operators: dict[str, tuple[float, float, float, float]] = {}

    def run(self, name: str, call: Callable[[], torch.Tensor], flop: float, numbers: float) -> torch.Tensor:
        if on_gpu:
            torch.cuda.synchronize()
        began = time.perf_counter()
        out = call()
        if on_gpu:
            torch.cuda.synchronize()
        taken = time.perf_counter() - began
        self.operators[name] = taken, flop, 4 * numbers, 4 * numbers
        return out

    def linear(self, name: str, given: torch.Tensor) -> torch.Tensor:
        outputs, inputs = weights[name]
        tokens = given.shape[0]
        flop, numbers = 2 * tokens * inputs * outputs, inputs * outputs + tokens * (inputs + outputs)
        out = self.run(name, lambda: self.multiply(given, matrices[name]), flop, numbers)
        self.operators[name] = (*self.operators[name][:3], max(layer_bytes, 4 * numbers))
        return out


def layer(done: Pass, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, turn: torch.Tensor) -> Pass:
    """`keys` and `values` are those of earlier tokens, `turn` the cosines of the positions."""
    tokens = len(x)
    n, past = tokens * WIDTH, keys.shape[2]
    normed = done.run("norm-1", lambda: F.rms_norm(x, (WIDTH,), ones), 4 * n, 2 * n)
    mixed = done.linear("qkv", normed)
    turned = done.run("rotate", lambda: torch.mul(mixed, turn), mixed.numel(), 3 * mixed.numel())
    q, k, v = turned.view(1, tokens, -1, HEAD).transpose(1, 2).split([HEADS, PAIRS, PAIRS], dim=1)
    pairs = 2 * PAIRS * (past + tokens) * HEAD
    k, v = (torch.cat([keys, k], 2), torch.cat([values, v], 2)) if past else (k, v)
    seen = past + tokens if tokens == 1 else (tokens + 1) / 2
    heads = done.run(
        "attention",
        lambda: F.scaled_dot_product_attention(q, k, v, is_causal=tokens > 1, enable_gqa=True),
        4 * HEADS * tokens * seen * HEAD,
        2 * n + pairs,
    )
    out = done.linear("out", heads.transpose(1, 2).reshape(tokens, WIDTH))
    x = done.run("add-1", lambda: x + out, n, 3 * n)
    normed = done.run("norm-2", lambda: F.rms_norm(x, (WIDTH,), ones), 4 * n, 2 * n)
    gate, up = done.linear("gate-up", normed).split(INNER, dim=1)
    gated = done.run("silu", lambda: F.silu(gate), 4 * gate.numel(), 2 * gate.numel())
    inner = done.run("multiply", lambda: gated * up, gate.numel(), 3 * gate.numel())
    down = done.linear("down", inner)
    done.run("add-2", lambda: x + down, n, 3 * n)
    return done


def limited(name: str, libraries: list[list[Pass]]) -> tuple[float, str, bool]:
    """The best seconds, what limits the operator, and whether it lies left of the ridge. Roofs are best ones too."""
    seconds = min(one.operators[name][0] for passes in libraries for one in passes)
    _, flop, moved, working_set = libraries[0][0].operators[name]
    memory = ex.roofs.time(bytes=moved, working_set=working_set) or 0.0
    arithmetic = ex.roofs.time(flop=flop, dtype="float32") or 0.0
    if seconds > LIMIT * max(memory, arithmetic):
        return seconds, "neither", memory >= arithmetic
    return seconds, "memory" if memory >= arithmetic else "arithmetic", memory >= arithmetic


for tokens, past in ((1, PAST), (128, 0)):
    given = normal(tokens, WIDTH), normal(1, PAIRS, past, HEAD), normal(1, PAIRS, past, HEAD), normal(tokens, QKV).cos()
    products = (F.linear,) if on_gpu else (F.linear, by_numpy)
    libraries = [[layer(Pass(product), *given) for _ in range(PASSES[tokens] + 1)][1:] for product in products]
    if not ex.roofs.rates or not ex.roofs.bandwidths:
        continue
    names = list(libraries[0][0].operators)
    found = [limited(name, libraries) for name in names]
    whole = sum(seconds for seconds, _, _ in found)
    for by in ("memory", "arithmetic", "neither"):
        share = sum(seconds for seconds, limit, _ in found if limit == by) / whole
        count = sum(limit == by for _, limit, _ in found) / len(found)
        label = f"limited by {by}"
        ex.report("time-share", share, unit="%", better="lower", label=f"time {label}", by=by, tokens=tokens)
        ex.report("operator-share", count, unit="%", better="lower", label=f"operators {label}", by=by, tokens=tokens)
    left_of_ridge = sum(seconds for seconds, _, left in found if left) / whole
    label = "time of operators left of the ridge"
    ex.report("time-left-of-ridge", left_of_ridge, unit="%", better="lower", label=label, tokens=tokens)
    ex.show(
        "\n".join(
            f"{tokens} tokens, {name}: {1e6 * seconds:.1f} µs, {limit}"
            for name, (seconds, limit, _) in zip(names, found, strict=True)
        )
    )
