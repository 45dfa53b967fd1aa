# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "jax>=0.5", "numpy"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Pallas, interpreted: what the tile of a kernel decides"
# environment = "low"
# ///
"""A matrix product written for TPUs and GPUs in Pallas, JAX's language of kernels, interpreted on a processor.

The kernel says what one program does with a block of each operand that lies in fast memory. The grid and the block
specifications say which blocks those are. That is enough to know what such a kernel must move: the index maps are
followed through the grid, in its order, and a block is copied unless it is the one that is there already. So the rows
are copied once, and the columns anew for each block of rows: N² + N³ / b elements for a tile of b × b. Half the tile is
nearly twice the traffic. The count is held against that formula; a grid that ran in the other order, or a map that made
both operands change, would not fit it.

Interpreted, the grid becomes a loop that XLA compiles, with copies of blocks in and out. Its time goes with the
number of programs and the size of what they copy; it is no picture of a TPU. The result is that of the library's
product.

Caveats. One thread, one shape. Interpretation tests the index maps and the arithmetic, not the memory of the device:
that a block fits into it, and that loads overlap with arithmetic, only the device can tell.
"""

# %%
import math
import os
from itertools import groupby

os.environ["NPROC"] = "1"  # the size of XLA's pool, read when its client is made
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import pallas

from stackdoc import Work, close, example

ex = example()
jax.config.update("jax_cpu_enable_async_dispatch", False)
SIZE = 256


# %%
def kernel(left, right, out):
    """One program: a block of rows times a block of columns."""
    out[...] = left[...] @ right[...]


def multiply(tile: int):
    """The product as a grid of programs, and how many elements are copied for them."""
    grid = (SIZE // tile, SIZE // tile)
    rows = pallas.BlockSpec((tile, SIZE), lambda row, _: (row, 0))
    columns = pallas.BlockSpec((SIZE, tile), lambda _, column: (0, column))
    call = pallas.pallas_call(
        kernel,
        out_shape=jax.ShapeDtypeStruct((SIZE, SIZE), jnp.float32),
        grid=grid,
        in_specs=[rows, columns],
        out_specs=pallas.BlockSpec((tile, tile), lambda i, j: (i, j)),
        interpret=True,
    )
    return jax.jit(call), sum(copied(spec, grid) for spec in (rows, columns))


def copied(spec: pallas.BlockSpec, grid: tuple[int, int]) -> int:
    """Elements of an operand's blocks, those left out that the program before had too."""
    blocks = [spec.index_map(i, j) for i in range(grid[0]) for j in range(grid[1])]
    return math.prod(spec.block_shape) * sum(1 for _ in groupby(blocks))


# %%
drawn = np.random.default_rng(1)
x, y = (jnp.asarray(drawn.standard_normal((SIZE, SIZE), dtype=np.float32)) for _ in range(2))
exact = np.asarray(x, dtype=np.float64) @ np.asarray(y, dtype=np.float64)
work = Work(flop=2 * SIZE**3)
timed = {}
for tile in ex.sweep("tile", [16, 32, 64, 128, 256], quick=[32, 64, 256]):
    product, read = multiply(tile)
    if read != SIZE**2 + SIZE**3 // tile:
        raise ArithmeticError(f"tiles of {tile} copy {read} elements, the formula gives another number")
    ex.report("copied", read, unit="elements", label=f"copied for tiles of {tile}", tile=tile)
    ex.report("programs", (SIZE // tile) ** 2, label=f"programs of tiles of {tile}", tile=tile)
    timed[tile] = ex.measure(
        "interpreted",
        lambda product=product: product(x, y).block_until_ready(),
        tile=tile,
        work=work,
        dtype="float32",
        label=f"interpreted, tiles of {tile}",
        check=lambda out: close(out, exact, rtol=1e-5),
    )

# %%
product = jax.jit(jnp.matmul)
library = ex.measure(
    "library",
    lambda: product(x, y).block_until_ready(),
    work=work,
    dtype="float32",
    label="jnp.matmul",
    check=lambda out: close(out, exact, rtol=1e-5),
)
ex.ratio("distance", slow=timed[32], fast=library, label="tiles of 32, interpreted, over jnp.matmul")
