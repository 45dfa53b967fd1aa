"""The clock of an accelerator: events on its stream, so that a missing synchronise can't shorten a figure.

The host enqueues behind a kernel that only waits, where torch has one for the device, so that short calls are timed
back to back and the figure is the device's, not the host's. `cold` empties exactly the second-level cache before each
call. Eager calls; a graph is the example's own affair. `cuda` is torch's name for ROCm's devices too.
"""

from __future__ import annotations

import time
from typing import Any

from stackdoc.measure.devices import nvml
from stackdoc.measure.devices.clock import Block, Call, Conditions
from stackdoc.measure.devices.energy import Counter
from stackdoc.model.record import Memory

CYCLES_PER_NS = 2.0  # of the waiting kernel: above any present device's clock, so that it waits long enough
LONGEST_WAIT_NS = 20_000_000


class AcceleratorClock:
    """Device time of the current device of that kind: `cuda`, `xpu` or `mps`."""

    name = "device-events"
    longest = 400  # calls that fit into the launch queue behind the waiting kernel

    def __init__(self, device: str, cache: str = "warm") -> None:
        import torch

        self.torch: Any = torch
        self.device = device
        self.module: Any = getattr(torch, device)
        properties = self.module.get_device_properties() if hasattr(self.module, "get_device_properties") else None
        self.uuid = str(getattr(properties, "uuid", ""))
        self.flush: Any = None
        if cache == "cold":
            size = getattr(properties, "L2_cache_size", 0)
            if not size:
                raise ValueError(f"torch does not tell the size of the cache of {device}, which a cold cache needs")
            self.flush = torch.empty(size, dtype=torch.int8, device=device)
        self.enqueue_ns = 0.0  # host time of one call, as last seen

    def block(self, call: Call, calls: int) -> Block:
        pairs = []
        self.synchronise()
        if hasattr(self.module, "_sleep"):
            self.module._sleep(int(min(1.5 * self.enqueue_ns * calls, LONGEST_WAIT_NS) * CYCLES_PER_NS) + 1)
        begun = time.perf_counter_ns()
        for _ in range(calls if self.flush is not None else 1):
            if self.flush is not None:
                self.flush.zero_()
            start, end = self._event(), self._event()
            start.record()
            for _ in range(1 if self.flush is not None else calls):
                call()
            end.record()
            pairs.append((start, end))
        self.enqueue_ns = (time.perf_counter_ns() - begun) / calls
        self.synchronise()
        return Block(round(sum(start.elapsed_time(end) for start, end in pairs) * 1e6))

    def first(self, call: Call) -> tuple[Any, int]:
        self.synchronise()
        start = time.perf_counter_ns()
        out = call()
        self.synchronise()
        return out, time.perf_counter_ns() - start

    def synchronise(self) -> None:
        self.module.synchronize()

    def memory(self, call: Call) -> Memory:
        """What torch's allocator had given out, before the call and at most during it."""
        if not hasattr(self.module, "reset_peak_memory_stats"):
            return Memory("device", reason=f"torch keeps no peak for {self.device}")
        self.synchronise()
        self.module.reset_peak_memory_stats()
        before = int(self.module.memory_allocated())
        out = call()
        self.synchronise()
        del out
        return Memory("device", "torch's allocator", before, int(self.module.max_memory_allocated()))

    def energy_counter(self) -> Counter | str:
        if self.device != "cuda" or not self.torch.version.cuda:
            return "energy is read from devices of NVIDIA alone"
        return nvml.energy_counter(self.uuid)

    def conditions(self) -> Conditions:
        return nvml.conditions(self.uuid) if self.device == "cuda" else Conditions()

    def _event(self) -> Any:
        events = self.torch.mps.event if self.device == "mps" else self.module
        return events.Event(enable_timing=True)
