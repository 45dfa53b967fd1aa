# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "jax>=0.5", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "JAX: what grad, jit and vmap cost and gain"
# environment = "low"
# ///
"""The gradient of a squared loss, by `grad`, by `jit(grad)`, and for each sample by `vmap(grad)`.

`grad` traces the function anew in each call and carries its operations out one by one. `jit` traces once for each
shape, lets XLA compile what it saw, and afterwards only starts it: `gradient` compares the two. The smallest thing that
can be started, a sum of two numbers, shows what a start costs once it is compiled: `dispatch`.

`vmap` turns the gradient of one sample into that of a batch, and `jit` compiles the whole. Against it stands a loop
over the compiled gradient of one sample, which starts once for each. So the loop is predicted from one start: samples
times that. What `vmap` gains is what the starts cost.

A shape that was not seen before is traced and compiled again: `retrace` counts the traces of four calls with three
shapes, `first-call` is the price of one.

Every gradient is checked against the formula that a person would derive.

Caveats. One thread: XLA is told to make no pool, and JAX to dispatch in the calling thread, so a call returns when it
is done. A linear model; small, as it is the dispatch that is looked at.
"""

# %%
import os
import time

os.environ["NPROC"] = "1"  # the size of XLA's pool, read when its client is made
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np

from stackdoc import Work, close, example

ex = example()
jax.config.update("jax_cpu_enable_async_dispatch", False)
BATCH, WIDTH = 64, 64
traces = 0


# %%
def loss(weights, x, y):
    global traces
    traces += 1  # Python's part of a function runs while it is traced, and only then
    return jnp.square(x @ weights - y).sum()


drawn = np.random.default_rng(1)
weights, x, y = (jnp.asarray(drawn.standard_normal(s, dtype=np.float32)) for s in (WIDTH, (BATCH, WIDTH), BATCH))
wide = [np.asarray(value, dtype=np.float64) for value in (weights, x, y)]
errors = wide[1] @ wide[0] - wide[2]
of_batch, of_samples = 2 * errors @ wide[1], 2 * errors[:, None] * wide[1]
work = Work(flop=4 * BATCH * WIDTH)

# %% [markdown]
# **Compiled or not.** The first call of the compiled one traces and compiles.

# %%
eager, compiled = jax.grad(loss), jax.jit(jax.grad(loss))
began = time.perf_counter()
compiled(weights, x, y).block_until_ready()
ex.report("first-call", time.perf_counter() - began, unit="s", label="first call of jit(grad)")
ways = {}
for name, gradient in {"grad": eager, "jit-grad": compiled}.items():
    ways[name] = ex.measure(
        "gradient",
        lambda gradient=gradient: gradient(weights, x, y).block_until_ready(),
        by=name,
        work=work,
        dtype="float32",
        label={"grad": "grad", "jit-grad": "jit(grad)"}[name],
        check=lambda out: close(out, of_batch, rtol=1e-5),
    )
ex.ratio("jit-gain", slow=ways["grad"], fast=ways["jit-grad"], label="grad over jit(grad)")

# %%
add, one, two = jax.jit(jnp.add), jnp.float32(1), jnp.float32(2)
ex.measure(
    "dispatch",
    lambda: add(one, two).block_until_ready(),
    label="a compiled sum of two numbers",
    check=lambda out: close(float(out), 3.0, rtol=0.0),
)

# %% [markdown]
# **A gradient for each sample.** The loop starts the compiled gradient once for each; it takes rows that were cut apart
# before.

# %%
rows = [(x[i], y[i]) for i in range(BATCH)]
one_row = ex.measure(
    "sample",
    lambda: compiled(weights, *rows[0]).block_until_ready(),
    label="jit(grad) of one sample",
    check=lambda out: close(out, of_samples[0], rtol=1e-5),
)
ex.predict("samples", BATCH * one_row.seconds, "samples × one start", by="loop")
loop = ex.measure(
    "samples",
    lambda: [compiled(weights, *row).block_until_ready() for row in rows],
    by="loop",
    work=work,
    dtype="float32",
    label="loop over jit(grad)",
    check=lambda out: close(np.stack(out), of_samples, rtol=1e-5),
)
mapped = jax.jit(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0)))
together = ex.measure(
    "samples",
    lambda: mapped(weights, x, y).block_until_ready(),
    by="vmap",
    work=work,
    dtype="float32",
    label="jit(vmap(grad))",
    check=lambda out: close(out, of_samples, rtol=1e-5),
)
ex.ratio("vmap-gain", slow=loop, fast=together, label="loop over vmap")

# %% [markdown]
# **New shapes.**

# %%
before, fresh = traces, jax.jit(jax.grad(loss))
for rows_now in (BATCH, BATCH // 2, BATCH // 4, BATCH):
    fresh(weights, x[:rows_now], y[:rows_now]).block_until_ready()
ex.report("retrace", traces - before, label="traces of four calls with three shapes")
