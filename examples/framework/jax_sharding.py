# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "jax>=0.7", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "JAX on four devices: who puts the all-reduce in"
# environment = "low"
# ///
"""A gradient over data that are spread over four devices, in the three ways in which JAX says so.

The devices are virtual: one processor that pretends to be four. That is how such a program is tested, and everything
but the speed is real. With `jit` and sharded inputs, the compiler spreads the computation and puts the communication
in where the mathematics asks for it. With `shard_map`, the program is written for one device and names its
communication. `pmap` is the old form of that; it is kept working upon `shard_map`, and new code is told to leave it.

The law of data parallelism on the mesh: a sum over samples that lie on four devices needs one all-reduce, of as many
bytes as the gradient has, whatever the batch. Both are read from the compiled programs. A computation whose
samples stay apart needs none.

`held` is what one device holds of the data, which is what sharding is for: a quarter of it.

Caveats. Virtual devices share the processor, so nothing is gained in time here, and the price of dispatching to four
devices instead of one is what the times show. They wait for one another, so a time is the median of many calls and not
of blocks of processor time. The all-reduce is a copy in memory.
"""

# %%
import os
import re
import statistics
import time
import warnings

os.environ["NPROC"] = "1"  # the size of XLA's pool, read when its client is made
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4 --xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from stackdoc import example

ex = example()
DEVICES, BATCH, WIDTH = 4, 256, 256


def loss(weights, x, y):
    return jnp.square(x @ weights - y).sum()


# %% [markdown]
# Data on one device, and the same spread over four by rows. The weights are whole on each.

# %%
drawn = np.random.default_rng(1)
host = [drawn.standard_normal(shape, dtype=np.float32) for shape in (WIDTH, (BATCH, WIDTH), BATCH)]
wide = [value.astype(np.float64) for value in host]
exact = 2 * (wide[1] @ wide[0] - wide[2]) @ wide[1]
mesh = Mesh(np.array(jax.devices()), ("data",))
whole, spread = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec("data"))
weights, x, y = (jax.device_put(value, jax.devices()[0]) for value in host)
sharded = [jax.device_put(value, where) for value, where in zip(host, (whole, spread, spread), strict=True)]
stacked = [host[1].reshape(DEVICES, -1, WIDTH), host[2].reshape(DEVICES, -1)]

# %% [markdown]
# The three ways, and the whole gradient on one device beside them.


# %%
def on_each(weights, x, y):
    return jax.lax.psum(jax.grad(loss)(weights, x, y), "data")


SPECS = (PartitionSpec(), PartitionSpec("data"), PartitionSpec("data"))
by_map = jax.shard_map(on_each, mesh=mesh, in_specs=SPECS, out_specs=PartitionSpec(), check_vma=False)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the way out of pmap is what this example shows
    old = jax.pmap(on_each, axis_name="data", in_axes=(None, 0, 0))
WAYS = {
    "one-device": (jax.jit(jax.grad(loss)), (weights, x, y)),
    "jit": (jax.jit(jax.grad(loss), out_shardings=whole), tuple(sharded)),
    "shard_map": (jax.jit(by_map), tuple(sharded)),
    "pmap": (old, (weights, *stacked)),
}


def all_reduces(text: str) -> list[int]:
    """Bytes of each all-reduce in a compiled program."""
    shapes = re.findall(r"= f32\[(\d+)\]\S* all-reduce(?:-start)?\(", text)
    return [4 * int(shape) for shape in shapes]


def seconds_of(function, inputs, calls: int = 60) -> float:
    """The median of the calls, after a few that warm up."""
    taken = []
    for _ in range(calls + 5):
        began = time.perf_counter()
        function(*inputs).block_until_ready()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[5:])


# %%
for way in ex.sweep("way", list(WAYS)):
    function, inputs = WAYS[way]
    found = all_reduces(function.lower(*inputs).compile().as_text())
    if found != ([] if way == "one-device" else [4 * WIDTH]):
        raise ArithmeticError(f"{way}: all-reduces of {found} bytes, expected one of {4 * WIDTH}")
    out = np.asarray(function(*inputs), dtype=np.float64)
    for gradient in out.reshape(-1, WIDTH):  # pmap gives one for each device
        if np.abs(gradient - exact).max() > 1e-5 * np.abs(exact).max():
            raise ArithmeticError(f"{way}: the gradient is not that of the whole batch")
    ex.report("all-reduces", len(found), label=f"all-reduces, {way}", way=way)
    ex.report("reduced", sum(found), unit="B", label=f"bytes that are reduced, {way}", way=way)
    ex.report("gradient", seconds_of(function, inputs), unit="s", label=way, way=way)
ex.ratio("price", slow="gradient;way=jit", fast="gradient;way=one-device", label="four virtual devices by jit over one")

# %% [markdown]
# Predictions stay with their samples, and nothing is reduced.

# %%
predict = jax.jit(lambda weights, x: x @ weights).lower(*sharded[:2]).compile()
ex.report("apart", len(all_reduces(predict.as_text())), label="all-reduces of the predictions alone")
ex.report("held", sharded[1].addressable_shards[0].data.nbytes, unit="B", label="of the samples, on one device of four")
ex.report("all", x.nbytes, unit="B", label="of the samples, on one device alone")
