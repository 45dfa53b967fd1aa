"""The clock of an accelerator on a made-up device: what it times, and what is refused, without any accelerator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stackdoc import Work, close
from stackdoc.measure.checks import Refused
from stackdoc.measure.devices.accelerator import AcceleratorClock
from stackdoc.measure.devices.clock import Call, CpuClock
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.timer import Budget, time_calls
from stackdoc.measure.wire import LaunchOrder
from stackdoc.model.record import Point
from stackdoc.run.assemble import above_roof
from stackdoc.statistics import sample, summarise
from stackdoc.statistics.roofs import Roofs
from tests.gpu.virtual_device import SYNCHRONISE_NS, VirtualDevice
from tests.made.records import record

pytestmark = pytest.mark.bar(7)

KERNEL_MS = 2.0
MS = 1_000_000
BUDGET = Budget(warm_ns=4 * MS, measure_ns=80 * MS)
ROOFS = Roofs(rates=(("float32", 1e12),))
WORK = Work(flop=1e12 * KERNEL_MS * 1e-3)  # at the roof exactly, as long as the kernel is waited for


def kernel(device: VirtualDevice, ms: float = KERNEL_MS) -> Call:
    """A call that returns at once, and keeps the device busy for a while."""
    return lambda: device.launch(ms * MS)


@pytest.mark.parametrize("name", ["cuda", "xpu", "mps"])
def test_a_call_that_returns_at_once_is_timed_to_its_end_on_every_kind_of_device(
    device: VirtualDevice, name: str
) -> None:
    launch = time_calls(kernel(device), AcceleratorClock(name), BUDGET)
    assert sample(launch).value == pytest.approx(KERNEL_MS / 1e3, rel=0.01)
    assert launch.cpu_ns == ()
    assert summarise(Point("a", (), "time", (launch,))).counted == 1


def test_a_missing_synchronise_is_refused_by_the_roof(device: VirtualDevice) -> None:
    """The clock of the host sees the launch alone; whoever takes it for the kernel claims what no machine can do."""

    def point(clock: AcceleratorClock | CpuClock) -> Point:
        launches = tuple(time_calls(kernel(device), clock, BUDGET, index=index) for index in range(6))
        return Point("a", (), "time", launches, dtype="float32", work=WORK)

    assert above_roof(record(point(AcceleratorClock("cuda"))), ROOFS) == ()
    reasons = above_roof(record(point(CpuClock())), ROOFS)
    assert len(reasons) == 1
    assert reasons[0].endswith("of the measured roof")


@pytest.mark.parametrize(("share", "refused"), [(1.0, False), (1.02, False), (1.05, True), (3.0, True)])
def test_a_rate_above_the_roof_is_refused_with_how_far(device: VirtualDevice, share: float, refused: bool) -> None:
    launches = tuple(time_calls(kernel(device), AcceleratorClock("cuda"), BUDGET, index=index) for index in range(6))
    fast = replace(Point("a", (), "time", launches, dtype="float32"), work=Work(flop=WORK.flop * share))
    assert above_roof(record(fast), ROOFS) == ((f"a: {share:.2f} of the measured roof",) if refused else ())


@pytest.mark.parametrize(
    ("result", "inputs", "reason"),
    [
        ([1.0, 2.0], (True,), "an input is all zeros"),
        ([1.0, float("nan")], (), "the result is not finite"),
        ([1.0, float("inf")], (), "the result is not finite"),
        ([1.0, 2.5], (), "the result is wrong: error 0.25 against reference"),
    ],
)
def test_no_figure_is_made_of_a_wrong_call(
    monkeypatch: pytest.MonkeyPatch, device: VirtualDevice, result: list[float], inputs: tuple[object, ...], reason: str
) -> None:
    monkeypatch.setattr("stackdoc.measure.example_run.all_zero", lambda _: True)
    run = ExampleRun(LaunchOrder("x.py", device="cuda"))

    before_ns = device.free_ns

    def call() -> list[float]:
        kernel(device)()
        return result

    with pytest.raises(Refused, match=reason):
        run.measure("a", call, inputs=inputs, check=lambda out: close(out, [1.0, 2.0]))
    assert run.result().points == ()
    assert device.free_ns <= before_ns + 3 * KERNEL_MS * MS  # refused before anything was timed


def test_the_first_call_is_waited_for(device: VirtualDevice) -> None:
    _, first_ns = AcceleratorClock("cuda").first(kernel(device))
    assert first_ns == pytest.approx(KERNEL_MS * MS, rel=0.01)


def test_a_cold_cache_is_emptied_before_each_call_and_not_timed(device: VirtualDevice) -> None:
    clock = AcceleratorClock("cuda", "cold")
    clock.block(kernel(device), 5)
    before = device.flushes
    block = clock.block(kernel(device), 5)
    assert device.flushes == before + 10  # once for either time
    assert block.wall_ns == pytest.approx(5 * (KERNEL_MS * MS + SYNCHRONISE_NS), rel=0.01)
    assert block.device_ns == pytest.approx(5 * KERNEL_MS * MS, rel=0.01)
    with pytest.raises(ValueError, match="does not tell the size of the cache of xpu"):
        AcceleratorClock("xpu", "cold")


def test_the_memory_of_a_call_is_that_of_the_allocator(device: VirtualDevice) -> None:
    device.held_bytes = 100

    def call() -> None:
        device.peak_bytes = 175

    seen = AcceleratorClock("cuda").memory(call)
    assert (seen.place, seen.before_bytes, seen.peak_bytes) == ("device", 100, 175)
    assert AcceleratorClock("mps").memory(call).reason == "torch keeps no peak for mps"


def test_the_time_of_the_device_does_not_depend_on_the_host(device: VirtualDevice) -> None:
    def slow_to_launch() -> None:
        device.compute_on_host(1 * MS)
        kernel(device)()

    clock = AcceleratorClock("cuda")
    clock.block(slow_to_launch, 3)
    assert clock.block(slow_to_launch, 3).device_ns == pytest.approx(3 * KERNEL_MS * MS, rel=0.01)


def test_a_host_that_is_held_up_once_does_not_cost_the_time_of_the_device(device: VirtualDevice) -> None:
    clock, held_up = AcceleratorClock("cuda"), iter([0.0, 0.0, 30 * MS])

    def now_and_then() -> None:
        device.compute_on_host(next(held_up, 0.0))
        kernel(device)()

    clock.block(now_and_then, 1)
    assert clock.block(now_and_then, 1).device_ns == pytest.approx(KERNEL_MS * MS, rel=0.01)
    assert next(held_up, None) is None


def test_a_device_without_a_waiting_kernel_has_the_time_waited_for_alone(device: VirtualDevice) -> None:
    block = AcceleratorClock("xpu").block(kernel(device), 3)
    assert block.device_ns is None
    assert block.wall_ns == pytest.approx(3 * KERNEL_MS * MS, rel=0.01)
