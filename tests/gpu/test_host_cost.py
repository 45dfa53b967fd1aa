"""What the clock of an accelerator records on a virtual device, beside the time that a program would wait.

Tests with `today` in their name state a known fault. The mend of the clock reverses them: what is recorded becomes what
is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import pytest

from stackdoc.measure.devices.accelerator import AcceleratorClock
from stackdoc.measure.devices.clock import Block, Call
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.timer import BUDGETS, time_calls
from stackdoc.measure.wire import LaunchOrder
from tests.gpu.virtual_device import VirtualDevice

MICROSECOND, MILLISECOND = 1e-6, 1e-3


@dataclass(frozen=True)
class Program:
    """One call of it: so many kernels in a row, each with its cost for host and device in µs."""

    words: str
    kernels: int
    host_us: float
    device_us: float

    def on(self, device: VirtualDevice) -> Call:
        def call() -> None:
            for _ in range(self.kernels):
                device.launch(self.device_us * 1e3, self.host_us * 1e3)

        return call

    @property
    def on_device(self) -> float:
        """Seconds of its kernels back to back."""
        return self.kernels * self.device_us * MICROSECOND

    @property
    def on_host(self) -> float:
        """Seconds of its launches."""
        return self.kernels * self.host_us * MICROSECOND


CHAIN = Program("200 additions", 200, 5.0, 1.5)
GRAPH = Program("the same 200 as one captured graph", 1, 10.0, 240.0)
PRODUCT = Program("one large matrix product", 1, 6.0, 1400.0)
BOUND_BY_HOST = [
    CHAIN,
    Program("a decoding step of 30 kernels", 30, 6.0, 2.2),
    Program("a training step of 70 kernels", 70, 12.0, 2.5),
    Program("a loop of 700 kernels", 700, 8.0, 1.5),
    Program("one addition", 1, 5.0, 1.5),
]
BOUND_BY_DEVICE = [GRAPH, PRODUCT]
in_words = {"ids": lambda program: program.words}


def recorded(call: Call) -> float:
    """Seconds that a launch would record."""
    return ExampleRun(LaunchOrder("x.py", device="cuda")).measure("call", call).seconds


def waited_for(call: Call, device: VirtualDevice, calls: int = 200) -> float:
    """Seconds a call that a program waits which asks for many of them and then for the last result."""
    call()
    device.synchronise()
    begun_ns = device.host_ns
    for _ in range(calls):
        call()
    device.synchronise()
    return (device.host_ns - begun_ns) / calls / 1e9


@pytest.mark.parametrize("program", BOUND_BY_DEVICE, **in_words)
def test_a_program_bound_by_the_device_is_recorded_as_long_as_it_takes(program: Program, device: VirtualDevice) -> None:
    call = program.on(device)
    assert waited_for(call, device) == pytest.approx(program.on_device, rel=0.01)
    assert recorded(call) == pytest.approx(program.on_device, rel=0.01)


@pytest.mark.parametrize("program", BOUND_BY_HOST, **in_words)
def test_today_a_program_bound_by_the_host_is_recorded_without_the_host(
    program: Program, device: VirtualDevice
) -> None:
    """The waiting kernel lets all launches queue up, so that only the device is timed."""
    call = program.on(device)
    assert waited_for(call, device) == pytest.approx(program.on_host, rel=0.02)
    assert recorded(call) == pytest.approx(program.on_device, rel=0.02)
    assert program.on_host > 2 * program.on_device


def test_today_calls_that_overflow_the_queue_are_recorded_a_third_too_short(device: VirtualDevice) -> None:
    """The part of the host is seen that does not fit into the queue behind the waiting kernel."""
    program = Program("3000 kernels", 3000, 6.0, 1.5)
    call = program.on(device)
    assert waited_for(call, device) == pytest.approx(program.on_host, rel=0.01)
    assert recorded(call) == pytest.approx(2 / 3 * program.on_host, rel=0.02)


def test_today_capturing_a_graph_seems_to_gain_little(device: VirtualDevice) -> None:
    eager, graph = CHAIN.on(device), GRAPH.on(device)
    assert waited_for(eager, device) / waited_for(graph, device) == pytest.approx(4.2, rel=0.02)
    assert recorded(eager) / recorded(graph) == pytest.approx(1.25, rel=0.02)


def test_today_work_of_the_host_alone_is_recorded_as_next_to_nothing(device: VirtualDevice) -> None:
    """A plain Python loop of 1.8 ms has no kernel, and two events in a row are 1 µs apart."""
    assert recorded(lambda: device.compute_on_host(1.8e6)) == pytest.approx(1 * MICROSECOND)


def test_today_a_slow_counter_makes_a_point_take_seconds(device_at: Callable[[float], VirtualDevice]) -> None:
    """The clock counts on cycles of half a nanosecond. Where they take 10 ns, each wait is 20 times as long."""
    assert seconds_of_a_point(device_at(1.98)) < 0.5
    assert seconds_of_a_point(device_at(0.1)) > 4


def seconds_of_a_point(device: VirtualDevice) -> float:
    recorded(CHAIN.on(device))
    return device.host_ns / 1e9


class BothTimes(AcceleratorClock):
    """Times each block a second time without the waiting kernel, from the first launch until the device has finished.

    It shows that the virtual device gives a mended clock all that it needs.
    """

    def __init__(self, device: str) -> None:
        super().__init__(device)
        self.elapsed: list[float] = []  # seconds a call

    def block(self, call: Call, calls: int) -> Block:
        block = super().block(call, calls)
        _, elapsed_ns = self.first(lambda: [call() for _ in range(calls)])
        self.elapsed.append(elapsed_ns / calls / 1e9)
        return block


@pytest.mark.parametrize("program", [*BOUND_BY_HOST, *BOUND_BY_DEVICE], **in_words)
def test_the_same_calls_without_the_waiting_kernel_take_as_long_as_a_program_waits(
    program: Program, device: VirtualDevice
) -> None:
    call = program.on(device)
    clock = BothTimes("cuda")
    time_calls(call, clock, BUDGETS["quick"])
    assert median(clock.elapsed) == pytest.approx(waited_for(call, device), rel=0.03)
