"""The clock of a CUDA (or ROCm) device: events on its stream, so that a missing synchronise can't shorten a figure.

The host enqueues behind a kernel that only waits, so short calls are timed back to back and the figure is the
device's, not the host's. `cold` empties exactly the second-level cache before each call. Eager calls; a graph is
the example's own affair.
"""

from __future__ import annotations

import time
from typing import Any

from stackdoc.measure.clocks import Block, Call, Conditions

CYCLES_PER_NS = 2.0  # of the waiting kernel: above any present device's clock, so that it waits long enough
LONGEST_WAIT_NS = 20_000_000
REASONS = {  # of NVML's clock event reasons, those that make a figure worth less
    "nvmlClocksEventReasonHwThermalSlowdown": "hardware thermal slowdown",
    "nvmlClocksEventReasonSwThermalSlowdown": "software thermal slowdown",
    "nvmlClocksEventReasonHwPowerBrakeSlowdown": "power brake",
}


class CudaClock:
    """Device time of the current device."""

    name = "device-events"
    longest = 400  # calls that fit into the launch queue behind the waiting kernel

    def __init__(self, cache: str = "warm") -> None:
        import torch

        self.torch: Any = torch
        properties = torch.cuda.get_device_properties()
        self.uuid = str(getattr(properties, "uuid", ""))
        self.flush: Any = None
        if cache == "cold":
            self.flush = torch.empty(properties.L2_cache_size, dtype=torch.int8, device="cuda")
        self.enqueue_ns = 0.0  # host time of one call, as last seen

    def block(self, call: Call, calls: int) -> Block:
        cuda = self.torch.cuda
        pairs = []
        cuda.synchronize()
        cuda._sleep(int(min(1.5 * self.enqueue_ns * calls, LONGEST_WAIT_NS) * CYCLES_PER_NS) + 1)
        begun = time.perf_counter_ns()
        for _ in range(calls if self.flush is not None else 1):
            if self.flush is not None:
                self.flush.zero_()
            start, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
            start.record()
            for _ in range(1 if self.flush is not None else calls):
                call()
            end.record()
            pairs.append((start, end))
        self.enqueue_ns = (time.perf_counter_ns() - begun) / calls
        cuda.synchronize()
        return Block(round(sum(start.elapsed_time(end) for start, end in pairs) * 1e6))

    def first(self, call: Call) -> tuple[Any, int, int | None]:
        cuda = self.torch.cuda
        cuda.synchronize()
        cuda.reset_peak_memory_stats()
        start = time.perf_counter_ns()
        out = call()
        cuda.synchronize()
        return out, time.perf_counter_ns() - start, int(cuda.max_memory_allocated())

    def conditions(self) -> Conditions:
        """Empty without NVML or its Python package."""
        try:
            import pynvml
        except ImportError:
            return Conditions()
        try:
            pynvml.nvmlInit()
            handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{self.uuid}")
            mask = pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle)
            clock = int(pynvml.nvmlDeviceGetClockInfo(handle, pynvml.NVML_CLOCK_SM))
        except pynvml.NVMLError:
            return Conditions()
        found = tuple(words for name, words in REASONS.items() if mask & int(getattr(pynvml, name, 0)))
        return Conditions(throttle=found, sm_clock_mhz=clock)
