# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "jax>=0.5", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "JAX on three functions, operation by operation and through jit"
# environment = "low"
# ///
"""A pointwise chain, a network and a tiny network in JAX: carried out one operation after the other, and compiled by
XLA.

`torch_compiled` and `tensorflow_compiled` do the same with the same numbers, and all are held against one result in
double precision. JAX is not made for the first way: without `jit`, each operation is a compiled program that is looked
up and started from Python. It is what one meets in an interactive session. `first-call` is tracing and compiling.

The network is predicted from its products and this machine's rate for them.

Caveats. One thread: XLA is told to make no pool, and JAX to dispatch in the calling thread, so a call returns when it
is done. Inference without gradients, fixed shapes, float32.
"""

# %%
import os
import time

os.environ["NPROC"] = "1"  # the size of XLA's pool, read when its client is made
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
from same_functions import EPSILON, NAMES, TOLERANCE, flop, inputs, result

from stackdoc import Work, close, example

ex = example()
jax.config.update("jax_cpu_enable_async_dispatch", False)

# %% [markdown]
# The functions in JAX's words.


# %%
def pointwise(x):
    y = jax.nn.gelu(x, approximate=True) * 0.5 + x
    y = y - y.mean(axis=1, keepdims=True)
    return y * jax.lax.rsqrt((y * y).mean(axis=1, keepdims=True) + EPSILON)


def network(x, first, first_bias, second, second_bias):
    hidden = jax.nn.gelu(x @ first + first_bias, approximate=True)
    return hidden @ second + second_bias


FUNCTIONS = {"pointwise": pointwise, "network": network, "tiny": network}

# %%
for name in ex.sweep("function", list(NAMES)):
    arguments = [jnp.asarray(value) for value in inputs(name)]
    exact = result(name)
    compiled = jax.jit(FUNCTIONS[name])
    began = time.perf_counter()
    compiled(*arguments).block_until_ready()
    seconds = time.perf_counter() - began
    ex.report("first-call", seconds, unit="s", label=f"first call of {name}, compiled", function=name)
    ways = {}
    for way, call in {"eager": FUNCTIONS[name], "compiled": compiled}.items():
        if name == "network":
            ex.predict(way, ex.roofs.time(flop=flop(name)), "products / GEMM roof", function=name)
        ways[way] = ex.measure(
            way,
            lambda call=call, arguments=arguments: call(*arguments).block_until_ready(),
            function=name,
            work=Work(flop=flop(name)) if flop(name) else None,
            dtype="float32",
            label=f"{name}, {way}",
            check=lambda out, exact=exact: close(out, exact, rtol=TOLERANCE),
        )
    ex.ratio("gain", slow=ways["eager"], fast=ways["compiled"], label=f"{name}: eager over compiled", function=name)
