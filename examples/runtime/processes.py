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

A full run also starts processes of its own, which import torch at the same time and then take turns in random
order: two fresh ones, two forks of one process, and a fork of another, so that two are forks of a process
each. `forked-to-fresh` is the mean time of those two over that of the fresh ones, `apart` the difference of two
times over their mean. And it has glibc give the buffer of every result back to the system or keep it, and asks
for huge pages, each in a process of its own.

Caveats. One thread. Two processes of each way in one launch; the intervals are over launches.
"""

# %%
import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack
from statistics import mean

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
# What a process of its own runs. It says `ready` when torch is there. For each line that it then reads, it prints the
# median microseconds of each operation and the page faults of a call; with `fork`, a fork of it does.

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
        "copy": (lambda: target.copy_(source), 1),
        "addition": (lambda: torch.add(total, one, out=target[: 1 << 20]), 4),
    }
    found = {}
    for name, (call, calls) in operations.items():
        for _ in range(10 * calls):
            call()
        faults, blocks = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, []
        for _ in range(20):
            start = time.perf_counter_ns()
            for _ in range(calls):
                call()
            blocks.append((time.perf_counter_ns() - start) / calls / 1000)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
        found[name] = (median(blocks), faults / 20 / calls)
    print(json.dumps(found), flush=True)

print("ready", flush=True)
for _ in sys.stdin:
    if "fork" not in sys.argv:
        timed()
    elif os.fork() == 0:
        timed()
        os._exit(0)
    else:
        os.wait()
"""
Child = subprocess.Popen[str]
Found = dict[str, list[float]]


def started(stack: ExitStack, *arguments: str, **environment: str) -> Child:
    """A process that imports torch and waits. It ends with the stack."""
    command = [sys.executable, "-c", CHILD, *arguments]
    pipe, own = subprocess.PIPE, {**os.environ, **environment}
    child = stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=own))
    stack.callback(child.stdin.close)
    return child


def asked(child: Child) -> Found:
    child.stdin.write("once\n")
    child.stdin.flush()
    return json.loads(child.stdout.readline())


# %% [markdown]
# The allocator's two ways, and pages of another size than a program gets unasked. Thresholds that are set by hand stay
# where they are; left alone, glibc raises them when it sees a large buffer freed.

# %%
GIVE, KEEP = "131072", str(1 << 30)
THRESHOLDS = "glibc.malloc.mmap_threshold={0}:glibc.malloc.trim_threshold={0}"
TUNED = {
    "gives-back": {"GLIBC_TUNABLES": THRESHOLDS.format(GIVE)},
    "keeps": {"GLIBC_TUNABLES": THRESHOLDS.format(KEEP)},
    "huge": {"THP_MEM_ALLOC_ENABLE": "1"},
}


def looked() -> dict[str, Found]:
    """What each process found: `fresh-…`, `fork-PROCESS-…` and the tuned ones."""
    with ExitStack() as stack:
        children = {f"fresh-{number}": started(stack) for number in (0, 1)}
        one, other = started(stack, "fork"), started(stack, "fork")
        children |= {"fork-0-0": one, "fork-0-1": one, "fork-1-0": other}
        children |= {name: started(stack, **environment) for name, environment in TUNED.items()}
        for child in set(children.values()):
            child.stdout.readline()
        return {name: asked(children[name]) for name in random.sample(list(children), len(children))}


# %%
if not ex.quick:
    found = looked()
    ways = {
        "fresh": ("fresh processes", ("fresh-0", "fresh-1")),
        "one": ("forks of one process", ("fork-0-0", "fork-0-1")),
        "each": ("forks of a process each", ("fork-0-0", "fork-1-0")),
    }
    for operation in ("product", "normalisation", "copy", "addition"):
        times = {way: [found[name][operation][0] for name in names] for way, (_, names) in ways.items()}
        for way, (label, _) in ways.items():
            apart = (max(times[way]) - min(times[way])) / mean(times[way])
            ex.report("apart", apart, unit="of the mean", operation=operation, process=way, label=label)
        ratio = mean(times["each"]) / mean(times["fresh"])
        ex.report("forked-to-fresh", ratio, operation=operation, label="forks of a process each over fresh ones")
    for heap in ("gives-back", "keeps"):
        microseconds, faults = found[heap]["normalisation"]
        ex.report("normalisation-time", microseconds, unit="µs", heap=heap)
        ex.report("faults", faults, unit="faults/call", heap=heap)
    for pages, name in (("usual", "fresh-0"), ("huge", "huge")):
        ex.report("copy-time", found[name]["copy"][0], unit="µs", pages=pages)
