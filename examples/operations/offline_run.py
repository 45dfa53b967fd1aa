# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "wandb>=0.20"]
# [tool.stackdoc]
# layer = "operations"
# title = "A run recorded offline: calls a second, bytes a call, nothing lost (Weights & Biases)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# ///
"""What logging to Weights & Biases costs the training loop when there is no service to send to.

Offline, the client starts a process of its own that writes a run to a file, to be sent later. A call of `log` hands
its values over and does not wait for the disk. So three times matter: the start of the run, a call, and the end, when
all has to be written. The file grows by the same number of bytes for each call:

    bytes ≈ fixed + calls · bytes of one

Its slope comes from the two smaller runs, and predicts the largest. Every call is counted in the file afterwards.

Caveats. Nothing is sent, so this is the part that a machine does itself. The process beside the training takes time
of a processor too, which is not in the call. Measuring of the machine (`x_stats_sampling_interval`) is off, as are
the console and the code.
"""

# %%
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

place = Path(tempfile.mkdtemp(dir=Path.cwd()))
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(place), WANDB_ERROR_REPORTING="false")

import wandb  # noqa: E402  # the variables have to be there first
from wandb.proto.wandb_internal_pb2 import Record  # noqa: E402

from stackdoc import close, example  # noqa: E402

ex = example()
BLOCK = 32768
quiet = wandb.Settings(console="off", x_disable_stats=True, disable_code=True, disable_git=True, x_disable_meta=True)


# %% [markdown]
# One run, from start to end, and what its file holds.


# %%
def records(data: bytes) -> Iterator[bytes]:
    """The records of the file: after seven bytes, blocks of 32 KiB of pieces with a checksum, a length and a kind."""
    at, whole = 7, b""
    while at + 7 <= len(data):
        if BLOCK - at % BLOCK < 7:  # too little for a piece's head
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # all of it, or its last piece
            yield whole
            whole = b""


def history(file: Path) -> int:
    """How many calls of `log` the file holds."""
    found = 0
    for data in records(file.read_bytes()):
        record = Record()
        record.ParseFromString(data)
        found += record.WhichOneof("record_type") == "history"
    return found


def until_there(file: Path, calls: int, limit: float = 10.0) -> float:
    """The seconds until the file holds all calls: the process beside may still write when the run has ended."""
    began = perf_counter()
    while history(file) < calls:
        if perf_counter() - began > limit:
            raise ValueError(f"{history(file)} calls of {calls} are in the file")
        time.sleep(0.01)
    return perf_counter() - began


def recorded(calls: int) -> tuple[float, float, float, Path]:
    """Seconds of the start, of a call and of the end; the file."""
    began = perf_counter()
    run = wandb.init(project="stack", dir=str(place), settings=quiet)
    start = perf_counter() - began
    taken = []
    for step in range(calls):
        began = perf_counter()
        run.log({"loss": 1 / (step + 1), "rate": 0.001})
        taken.append(perf_counter() - began)
    began = perf_counter()
    run.finish()
    end = perf_counter() - began
    (file,) = place.glob(f"wandb/offline-run-*-{run.id}/*.wandb")
    return start, median(taken), end, file


# %%
recorded(1)  # the first start also unpacks and caches
sizes: dict[int, int] = {}
for calls in ex.sweep("calls", [100, 400, 1600, 6400], quick=[100, 400, 1600]):
    start, call, end, file = recorded(calls)
    until_there(file, calls)
    sizes[calls] = file.stat().st_size
    ex.report("start", start, unit="s", label="start the run", calls=calls)
    ex.report("call", call, unit="s", label="one call of log", calls=calls)
    ex.report("end", end, unit="s", label="end the run", calls=calls)
    ex.report("file", sizes[calls], unit="B", label="the file", calls=calls)
    if calls > 400:
        line = sizes[100] + (calls - 100) * (sizes[400] - sizes[100]) / 300
        ex.report("file-expected", line, unit="B", label="by formula", calls=calls)
        if not close(sizes[calls], line, rtol=0.1).ok:
            raise ValueError(f"{sizes[calls]} bytes after {calls} calls, the formula gives {line:.0f}")
ex.report("each", (sizes[1600] - sizes[100]) / 1500, unit="B", label="bytes of one call")
