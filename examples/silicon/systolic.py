# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "silicon"
# title = "A systolic array, cycle by cycle, and the batch that fills it"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/silicon.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""A square array of multiply-add cells, simulated cycle by cycle: how many of its multiplications does a product use?

Each cell keeps one weight. An input enters at the left edge and moves one cell to the right in each cycle; a partial
sum enters at the top and moves one cell down. A cell multiplies the input that passes by its weight and adds the
product to the sum that passes. Inputs enter askew, row k one cycle after row k - 1, so that each meets the sum it
belongs to. No cell reads a register file or a memory: that is what the array saves, and why it needs many rows that
use the same weights.

While one square of weights is in use the next one moves in behind it, row by row, which takes as many cycles as the
array is wide. With fewer rows of inputs than that, the array waits for weights. `cycles` counts until the last sum has
left the array, `use` is the multiplications done over those that the cells could have done, and `law` is the share by
the law `systolic-use`.

The result of each product is compared with NumPy's, in integers, and must be equal. The cycles must be those of the law
`systolic-cycles`, or the example fails.

Caveats. The simulation counts cycles and takes no time of hardware: clock, memory and the movement of results are left
out. Nothing in it is random, so launches agree.
"""

# %%
import numpy as np

from stackdoc import example

ex = example()
random = np.random.default_rng(5)
WIDTH = 16  # cells along a side
TILES = 8  # squares of weights: two along the sums, four along the columns

# %% [markdown]
# The array: three registers a cell, all of which change once in a cycle.


# %%
class Array:
    """`width` × `width` cells. `step` is one cycle: inputs enter at the left, sums leave at the bottom."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.inputs, self.sums = (np.zeros((width, width), dtype=np.int64) for _ in range(2))
        self.tags = np.full((width, width), -1)  # the square of weights that an input is meant for, -1 for none
        self.cycles = self.multiplications = 0

    def step(self, entering: np.ndarray, tags: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`entering` and `tags` are columns of the left edge; `weights` are all squares. Returns sums and tags."""
        self.inputs = np.column_stack([entering, self.inputs[:, :-1]])
        self.tags = np.column_stack([tags, self.tags[:, :-1]])
        above = np.vstack([np.zeros((1, self.width), dtype=np.int64), self.sums[:-1]])
        busy = self.tags >= 0
        rows, columns = np.indices(self.tags.shape)
        held = weights[np.maximum(self.tags, 0), rows, columns]
        self.sums = above + np.where(busy, self.inputs * held, 0)
        self.multiplications += int(busy.sum())
        self.cycles += 1
        return self.sums[-1].copy(), self.tags[-1].copy()


def product(x: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, Array]:
    """Multiply each block of columns of `x` by its squares. `x` has shape (rows, 2 · width), `squares` (tiles, w, w).

    Returns the sums of each square, shape (tiles, rows, width), and the array with its counts.
    """
    rows, width, tiles = len(x), squares.shape[1], len(squares)
    array, period = Array(width), max(rows, width)  # cycles a square: its rows, or until the next weights are there
    out = np.zeros((tiles, rows, width), dtype=np.int64)
    for cycle in range(tiles * period + 2 * width - 2):
        at = cycle - np.arange(width)  # row k of the array is k cycles behind the first
        tile, row = at // period, at % period
        there = (at >= 0) & (tile < tiles) & (row < rows)
        tile, row = np.where(there, tile, 0), np.where(there, row, 0)
        entering = np.where(there, x[row, (tile % 2) * width + np.arange(width)], 0)
        sums, tags = array.step(entering, np.where(there, tile, -1), squares)
        done = cycle - (width - 1) - np.arange(width)  # when the sum of a column left the last cell
        for column in np.nonzero(tags >= 0)[0]:
            out[done[column] // period, done[column] % period, column] = sums[column]
    return out, array


# %% [markdown]
# One product by the number of rows: an input of 32 columns and weights of 32 by 64, which are eight squares.

# %%
for rows in ex.sweep("rows", [1, 2, 4, 8, 16, 32, 64, 128]):
    x = random.integers(-8, 8, (rows, 2 * WIDTH))
    weights = random.integers(-8, 8, (2 * WIDTH, TILES // 2 * WIDTH))
    squares = np.array(
        [
            weights[half * WIDTH : (half + 1) * WIDTH, column * WIDTH : (column + 1) * WIDTH]
            for column in range(TILES // 2)
            for half in (0, 1)
        ]
    )
    sums, array = product(x, squares)
    together = np.hstack([sums[2 * column] + sums[2 * column + 1] for column in range(TILES // 2)])
    assert (together == x @ weights).all(), "the array's product differs"
    assert array.multiplications == x.size * weights.shape[1], "a multiplication is missing or was done twice"
    cycles = ex.law("systolic-cycles", tiles=TILES, rows=rows, width=WIDTH)
    assert array.cycles == cycles, f"{array.cycles} cycles, and {cycles} by the law"
    use = array.multiplications / (array.cycles * WIDTH**2)
    law = ex.law("systolic-use", tiles=TILES, rows=rows, width=WIDTH)
    ex.report("cycles", array.cycles, unit="cycles", label="cycles of the product", rows=rows)
    ex.report("use", use, unit="%", better="higher", label="multiplications used, simulated", rows=rows)
    ex.report("law", law, unit="%", better="higher", label="multiplications used, by the law", rows=rows)

# %% [markdown]
# The same work on arrays of other widths: a product of 64 rows with weights of 64 by 64.

# %%
for width in ex.sweep("width", [4, 8, 16, 32, 64]):
    x = random.integers(-8, 8, (64, 2 * width))
    tiles = 2 * (64 // width) ** 2
    squares = random.integers(-8, 8, (tiles, width, width))
    sums, array = product(x, squares)
    expected = np.array([x[:, (tile % 2) * width : (tile % 2 + 1) * width] @ squares[tile] for tile in range(tiles)])
    assert (sums == expected).all(), "the array's product differs"
    ex.report("use-by-width", array.multiplications / (array.cycles * width**2), unit="%", better="higher", width=width)
