"""A GPU in virtual time: launches cost the host, kernels cost the device, and nothing waits for a real clock."""

from __future__ import annotations

from collections import deque
from types import ModuleType, SimpleNamespace

MICROSECOND = 1_000
EVENT_NS = 1 * MICROSECOND  # of the host to ask for a time stamp, and of the device to write it
SYNCHRONISE_NS = 5 * MICROSECOND  # of the host to notice that the device has finished
FLUSH_NS = 100 * MICROSECOND  # of the device to overwrite its cache
EASY_LAUNCH_NS = 4 * MICROSECOND  # of the host, for the kernels that the clock launches itself


class VirtualDevice:
    """One host thread and one stream. The host runs ahead of the device until `depth` kernels wait in the queue.

    `host_ns` is the time on the host, `free_ns` when the device will have done all that it was asked for. `ghz` is the
    rate at which the waiting kernel counts its cycles. `held_bytes` and `peak_bytes` are what its allocator says,
    `flushes` how often its cache was emptied.
    """

    depth = 1024

    def __init__(self, ghz: float = 1.98) -> None:
        self.ghz = ghz
        self.host_ns = 0.0
        self.free_ns = 0.0
        self.held_bytes = 0
        self.peak_bytes = 0
        self.flushes = 0
        self._ends: deque[float] = deque()  # of the kernels that have not ended yet

    def launch(self, device_ns: float, host_ns: float = EASY_LAUNCH_NS) -> float:
        """Asks for one kernel and returns when it will end. The host waits where the queue is full."""
        self.host_ns += host_ns
        while self._ends and self._ends[0] <= self.host_ns:
            self._ends.popleft()
        if len(self._ends) >= self.depth:
            self.host_ns = self._ends.popleft()
        self.free_ns = max(self.free_ns, self.host_ns) + device_ns
        self._ends.append(self.free_ns)
        return self.free_ns

    def compute_on_host(self, host_ns: float) -> None:
        """Work that the device has no part in."""
        self.host_ns += host_ns

    def synchronise(self) -> None:
        self.host_ns = max(self.host_ns, self.free_ns) + SYNCHRONISE_NS
        self._ends.clear()

    def perf_counter_ns(self) -> int:
        """The host's clock."""
        return round(self.host_ns)

    def torch(self) -> ModuleType:
        """As much of torch as the clock of an accelerator asks for."""
        device = self

        class Event:
            def __init__(self, enable_timing: bool) -> None:
                assert enable_timing

            def record(self) -> None:
                self.at_ns = device.launch(EVENT_NS, EVENT_NS)

            def query(self) -> bool:
                """Whether the device has passed it, at the host's time."""
                return device.host_ns >= self.at_ns

            def elapsed_time(self, end: Event) -> float:
                return (end.at_ns - self.at_ns) / 1e6

        class Buffer:
            def zero_(self) -> None:
                device.flushes += 1
                device.launch(FLUSH_NS)

        module = ModuleType("torch")
        module.__dict__.update(
            cuda=SimpleNamespace(
                Event=Event,
                synchronize=self.synchronise,
                _sleep=lambda cycles: self.launch(cycles / self.ghz),
                get_device_properties=lambda: SimpleNamespace(
                    name="virtual", uuid="", L2_cache_size=1 << 20, multi_processor_count=132, major=9, minor=0
                ),
                current_device=lambda: 0,
                device_count=lambda: 1,
                reset_peak_memory_stats=self._forget_peak,
                memory_allocated=lambda: self.held_bytes,
                max_memory_allocated=lambda: self.peak_bytes,
            ),
            xpu=SimpleNamespace(Event=Event, synchronize=self.synchronise),
            mps=SimpleNamespace(event=SimpleNamespace(Event=Event), synchronize=self.synchronise),
            version=SimpleNamespace(cuda="12.6", hip=None, xpu="20250300"),
            backends=SimpleNamespace(mps=SimpleNamespace(is_built=lambda: True)),
            __version__="2.13.0+virtual",
            int8=None,
            Tensor=Buffer,  # libraries that know torch ask whether they were given one
            empty=lambda *_, **__: Buffer(),
            set_num_threads=lambda _: None,
        )
        return module

    def _forget_peak(self) -> None:
        self.peak_bytes = self.held_bytes
