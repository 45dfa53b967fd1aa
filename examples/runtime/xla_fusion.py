# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "jax>=0.5", "numpy"]
# [tool.stackdoc]
# layer = "runtime"
# title = "XLA: what is fused, what is not, and the bytes that are saved"
# environment = "low"
# ///
"""Three functions, each executed operation by operation and compiled as a whole by XLA.

Op by op, each operation is a compiled program of its own that reads its operands from memory and writes its result.
Compiled as a whole, the compiler merges what it can into one loop. It can merge pointwise operations: `chain` is six of
them. Of two reductions one of which needs the other it can't make one loop: `softmax`. A matrix product stays a call of
its own, with loops before and behind it: `layer`.

Bytes are the law, where nothing but bytes costs. Op by op, `chain` moves fifteen arrays, fused it moves two, and both
times are predicted from the bandwidth of this machine.

`kernels` counts what is left to start after compilation, from the compiled program's own text; `operations` what there
was before. `compile` is what it took, once for each shape and process.

Caveats. One thread: XLA is told to make no pool, and JAX to dispatch in the calling thread. Fixed shapes. What XLA
merges depends on the device; on a GPU the same program is cut elsewhere.
"""

# %%
import os
import re
import time

os.environ["NPROC"] = "1"  # the size of XLA's pool, read when its client is made
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np

from stackdoc import Work, close, example

ex = example()
jax.config.update("jax_cpu_enable_async_dispatch", False)

# %% [markdown]
# The functions. The arrays that each line of `chain` moves, op by op, stand beside it.


# %%
def chain(x):
    y = x * 0.5  # 2
    y = y + x  # 3
    y = y * x  # 3
    y = y - 1.0  # 2
    y = y * y  # 2
    return y + x  # 3


def softmax(x):
    powers = jnp.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def layer(x, w):
    return jnp.maximum(x @ w + 1.0, 0.0) * 0.5


# %% [markdown]
# What is left to start: the instructions of the compiled program's entry that compute.

# %%
NO_KERNEL = {"parameter", "constant", "tuple", "get-tuple-element", "bitcast"}


def kernels(compiled) -> int:
    entry = compiled.as_text().split("\nENTRY ", 1)[1].split("\n}", 1)[0]
    kinds = re.findall(r"(?m)^\s+(?:ROOT )?%?[\w.-]+ = .*?\s([a-z][a-z-]*)\(", entry)
    return sum(kind not in NO_KERNEL for kind in kinds)


drawn = np.random.default_rng(1)
COUNT = 1 << 18
x = jnp.asarray(drawn.standard_normal(COUNT, dtype=np.float32))
table = jnp.asarray(drawn.standard_normal((256, 1024), dtype=np.float32))
w = jnp.asarray(drawn.standard_normal((1024, 64), dtype=np.float32))
CASES = {"chain": (chain, (x,)), "softmax": (softmax, (table,)), "layer": (layer, (table, w))}


def in_double(function, inputs) -> np.ndarray:
    """The same function by NumPy, whose arrays have all that it uses."""
    wide = [np.asarray(value, dtype=np.float64) for value in inputs]
    return {"chain": chain, "softmax": softmax_in_numpy, "layer": layer_in_numpy}[function](*wide)


def softmax_in_numpy(x):
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def layer_in_numpy(x, w):
    return np.maximum(x @ w + 1.0, 0.0) * 0.5


# %%
ARRAYS = {"op-by-op": 15, "fused": 2}
for name in ex.sweep("function", list(CASES)):
    function, inputs = CASES[name]
    lowered = jax.jit(function).lower(*inputs)
    began = time.perf_counter()
    compiled = lowered.compile()
    ex.report("compile", time.perf_counter() - began, unit="s", label=f"compiling {name}", function=name)
    before = len(re.findall(r"= (?:stablehlo|chlo)\.(?!constant|broadcast_in_dim)", lowered.as_text()))
    ex.report("operations", before, label=f"operations of {name}", function=name)
    ex.report("kernels", kernels(compiled), label=f"kernels left of {name}", function=name)
    exact = in_double(name, inputs)
    ways = {}
    for way, call in {"op-by-op": function, "fused": compiled}.items():
        if name == "chain":
            seconds = ex.roofs.time(bytes=ARRAYS[way] * 4 * COUNT, working_set=2 * 4 * COUNT)
            ex.predict(way, seconds, f"{ARRAYS[way]} arrays / bandwidth", function=name)
        ways[way] = ex.measure(
            way,
            lambda call=call, inputs=inputs: call(*inputs).block_until_ready(),
            function=name,
            dtype="float32",
            work=Work(bytes=ARRAYS[way] * 4 * COUNT) if name == "chain" else None,
            label=f"{name}, {way}",
            check=lambda out, exact=exact: close(out, exact, rtol=1e-5),
        )
    ex.ratio("gain", slow=ways["op-by-op"], fast=ways["fused"], label=f"{name}: op by op over fused", function=name)
