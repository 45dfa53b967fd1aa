# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "silicon"
# title = "The latency of memory, and how accesses side by side hide it"
# devices = ["cpu"]
# profiles = ["full"]
# needs = ["c++"]
# data = ["docs/data/laws/silicon.yml"]
# budget_seconds = 120
# launches = 9
# ///
"""How long does one access to each level of memory take, and how many must be on their way so that nobody waits?

A pointer chase follows a random cycle through an array: each cache line holds the place of the next one, so an access
can't begin before the one before it has ended. `one-chain` is the time of an access by the size of the array.

Then the same array in main memory is followed by several chains at once, which do not depend on each other. By Little's
law the time of an access falls as one over the number of chains, until the memory has no more bandwidth for lines of
64 bytes, or the core no more places for lines that it waits for. `chains` is the time of an access over all chains,
predicted by the law `overlapped-access-time` from the latency measured with one chain in the same launch and from the
best bandwidth of this machine at this size.

A graphics processor hides latency in the same way, with warps in the place of chains.

Caveats. One core. Pages of 4 KiB, or huge ones where the system gives them: beyond what the translation cache holds,
the time includes a walk through page tables, and a virtual machine translates addresses twice. The time of an access
includes one addition and a loop's branch.
"""

# %%
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from stackdoc import Work, example

ex = example()
KIB, MIB, LINE = 1 << 10, 1 << 20, 64

# %% [markdown]
# The chase, compiled. A chain is a place in the array; `steps` accesses of each chain are made.

# %%
SOURCE = r"""
#include <stdint.h>
extern "C" uint64_t chase(const uint64_t *next, const uint64_t *starts, int chains, uint64_t steps) {
    uint64_t at[16], sum = 0;
    for (int c = 0; c < chains; c++) at[c] = starts[c];
#define FOLLOW(n) case n: for (uint64_t s = 0; s < steps; s++) for (int c = 0; c < n; c++) at[c] = next[at[c]]; break;
    switch (chains) { FOLLOW(1) FOLLOW(2) FOLLOW(4) FOLLOW(8) FOLLOW(16) }
    for (int c = 0; c < chains; c++) sum += at[c];
    return sum;
}
"""


def compiled(source: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="chase-"))
    try:
        (folder / "chase.cpp").write_text(source)
        command = ["c++", "-O3", "-march=native", "-shared", "-fPIC", "-o", "chase.so", "chase.cpp"]
        subprocess.run(command, cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "chase.so"))
    finally:
        shutil.rmtree(folder)


library = compiled(SOURCE)
library.chase.restype = ctypes.c_uint64

# %% [markdown]
# A random cycle through all lines of the array. Each line holds eight numbers, of which the first is the next place.


# %%
class Cycle:
    """`bytes` of memory whose lines form one cycle; `order` are the places in the order in which they are visited.

    Each call goes on where the one before it stopped. Otherwise all calls would visit the same lines, and these would
    be in a cache.
    """

    def __init__(self, bytes: int) -> None:
        lines = bytes // LINE
        self.order = np.random.default_rng(11).permutation(lines).astype(np.uint64) * 8
        self.next = np.zeros(lines * 8, dtype=np.uint64)
        self.next[self.order] = np.roll(self.order, -1)
        self.pointer = self.next.ctypes.data_as(ctypes.c_void_p)
        self.done = 0

    def places(self, chains: int, steps: int) -> np.ndarray:
        """Where the chains are after so many further steps, from the order."""
        at = np.arange(chains) * (len(self.order) // chains) + self.done + steps
        return np.ascontiguousarray(self.order[at % len(self.order)])

    def follow(self, chains: int, steps: int) -> int:
        """Return the sum of the places at which the chains end."""
        starts = self.places(chains, 0).ctypes.data_as(ctypes.c_void_p)
        self.done += steps
        return int(library.chase(self.pointer, starts, ctypes.c_int(chains), ctypes.c_uint64(steps)))


# %% [markdown]
# One chain by the size of the array. A call makes so many accesses that it takes a millisecond or more.

# %%
SIZES = [16 * KIB, 256 * KIB, 1 * MIB, 4 * MIB, 16 * MIB, 64 * MIB, 256 * MIB]
STEPS = 1 << 14


def access_time(name: str, cycle: Cycle, side_by_side: int, label: str, **parameters: int) -> float:
    """Times `STEPS` accesses, divided among chains side by side, and returns the seconds of one access."""
    chains, steps = side_by_side, STEPS // side_by_side
    expected = int(cycle.places(chains, steps).sum())
    timed = ex.measure(
        name,
        lambda: cycle.follow(chains, steps),
        work=Work(bytes=LINE * STEPS),
        label=label,
        check=lambda out: out == expected,
        inputs=[cycle.next],
        **parameters,
    )
    return timed.seconds / STEPS


latency = 0.0
for bytes in ex.sweep("bytes", SIZES):
    cycle = Cycle(bytes)
    latency = access_time("one-chain", cycle, 1, f"{bytes // KIB} KiB, one after another", bytes=bytes)
    ex.report("latency", latency, unit="s", label="time of an access", bytes=bytes)

# %% [markdown]
# Several chains through the largest array.

# %%
bandwidth = ex.roofs.bandwidth(SIZES[-1])
for chains in ex.sweep("chains", [1, 2, 4, 8, 16]):
    if bandwidth:
        access = ex.law("overlapped-access-time", latency=latency, chains=chains, bytes=LINE, bandwidth=bandwidth)
        formula = "accesses · max(latency / chains, 64 bytes / bandwidth)"
        ex.predict("overlapped", access * STEPS, formula, chains=chains)
    seconds = access_time("overlapped", cycle, chains, f"{chains} chains at once", chains=chains)
    ex.report("access", seconds, unit="s", label="time of an access", chains=chains)
    ex.report("in-flight", latency / seconds, unit="1", better="higher", label="accesses on their way", chains=chains)
