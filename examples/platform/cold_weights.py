# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy"]
# [tool.stackdoc]
# layer = "platform"
# title = "Reading weights: from storage, from the page cache, mapped, and by several readers"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/fabric.yml"]
# budget_seconds = 120
# launches = 9
# ///
"""A file of weights is read into memory, as a server does when it starts, at five sizes.

`storage` reads it after the system was told to drop its pages, `cache` when its pages are in memory already. `readers`
is from storage by four threads, each a quarter. `mapped` maps the file from the cache and touches every page, without
a copy. What each read is compared with what was written.

Latency and bandwidth of each way are fitted to the five sizes; `fit` is the law with them. The bandwidth is what the
start of a large model depends on.

`fetched` is what the system says it took from storage, over the size of the file. It shows whether the drop worked:
one where it did, zero where the file system has no storage behind it or keeps its pages.

Caveats. The drive may be a virtual one with a cache on the host that nothing inside can drop, and its provider may
limit its rate. The file is written a moment before it is read. A copy to a device comes on top.
"""

# %%
import mmap
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np

from stackdoc import example

ex = example()
MIB = 1 << 20
READERS, PIECE, CALLS = 4, 8 * MIB, 3
SIZES = list(ex.sweep("mib", [16, 32, 64, 128, 256]))

# %% [markdown]
# The four ways. All but the mapped one fill a buffer that is there before the clock starts.


# %%
def read(path: Path, room: memoryview, start: int, end: int) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        while start < end:
            start += os.preadv(file, [room[start : min(end, start + PIECE)]], start)
    finally:
        os.close(file)


def read_by_several(path: Path, room: memoryview) -> None:
    edges = [len(room) * reader // READERS for reader in range(READERS + 1)]
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(lambda edge: read(path, room, *edge), pairwise(edges)))


def touch(path: Path, room: memoryview) -> None:
    """Map the file, and copy the first byte of every page to where a read would have put it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        room[:: mmap.PAGESIZE] = memoryview(mapped)[:: mmap.PAGESIZE].tobytes()


def drop(path: Path) -> None:
    """Ask the system to forget the file's pages. They are on storage already, so it may."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


def fetched_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


# %% [markdown]
# Each way some times, the least of them: what else the machine does can only add.


# %%
def ways(path: Path, room: memoryview) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Each way, and what comes before its clock starts."""
    return {
        "storage": (lambda: read(path, room, 0, len(room)), lambda: drop(path)),
        "readers": (lambda: read_by_several(path, room), lambda: drop(path)),
        "cache": (lambda: read(path, room, 0, len(room)), lambda: None),
        "mapped": (lambda: touch(path, room), lambda: None),
    }


def least(call: Callable[[], object], before: Callable[[], object]) -> tuple[float, int]:
    """Seconds, and bytes taken from storage in the last call."""
    seconds = []
    for _ in range(CALLS):
        before()
        began_bytes, began = fetched_bytes(), time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return min(seconds), fetched_bytes() - began_bytes


def write(path: Path, size: int) -> bytes:
    content = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return content


LABELS = {
    "storage": "from storage",
    "readers": "from storage, four readers",
    "cache": "from the page cache",
    "mapped": "mapped, from the page cache",
}
seconds: dict[str, dict[int, float]] = {way: {} for way in LABELS}
with tempfile.TemporaryDirectory() as folder:
    for mib in SIZES:
        path = Path(folder, f"{mib}.weights")
        content, room = write(path, mib * MIB), memoryview(bytearray(mib * MIB))
        for way, (call, before) in ways(path, room).items():
            room[:] = bytes(len(room))
            seconds[way][mib], fetched = least(call, before)
            every = mmap.PAGESIZE if way == "mapped" else 1
            if room[::every] != content[::every]:
                raise ArithmeticError(f"{mib} MiB read {LABELS[way]} are not what was written")
            label = f"{LABELS[way]}: fetched"
            ex.report("fetched", fetched / (mib * MIB), unit="×", label=label, way=way, mib=mib)
        path.unlink()

# %% [markdown]
# Latency and bandwidth of each way, by least squares of the relative error.

# %%
for way, taken in seconds.items():
    rows = np.array([(1 / taken[mib], mib * MIB / taken[mib]) for mib in SIZES])
    (latency, slope), *_ = np.linalg.lstsq(rows, np.ones(len(SIZES)), rcond=None)
    latency, bandwidth = max(float(latency), 0.0), 1 / float(slope)
    ex.report("bandwidth", bandwidth, unit="B/s", better="higher", label=LABELS[way], way=way)
    for mib in SIZES:
        ex.report("read", taken[mib], unit="s", label=LABELS[way], way=way, mib=mib)
        fit = ex.law("transfer-time", latency=latency, bytes=mib * MIB, bandwidth=bandwidth)
        ex.report("fit", fit, unit="s", label=f"{LABELS[way]}, law", way=way, mib=mib)
most = f"read;mib={SIZES[-1]};way="
ex.ratio("readers-gain", slow=f"{most}storage", fast=f"{most}readers", label="one reader over four")
