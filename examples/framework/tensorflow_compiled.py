# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "tensorflow-cpu>=2.16", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "TensorFlow on three functions: eagerly, as a graph, through XLA"
# environment = "frameworks"
# ///
"""A pointwise chain, a network and a tiny network in TensorFlow: carried out as written, as a graph, and compiled.

`torch_compiled` and `jax_compiled` do the same with the same numbers, and all are held against one result in double
precision. `graph` is `tf.function`: Python runs once for each signature, and afterwards the graph that it left is
carried out, node by node, without Python. `compiled` is the same with `jit_compile=True`: XLA makes one program of
it. So `graph` saves dispatch and may write a result over its input; only `compiled` makes one loop of many. `nodes`
counts what the graph of each holds.

A signature is the shapes and types of tensors and the values of everything else. A number of Python that changes is
therefore a new graph in each call, and a tensor of it is not: `traces` counts both.

Caveats. One thread within and between operations; on a processor a call returns when it is done. Inference without
gradients, fixed shapes, float32.
"""

# %%
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf
from same_functions import EPSILON, NAMES, TOLERANCE, flop, inputs, result

from stackdoc import Work, close, example

ex = example()
tf.config.threading.set_intra_op_parallelism_threads(ex.threads)
tf.config.threading.set_inter_op_parallelism_threads(ex.threads)

# %% [markdown]
# The functions in TensorFlow's words.


# %%
def pointwise(x):
    y = tf.nn.gelu(x, approximate=True) * 0.5 + x
    y = y - tf.reduce_mean(y, axis=1, keepdims=True)
    return y * tf.math.rsqrt(tf.reduce_mean(y * y, axis=1, keepdims=True) + EPSILON)


def network(x, first, first_bias, second, second_bias):
    hidden = tf.nn.gelu(x @ first + first_bias, approximate=True)
    return hidden @ second + second_bias


FUNCTIONS = {"pointwise": pointwise, "network": network, "tiny": network}

# %%
for name in ex.sweep("function", list(NAMES)):
    arguments = [tf.constant(value) for value in inputs(name)]
    exact = result(name)
    graph, compiled = tf.function(FUNCTIONS[name]), tf.function(FUNCTIONS[name], jit_compile=True)
    nodes = len(graph.get_concrete_function(*arguments).graph.get_operations())
    ex.report("nodes", nodes, unit="nodes", label=f"graph of {name}", function=name)
    began = time.perf_counter()
    compiled(*arguments)
    seconds = time.perf_counter() - began
    ex.report("first-call", seconds, unit="s", label=f"first call of {name}, compiled", function=name)
    ways = {}
    for way, call in {"eager": FUNCTIONS[name], "graph": graph, "compiled": compiled}.items():
        if name == "network":
            ex.predict(way, ex.roofs.time(flop=flop(name)), "products / GEMM roof", function=name)
        ways[way] = ex.measure(
            way,
            lambda call=call, arguments=arguments: call(*arguments),
            function=name,
            work=Work(flop=flop(name)) if flop(name) else None,
            dtype="float32",
            label=f"{name}, {way}",
            check=lambda out, exact=exact: close(out, exact, rtol=TOLERANCE),
        )
    ex.ratio("graph-gain", slow=ways["eager"], fast=ways["graph"], label=f"{name}: eager over graph", function=name)
    ex.ratio("gain", slow=ways["eager"], fast=ways["compiled"], label=f"{name}: eager over compiled", function=name)

# %% [markdown]
# **Traces.** Ten numbers, given as numbers and as tensors.

# %%
traces = 0


def scaled(x, factor):
    global traces
    traces += 1  # Python's part of a function runs while it is traced, and only then
    return x * factor


x = tf.ones((4,))
for kind, made in {"numbers": float, "tensors": tf.constant}.items():
    traces, function = 0, tf.function(scaled, reduce_retracing=False)
    for number in range(10):
        out = function(x, made(float(number)))
        if float(out[0]) != number:
            raise ArithmeticError(f"{kind}: 1 times {number} gave {float(out[0])}")
    expected = 10 if kind == "numbers" else 1
    if traces != expected:
        raise ArithmeticError(f"ten {kind}: {traces} traces, expected {expected}")
    ex.report("traces", traces, label=f"ten calls with {kind} of Python", given=kind)
