"""The clock of an accelerator on a made-up device: what it times, and what is refused, without any accelerator."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import pytest

from stackdoc import Work, close
from stackdoc.measure.checks import Refused
from stackdoc.measure.devices.accelerator import AcceleratorClock
from stackdoc.measure.devices.clock import CpuClock
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.timer import Budget, time_calls
from stackdoc.measure.wire import LaunchOrder
from stackdoc.model.record import Point
from stackdoc.run.assemble import over_the_roof
from stackdoc.statistics import sample, summarise
from stackdoc.statistics.roofs import Roofs
from tests.unit.made_points import record

pytestmark = pytest.mark.bar(7)

KERNEL_MS = 2.0
MS = 1_000_000
BUDGET = Budget(warm_ns=4 * MS, measure_ns=80 * MS)
ROOFS = Roofs(rates=(("float32", 1e12),))
WORK = Work(flop=1e12 * KERNEL_MS * 1e-3)  # at the roof exactly, as long as the kernel is waited for


class Device:
    """A queue that works at its own pace: launching returns at once, synchronising waits for nothing but counts."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.held = 0
        self.peak = 0
        self.waits = 0
        self.touched = 0

    def launch(self) -> None:
        self.now_ms += KERNEL_MS

    def torch(self) -> ModuleType:
        device = self

        class Event:
            def __init__(self, enable_timing: bool) -> None:
                assert enable_timing

            def record(self) -> None:
                self.at = device.now_ms

            def elapsed_time(self, end: Event) -> float:
                return end.at - self.at

        class Buffer:
            def zero_(self) -> None:
                device.touched += 1

        module = ModuleType("torch")
        namespace = SimpleNamespace(
            Event=Event,
            synchronize=self.wait,
            _sleep=lambda _: None,
            get_device_properties=lambda: SimpleNamespace(uuid="", L2_cache_size=1 << 20),
            reset_peak_memory_stats=self.reset,
            memory_allocated=lambda: self.held,
            max_memory_allocated=lambda: self.peak,
        )
        module.__dict__.update(
            cuda=namespace,
            xpu=SimpleNamespace(Event=Event, synchronize=self.wait),
            mps=SimpleNamespace(event=SimpleNamespace(Event=Event), synchronize=self.wait),
            version=SimpleNamespace(cuda=None),
            int8=None,
            Tensor=Buffer,  # libraries that know torch ask whether they were given one
            empty=lambda *_, **__: Buffer(),
            set_num_threads=lambda _: None,
        )
        return module

    def wait(self) -> None:
        self.waits += 1

    def reset(self) -> None:
        self.peak = self.held


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    made = Device()
    monkeypatch.setitem(sys.modules, "torch", made.torch())
    return made


@pytest.mark.parametrize("name", ["cuda", "xpu", "mps"])
def test_a_call_that_returns_at_once_is_timed_to_its_end_on_every_kind_of_device(device: Device, name: str) -> None:
    launch = time_calls(device.launch, AcceleratorClock(name), BUDGET)
    assert sample(launch).value == pytest.approx(KERNEL_MS / 1e3)
    assert launch.cpu_ns == ()
    assert summarise(Point("a", (), "time", (launch,))).counted == 1


def test_a_missing_synchronise_is_refused_by_the_roof(device: Device) -> None:
    """The clock of the host sees the launch alone; whoever takes it for the kernel claims what no machine can do."""

    def point(clock: AcceleratorClock | CpuClock) -> Point:
        launches = tuple(time_calls(device.launch, clock, BUDGET, index=index) for index in range(6))
        return Point("a", (), "time", launches, dtype="float32", work=WORK)

    assert over_the_roof(record(point(AcceleratorClock("cuda"))), ROOFS) == ()
    reasons = over_the_roof(record(point(CpuClock())), ROOFS)
    assert len(reasons) == 1
    assert reasons[0].endswith("of the measured roof")


@pytest.mark.parametrize(("share", "refused"), [(1.0, False), (1.02, False), (1.05, True), (3.0, True)])
def test_a_rate_above_the_roof_is_refused_with_how_far(device: Device, share: float, refused: bool) -> None:
    launches = tuple(time_calls(device.launch, AcceleratorClock("cuda"), BUDGET, index=index) for index in range(6))
    fast = replace(Point("a", (), "time", launches, dtype="float32"), work=Work(flop=WORK.flop * share))
    assert over_the_roof(record(fast), ROOFS) == ((f"a: {share:.2f} of the measured roof",) if refused else ())


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
    monkeypatch: pytest.MonkeyPatch, device: Device, result: list[float], inputs: tuple[object, ...], reason: str
) -> None:
    monkeypatch.setattr("stackdoc.measure.example_run.all_zero", lambda _: True)
    run = ExampleRun(LaunchOrder("x.py", device="cuda"))

    def call() -> list[float]:
        device.launch()
        return result

    with pytest.raises(Refused, match=reason):
        run.measure("a", call, inputs=inputs, check=lambda out: close(out, [1.0, 2.0]))
    assert run.result().points == ()
    assert device.now_ms <= KERNEL_MS  # refused before anything was timed


def test_the_first_call_is_waited_for(device: Device) -> None:
    before = device.waits
    AcceleratorClock("cuda").first(device.launch)
    assert device.waits >= before + 2


def test_a_cold_cache_is_emptied_before_each_call_and_not_timed(device: Device) -> None:
    block = AcceleratorClock("cuda", "cold").block(device.launch, 5)
    assert device.touched == 5
    assert block.wall_ns == pytest.approx(5 * KERNEL_MS * MS)
    with pytest.raises(ValueError, match="does not tell the size of the cache of xpu"):
        AcceleratorClock("xpu", "cold")


def test_the_memory_of_a_call_is_that_of_the_allocator(device: Device) -> None:
    device.held = 100

    def call() -> None:
        device.peak = 175

    seen = AcceleratorClock("cuda").memory(call)
    assert (seen.place, seen.before_bytes, seen.peak_bytes) == ("device", 100, 175)
    assert AcceleratorClock("mps").memory(call).reason == "torch keeps no peak for mps"


def test_a_block_does_not_depend_on_the_host(device: Device) -> None:
    def slow_to_launch() -> None:
        time.sleep(0.001)
        device.launch()

    assert AcceleratorClock("cuda").block(slow_to_launch, 3).wall_ns == pytest.approx(3 * KERNEL_MS * MS)
