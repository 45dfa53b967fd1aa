# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "platform"
# title = "Many small files against one large one, and the price of fsync"
# devices = ["cpu"]
# budget_seconds = 60
# ///
"""The same bytes read as a thousand files of 4 KiB and as one file, and what it costs to make a write last.

Reading is done with the system's own calls (open, read, close) into memory, from the page cache: every byte was
written a moment ago, so no storage is touched. That is on purpose. What is left is the price of the file system's
interface, and it is compared with a file system that has no storage at all (`tmpfs`). One small file is read again
and again; a thousand times that is the prediction for the thousand, whose names and contents differ.

Writing is where storage shows: a small write is timed with and without `fsync`, and a batch with one `fsync` at its
end. These calls wait, so their processor time says nothing, and they are reported and not timed in blocks.

Caveats. The directory is the launch's scratch directory; which file system it is on is shown below. A cold read from a
network file system adds a round trip for each file, and no example can make one here. A drive or a hypervisor may
confirm an `fsync` before the data are safe; then the figure is too good.
"""

# %%
import os
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from stackdoc import Work, close, example

ex = example()
SMALL_BYTES, FILES = 4096, 1000
content = random.Random(20).randbytes(SMALL_BYTES * FILES)


def file_system(directory: Path) -> str:
    """The type that the system's table of mounts gives for the directory; empty where there is no such table."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    mounts = [(Path(fields[1]), fields[2]) for fields in map(str.split, lines) if len(fields) > 2]
    holding = [mount for mount in mounts if directory.is_relative_to(mount[0])]
    return max(holding, key=lambda mount: len(mount[0].parts), default=(Path(), ""))[1]


# %% [markdown]
# Reading with system calls, without the buffers and decoding of the language.


# %%
def read(path: str, size: int = SMALL_BYTES) -> bytes:
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, size)
    finally:
        os.close(file)


def same(out: bytes) -> bool:
    return out == content


# %% [markdown]
# Two places: the scratch directory, and memory where the system offers it as a file system.

# %%
scratch = Path(tempfile.mkdtemp(dir=Path.cwd())).resolve()
places = {"scratch": scratch}
if file_system(Path("/dev/shm")) == "tmpfs" and os.access("/dev/shm", os.W_OK):
    places["memory"] = Path(tempfile.mkdtemp(dir="/dev/shm", prefix="stackdoc-"))
ex.show("\n".join(f"{name}: {file_system(path) or 'unknown file system'}" for name, path in places.items()))

# %% [markdown]
# A thousand reads, predicted from one of them.


# %%
def make_files(directory: Path) -> list[str]:
    paths = [str(directory / f"{number:04}") for number in range(FILES)]
    for number, path in enumerate(paths):
        Path(path).write_bytes(content[number * SMALL_BYTES : (number + 1) * SMALL_BYTES])
    return paths


work = Work(bytes=len(content))
many = {where: make_files(directory) for where, directory in places.items()}
whole = str(scratch / "whole")
Path(whole).write_bytes(content)
small = ex.measure(
    "small",
    lambda: read(many["scratch"][0]),
    work=Work(bytes=SMALL_BYTES),
    label="one small file, again and again",
    check=lambda out: out == content[:SMALL_BYTES],
)
ex.measure("one", lambda: read(whole, len(content)), work=work, label="one file", check=same)
for where in ex.sweep("where", [*places]):
    ex.predict("many", seconds=FILES * small.seconds, formula="1000 × one small file", where=where)
    ex.measure(
        "many",
        lambda where=where: [read(path) for path in many[where]],
        work=work,
        label="a thousand files",
        check=lambda out: same(b"".join(out)),
        where=where,
    )
ex.ratio("many-to-one", slow="many;where=scratch", fast="one", label="one file over a thousand")
if "memory" in places:
    ex.ratio("storage", slow="many;where=scratch", fast="many;where=memory", label="memory over scratch")
    shutil.rmtree(places["memory"], ignore_errors=True)

# %% [markdown]
# Writing 4 KiB, left to the page cache; the same with `fsync`; a batch of such writes with one `fsync`.


# %%
def write(file: int, count: int, sync_each: bool, sync_last: bool) -> float:
    """Seconds for each of the writes."""
    began = time.perf_counter()
    for number in range(count):
        os.write(file, content[number * SMALL_BYTES : (number + 1) * SMALL_BYTES])
        if sync_each:
            os.fsync(file)
    if sync_last:
        os.fsync(file)
    return (time.perf_counter() - began) / count


BATCH = 16
WAYS = {
    "cached": ("left to the page cache", False, False),
    "batch": ("one fsync for 16", False, True),
    "each": ("fsync after each", True, True),
}
for way in ex.sweep("way", [*WAYS]):
    label, sync_each, sync_last = WAYS[way]
    file = os.open(scratch / way, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        seconds = statistics.median(write(file, BATCH, sync_each, sync_last) for _ in range(3))
    finally:
        os.close(file)
    written = (scratch / way).read_bytes()
    if not close(len(written), 3 * BATCH * SMALL_BYTES, rtol=0).ok or written[:SMALL_BYTES] != content[:SMALL_BYTES]:
        raise OSError("what was written is not what is there")
    ex.report("write", seconds, unit="s", label=f"write 4 KiB, {label}", way=way)
ex.ratio("fsync-price", slow="write;way=each", fast="write;way=cached", label="page cache over fsync after each")
ex.ratio("batch-gain", slow="write;way=each", fast="write;way=batch", label="one fsync for 16 over one each")
shutil.rmtree(scratch, ignore_errors=True)
