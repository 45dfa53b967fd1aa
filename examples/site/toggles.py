# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "site"
# title = "Which bits change: why the same product draws different power for different numbers"
# devices = ["cpu"]
# profiles = ["full"]
# budget_seconds = 60
# launches = 6
# ///
"""The bits that change from one operand to the next, counted exactly, for nine kinds of streams.

A transistor takes energy when it switches. A multiplier that gets the same operand twice switches nothing at its input;
one that gets random bits switches half of them. So the power of a product depends on the numbers in it, although its
operations and bytes do not, and a chip at its power limit runs faster on numbers that change little. Here the cause is
counted: the bits that differ between consecutive operands as they stream through a unit, over all bits.

Each kind is a stream of 2²⁰ numbers, in bfloat16 and in 8-bit integers: zeros, one constant, numbers from a normal
distribution (in order as drawn, sorted, half and nine tenths of them zero at random places), only positive ones, powers
of two, and uniform random bits. `toggles` is the share of bits that change, and `field` divides it for bfloat16 into
sign, exponent and fraction.

Caveats. Only the input of a unit is counted, which is a part of what a chip switches; the inside of a multiplier, its
adders and the wires depend on both operands. The figures rank kinds of data, and are not watts. Nothing is timed, and
all launches count the same stream.
"""

# %%
from collections.abc import Callable

import numpy as np

from stackdoc import example

ex = example()
COUNT = 1 << 20

# %% [markdown]
# The streams, in single precision before they are rounded.

# %%
random = np.random.default_rng(3)
normal = random.standard_normal(COUNT).astype(np.float32)
draws = random.random(COUNT)
STREAMS: dict[str, Callable[[], np.ndarray]] = {
    "zeros": lambda: np.zeros(COUNT, np.float32),
    "constant": lambda: np.full(COUNT, normal[0]),
    "sorted": lambda: np.sort(normal),
    "sparse-90": lambda: np.where(draws < 0.9, 0, normal).astype(np.float32),
    "sparse-50": lambda: np.where(draws < 0.5, 0, normal).astype(np.float32),
    "powers-of-two": lambda: np.exp2(np.round(2 * normal)).astype(np.float32),
    "positive": lambda: np.abs(normal),
    "normal": lambda: normal,
}


def bfloat16(x: np.ndarray) -> np.ndarray:
    """The upper 16 bits, rounded to nearest, ties to even."""
    bits = x.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def int8(x: np.ndarray) -> np.ndarray:
    return np.clip(np.round(32 * x), -127, 127).astype(np.int8).view(np.uint8)


# %% [markdown]
# The bits that differ between neighbours, and the same by field of a bfloat16 number.


# %%
def changed(codes: np.ndarray, mask: int) -> float:
    """The share of the bits in `mask` that differ between a code and the next."""
    differ = (codes[1:] ^ codes[:-1]) & codes.dtype.type(mask)
    return float(np.bitwise_count(differ).mean()) / mask.bit_count()


FIELDS = {"sign": 0x8000, "exponent": 0x7F80, "fraction": 0x007F}
streams = {name: make() for name, make in STREAMS.items()}
for name in ex.sweep("data", [*STREAMS, "random-bits"]):
    if name == "random-bits":
        codes = {
            "bfloat16": random.integers(0, 1 << 16, COUNT).astype(np.uint16),
            "int8": random.integers(0, 1 << 8, COUNT).astype(np.uint8),
        }
    else:
        codes = {"bfloat16": bfloat16(streams[name]), "int8": int8(streams[name])}
    for dtype, stream in codes.items():
        share = changed(stream, (1 << 8 * stream.itemsize) - 1)
        ex.report("toggles", share, unit="%", label=f"{name}, {dtype}", data=name, dtype=dtype)

for name in ex.sweep("field", list(FIELDS)):
    ex.report("field", changed(bfloat16(normal), FIELDS[name]), unit="%", label=f"{name} of bfloat16", field=name)
assert changed(bfloat16(streams["zeros"]), 0xFFFF) == 0, "zeros change no bit"
