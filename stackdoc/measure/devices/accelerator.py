"""The clock of an accelerator: what a program waits for its calls, and what the device took for them.

Both are kept for each block. `wall_ns` is the time from the first call until the device has done the last one: the host
launches while the device works, and the longer of the two shows. `device_ns` is the time between two events on the
stream when all calls are queued behind a kernel that only waits, so that the device never waits for the host. Where the
calls do not fit into the queue, or the device has no such kernel, the device's own time can't be told and is left out.

`cold` empties the cache before each call and times each call by itself. Eager calls; a graph is the example's own
affair.
"""

from __future__ import annotations

import time
from itertools import repeat
from statistics import median
from typing import Any

from stackdoc.machine.backends import backend_of, part_of
from stackdoc.measure.devices import nvml
from stackdoc.measure.devices.clock import Block, Call, Conditions
from stackdoc.measure.devices.computed import computed_by
from stackdoc.measure.devices.energy import Counter
from stackdoc.model.device import Computed
from stackdoc.model.record import Launch, Memory

LONGEST_WAIT_NS = 20_000_000
SHORTEST_WAIT_NS = 10_000
PATIENCE = 3  # blocks in a row that may be late before the device's own time is given up
PROBE_CYCLES = 200_000  # 0.1 ms at 2 GHz; some devices count at 100 MHz, which makes 2 ms
FLUSHED = 4  # times the second-level cache: more than it can hold beside the result of a call
LAUNCHES = 5  # of the clock itself, to see how far apart two events are with nothing between them


class AcceleratorClock:
    """Times on the current device of that kind, by torch's name. Raises ValueError where torch was built for none."""

    name = "device-events"
    longest = 400  # calls that fit into the launch queue behind the waiting kernel

    def __init__(self, device: str, cache: str = "warm") -> None:
        import torch

        self.torch: Any = torch
        self.device = device
        backend = backend_of(torch, device)
        if backend is None:
            raise ValueError(f"torch {torch.__version__} was not built for {device}")
        self.backend = backend
        self.module: Any = part_of(torch, backend.module)
        self.events: Any = part_of(torch, backend.events)
        properties = self.module.get_device_properties() if hasattr(self.module, "get_device_properties") else None
        self.uuid = str(getattr(properties, "uuid", ""))
        self.flush: Any = None
        if cache == "cold":
            size = getattr(properties, "L2_cache_size", 0)
            if not size:
                raise ValueError(f"torch does not tell the size of the cache of {device}, which a cold cache needs")
            self.flush = torch.empty(FLUSHED * size, dtype=torch.int8, device=device)
        self.enqueue_ns = 0.0  # host time of one call, as last seen
        self.late = 0  # blocks in a row whose calls were not queued in time
        self.cycles_per_ns = self._rate_of_waiting()
        self.empty_ns = self._nothing()

    def block(self, call: Call, calls: int) -> Block:
        device_ns = self._on_device(call, calls)
        return Block(self._waited_for(call, calls), device_ns=device_ns)

    def only_on_host(self, launch: Launch) -> bool:
        """Whether its calls took their time without anything for the device to do."""
        if not launch.device_ns:
            return False
        idle_ns = 2 * self.empty_ns * (launch.calls if self.flush is not None else 1)
        return median(launch.device_ns) <= idle_ns and median(launch.wall_ns) > 10 * idle_ns

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
        if self.backend.name != "cuda":
            return f"energy is read from devices of NVIDIA alone, not of {self.backend.label}"
        return nvml.energy_counter(self.uuid)

    def conditions(self) -> Conditions:
        return Conditions(state=nvml.state(self.uuid)) if self.backend.name == "cuda" else Conditions()

    def computed(self) -> Computed | None:
        """Which device this is, and which libraries run its kernels; to be asked when some have run."""
        return computed_by(self.torch, self.device)

    def _waited_for(self, call: Call, calls: int) -> int:
        """The host's time until the device has done the calls; with a cold cache the sum over single calls."""
        if self.flush is None:
            rounds = repeat(None, calls)
            self.synchronise()
            start = time.perf_counter_ns()
            for _ in rounds:
                call()
            self.synchronise()
            return time.perf_counter_ns() - start
        waited = 0
        for _ in range(calls):
            self.flush.zero_()
            waited += self.first(call)[1]
        return waited

    def _on_device(self, call: Call, calls: int) -> int | None:
        """The device's time for the calls back to back; None where the host can't queue all of them in time."""
        if not self.cycles_per_ns or self.late >= PATIENCE:
            return None
        each, times = (calls, 1) if self.flush is None else (1, calls)
        found = [self._in_time(call, each) for _ in range(times)]
        known = [one for one in found if one is not None]
        self.late = 0 if len(known) == len(found) else self.late + 1
        return round(sum(known)) if len(known) == len(found) else None

    def _in_time(self, call: Call, calls: int) -> float | None:
        """Tried a second time, which waits as much longer as whatever held the host up took: one such block would
        leave the whole launch without the device's own time."""
        found = self._between(call, calls)
        return self._between(call, calls) if found is None else found

    def _between(self, call: Call, calls: int) -> float | None:
        """Nanoseconds between events before and after the calls; None where the device did not wait for all."""
        self.synchronise()
        wait_ns = min(1.5 * self.enqueue_ns * calls, LONGEST_WAIT_NS) + SHORTEST_WAIT_NS
        self.module._sleep(int(wait_ns * self.cycles_per_ns) + 1)
        if self.flush is not None:
            self.flush.zero_()
        start, end = self._event(), self._event()
        begun = time.perf_counter_ns()
        start.record()
        for _ in range(calls):
            call()
        end.record()
        if calls:
            self.enqueue_ns = (time.perf_counter_ns() - begun) / calls
        in_time = not start.query()
        self.synchronise()
        return float(start.elapsed_time(end)) * 1e6 if in_time else None

    def _rate_of_waiting(self) -> float:
        """Cycles a nanosecond that the waiting kernel counts; 0 where there is none. The first call also loads it."""
        if not hasattr(self.module, "_sleep"):
            return 0.0
        taken_ns = 0.0
        for _ in range(2):
            self.synchronise()
            start, end = self._event(), self._event()
            start.record()
            self.module._sleep(PROBE_CYCLES)
            end.record()
            self.synchronise()
            taken_ns = float(start.elapsed_time(end)) * 1e6
        return PROBE_CYCLES / taken_ns if taken_ns > 0 else 0.0

    def _nothing(self) -> float:
        """How far apart two events are with nothing between them."""
        if not self.cycles_per_ns:
            return 0.0
        found = [apart for _ in range(LAUNCHES) if (apart := self._between(lambda: None, 0)) is not None]
        return min(found, default=0.0)

    def _event(self) -> Any:
        return self.events.Event(enable_timing=True)
