# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "fabric"
# title = "Copies between host and accelerator, by size, from pinned and from pageable memory"
# devices = ["cuda"]
# budget_seconds = 90
# ///
"""The link between a processor and its accelerator, in both directions.

Memory that is pinned can't be moved by the operating system, so the device fetches it by itself. Pageable memory goes
through a pinned buffer of the driver first: one more copy, by the processor. If the two copies did not overlap,
a pageable transfer would take the pinned time and that of a copy within the host; this is predicted before it is
measured, and a driver that works in pieces should beat it.

Caveats. Device events around copies on one stream, with nothing else on the link. The socket that runs the copy and
the device may be far apart on a large host, and the figure does not say so. A machine whose processor and accelerator
share memory has no such link, and copies within it.
"""

# %%
import statistics
import time

import torch

from stackdoc import Work, example

ex = example()
KIB, MIB = 1 << 10, 1 << 20
SIZES = [4 * KIB, 64 * KIB, 1 * MIB, 16 * MIB, 64 * MIB, 256 * MIB]

# %% [markdown]
# A copy within the host, on the wall clock: what staging costs at the least.


# %%
def host_copy_seconds(source: torch.Tensor) -> float:
    target = torch.empty_like(source)
    seconds = []
    for _ in range(7):
        began = time.perf_counter()
        target.copy_(source)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[2:])


def equal(source: torch.Tensor) -> object:
    return lambda out: bool((out.cpu() == source.cpu()).all())


# %% [markdown]
# Both directions and both kinds of memory.

# %%
for bytes in ex.sweep("bytes", SIZES, quick=SIZES[:5]):
    pageable = torch.randn(bytes // 4)
    pinned, on_device = pageable.pin_memory(), pageable.to(ex.device)
    from_device = torch.randn(bytes // 4, device=ex.device)
    work = Work(bytes=bytes)
    staging = host_copy_seconds(pageable)
    for direction in ex.sweep("direction", ["to-device", "to-host"]):
        inward = direction == "to-device"
        timed = {}
        for memory, host in {"pinned": pinned, "pageable": pageable}.items():
            target, source = (on_device, host) if inward else (host, from_device)
            if memory == "pageable":
                seconds = timed["pinned"].seconds + staging
                formula = "pinned copy + copy within the host"
                ex.predict("copy", seconds, formula, bytes=bytes, direction=direction, memory=memory)
            timed[memory] = ex.measure(
                "copy",
                lambda target=target, source=source: target.copy_(source, non_blocking=True),
                work=work,
                label=f"{direction}, {memory}",
                check=equal(source),
                bytes=bytes,
                direction=direction,
                memory=memory,
            )
        label = "pinned over pageable"
        ex.ratio(
            "pinning-gain", slow=timed["pageable"], fast=timed["pinned"], label=label, bytes=bytes, direction=direction
        )
