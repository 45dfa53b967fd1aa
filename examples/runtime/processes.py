# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "runtime"
# title = "Four operations in processes that were started in different ways"
# devices = ["cpu"]
# launches = 9
# budget_seconds = 300
# ///
"""One matrix product, one layer normalisation, one copy and one addition: does it matter how the process began?

Every process that runs them is a draw: of addresses, of the state of its heap, of the pages it was given.
A fork of a warm process inherits that draw, a fresh process makes its own. Measured once with fresh
launches and once with forked ones, this example shows whether the figures agree.

A full run also starts processes of its own, in random order: fresh ones twice, forks of one process that
is kept, and forks of a process that is made anew each time. `to-fresh` is the median of each way over that
of the fresh ones, `spread` the range over the median. And it has glibc give the buffer of every
result back to the system, and asks for huge pages, each in a process of its own.

Caveats. One thread. Six processes of each way in one launch of the full run; the interval is over launches.
"""

# %%
import json
import os
import random
import subprocess
import sys
from statistics import median

import torch

from stackdoc import Work, close, example

ex = example()

# %%
a, b = torch.randn(512, 512), torch.randn(512, 512)
rows = torch.randn(1024, 1024)
source, target = torch.randn(1 << 22), torch.empty(1 << 22)
total, one = torch.zeros(1 << 20), torch.randn(1 << 20)
exact = a.double() @ b.double()
normal = torch.nn.functional.layer_norm(rows.double(), (1024,))

ex.measure(
    "product",
    lambda: a @ b,
    label="matrix product, 512 × 512",
    work=Work(flop=2 * 512**3, bytes=3 * 4 * 512**2),
    dtype="float32",
    check=lambda out: close(out, exact, rtol=1e-5),
)
ex.measure(
    "normalisation",
    lambda: torch.nn.functional.layer_norm(rows, (1024,)),
    label="layer normalisation, 1024 × 1024",
    work=Work(flop=8 * 1024**2, bytes=8 * 1024**2),
    dtype="float32",
    check=lambda out: close(out, normal, rtol=1e-4),
)
ex.measure(
    "copy",
    lambda: target.copy_(source),
    label="copy, 16 MiB",
    work=Work(bytes=2 * 4 * source.numel()),
    check=lambda out: bool(torch.equal(out, source)),
)
ex.measure(
    "addition",
    lambda: torch.add(total, one, out=target[: 1 << 20]),
    label="addition, 4 MiB",
    work=Work(flop=1 << 20, bytes=3 * 4 * (1 << 20)),
    check=lambda out: bool(torch.equal(out, one)),
)

# %% [markdown]
# What a process of its own runs: it prints the median microseconds of each operation and the page faults of
# a call. With `serve` it forks for every line that it reads instead, and the fork does.

# %%
CHILD = """
import json, os, resource, sys, time
from statistics import median
import torch

def timed():
    torch.set_num_threads(1)
    a, b, rows = torch.randn(512, 512), torch.randn(512, 512), torch.randn(1024, 1024)
    source, target = torch.randn(1 << 22), torch.empty(1 << 22)
    total, one = torch.zeros(1 << 20), torch.randn(1 << 20)
    operations = {
        "product": (lambda: a @ b, 1),
        "normalisation": (lambda: torch.nn.functional.layer_norm(rows, (1024,)), 3),
        "copy": (lambda: target.copy_(source), 2),
        "addition": (lambda: torch.add(total, one, out=target[: 1 << 20]), 8),
    }
    found = {}
    for name, (call, calls) in operations.items():
        for _ in range(30):
            call()
        faults, blocks = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, []
        for _ in range(40):
            start = time.perf_counter_ns()
            for _ in range(calls):
                call()
            blocks.append((time.perf_counter_ns() - start) / calls / 1000)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        found[name] = (median(blocks), faults / 40 / calls)
    print(json.dumps(found), flush=True)

if "serve" not in sys.argv:
    timed()
else:
    for _ in sys.stdin:
        if os.fork() == 0:
            timed()
            os._exit(0)
        os.wait()
    os._exit(0)
"""
Found = dict[str, list[float]]


def fresh(**environment: str) -> Found:
    command = [sys.executable, "-c", CHILD]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **environment})
    return json.loads(done.stdout)


def served(process: subprocess.Popen[str]) -> Found:
    process.stdin.write("once\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def warm() -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, "serve"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def forked_anew() -> Found:
    with warm() as process:
        found = served(process)
        process.stdin.close()
    return found


# %%
if not ex.quick:
    with warm() as kept:
        ways = {
            "fresh": fresh,
            "fresh again": fresh,
            "forks of one process": lambda: served(kept),
            "a new process each": forked_anew,
        }
        seen: dict[str, list[Found]] = {way: [] for way in ways}
        for _ in range(6):
            for way in random.sample(list(ways), len(ways)):
                seen[way].append(ways[way]())
        kept.stdin.close()
    for operation in ("product", "normalisation", "copy", "addition"):
        times = {way: [found[operation][0] for found in each] for way, each in seen.items()}
        for way, each in times.items():
            process = way.replace(" ", "-")
            spread = (max(each) - min(each)) / median(each)
            ex.report("spread", spread, unit="of the median", operation=operation, process=process, label=way)
            if way != "fresh":
                ratio = median(each) / median(times["fresh"])
                ex.report("to-fresh", ratio, operation=operation, process=process, label=way)

# %% [markdown]
# The allocator's two ways, and pages of another size. Thresholds that are set by hand stay where they are;
# left alone, glibc raises them when it sees a large buffer freed.

# %%
if not ex.quick:
    GIVE, KEEP = "131072", str(1 << 30)
    for heap, threshold in (("gives-back", GIVE), ("keeps", KEEP)):
        tunables = f"glibc.malloc.mmap_threshold={threshold}:glibc.malloc.trim_threshold={threshold}"
        microseconds, faults = fresh(GLIBC_TUNABLES=tunables)["normalisation"]
        ex.report("normalisation-time", microseconds, unit="µs", heap=heap)
        ex.report("faults", faults, unit="faults/call", heap=heap)
    for pages, value in (("small", "0"), ("huge", "1")):
        microseconds, _ = fresh(THP_MEM_ALLOC_ENABLE=value)["copy"]
        ex.report("copy-time", microseconds, unit="µs", pages=pages)
