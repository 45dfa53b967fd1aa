"""What the clock of an accelerator records on a virtual device, beside the time that a program would wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

import pytest

from stackdoc.measure.checks import Refused
from stackdoc.measure.devices.accelerator import AcceleratorClock
from stackdoc.measure.devices.clock import Call, Conditions
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.wire import LaunchOrder
from stackdoc.model.device import DeviceState
from stackdoc.model.record import Launch, Point, Work
from stackdoc.stack.claims.side import side_of
from stackdoc.statistics import quantity
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import summarise
from tests.gpu.virtual_device import VirtualDevice
from tests.made.records import record

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


def in_words(program: Program) -> str:
    return program.words


def launched(call: Call) -> Launch:
    """What one launch of a run on the device records of the call."""
    run = ExampleRun(LaunchOrder("x.py", device="cuda"))
    run.measure("call", call)
    return run.result().points[0].launches[0]


def recorded(call: Call) -> float:
    """Seconds that a launch would record."""
    return sample(launched(call)).value


def on_device(call: Call) -> float | None:
    """Seconds that a launch would record of the device alone."""
    found = launched(call)
    return median(found.device_ns) / found.calls / 1e9 if found.device_ns else None


def waited_for(call: Call, device: VirtualDevice, calls: int = 200) -> float:
    """Seconds a call that a program waits which asks for many of them and then for the last result."""
    call()
    device.synchronise()
    begun_ns = device.host_ns
    for _ in range(calls):
        call()
    device.synchronise()
    return (device.host_ns - begun_ns) / calls / 1e9


@pytest.mark.parametrize("program", BOUND_BY_DEVICE, ids=in_words)
def test_a_program_bound_by_the_device_is_recorded_as_long_as_it_takes(program: Program, device: VirtualDevice) -> None:
    call = program.on(device)
    assert waited_for(call, device) == pytest.approx(program.on_device, rel=0.01)
    assert recorded(call) == pytest.approx(program.on_device, rel=0.01)


@pytest.mark.parametrize("program", [*BOUND_BY_HOST, *BOUND_BY_DEVICE], ids=in_words)
def test_both_times_are_recorded(program: Program, device: VirtualDevice) -> None:
    call = program.on(device)
    assert recorded(call) == pytest.approx(waited_for(call, device), rel=0.03)
    assert on_device(call) == pytest.approx(program.on_device, rel=0.03)


@pytest.mark.parametrize("program", BOUND_BY_HOST, ids=in_words)
def test_a_program_bound_by_its_launches_says_so(program: Program, device: VirtualDevice) -> None:
    assert summarise(point_of(program.on(device))).quality == "launch-bound"


@pytest.mark.parametrize("program", BOUND_BY_DEVICE, ids=in_words)
def test_a_program_bound_by_the_device_is_not_called_launch_bound(program: Program, device: VirtualDevice) -> None:
    assert summarise(point_of(program.on(device))).quality != "launch-bound"


def test_kernels_are_rated_by_the_device_and_programs_by_what_they_wait_for(device: VirtualDevice) -> None:
    work = Work(flop=3e6, bytes=6e5)
    point = replace(point_of(CHAIN.on(device)), work=work)
    made = record(point)
    for name, expected in (
        ("time", CHAIN.on_host),
        ("device-time", CHAIN.on_device),
        ("rate", work.flop / CHAIN.on_host),
        ("bandwidth", work.bytes / CHAIN.on_device),
    ):
        found = quantity(made, point.key, name)
        assert found is not None
        assert found.value == pytest.approx(expected, rel=0.03), name


def test_calls_that_overflow_the_queue_have_the_time_waited_for_and_none_of_the_device(device: VirtualDevice) -> None:
    program = Program("3000 kernels", 3000, 6.0, 1.5)
    call = program.on(device)
    assert recorded(call) == pytest.approx(waited_for(call, device), rel=0.01)
    assert on_device(call) is None


def test_capturing_a_graph_gains_what_a_program_sees(device: VirtualDevice) -> None:
    eager, graph = CHAIN.on(device), GRAPH.on(device)
    gain = waited_for(eager, device) / waited_for(graph, device)
    assert gain == pytest.approx(4.2, rel=0.02)
    assert recorded(eager) / recorded(graph) == pytest.approx(gain, rel=0.03)


def test_work_of_the_host_alone_is_refused_on_the_clock_of_the_device(device: VirtualDevice) -> None:
    """A plain Python loop of 1.8 ms has no kernel."""
    with pytest.raises(Refused, match=r'call: gives the device no work; time it with on="host"'):
        recorded(lambda: device.compute_on_host(1.8e6))


def test_work_of_the_host_is_timed_on_its_own_clock(device: VirtualDevice) -> None:  # noqa: ARG001
    run = ExampleRun(LaunchOrder("x.py", device="cuda"))
    run.measure("loop", lambda: sum(range(1000)), on="host")
    (point,) = run.result().points
    assert point.clock == "wall"
    assert point.launches[0].cpu_ns
    assert not point.launches[0].device_ns


@pytest.mark.parametrize("ghz", [1.98, 0.1])
def test_a_point_takes_as_long_whatever_the_waiting_kernel_counts(
    device_at: Callable[[float], VirtualDevice], ghz: float
) -> None:
    assert seconds_of_a_point(device_at(ghz)) < 0.7


def test_a_device_that_others_compute_on_is_shared(device: VirtualDevice) -> None:
    point = point_of(PRODUCT.on(device))
    busy = tuple(replace(launch, states=(DeviceState(neighbours=1),)) for launch in point.launches)
    assert summarise(replace(point, launches=busy)).quality == "shared"
    alone = tuple(replace(launch, states=(DeviceState(neighbours=0),)) for launch in point.launches)
    assert summarise(replace(point, launches=alone)).quality != "shared"


def test_a_device_at_the_limit_of_its_power_is_named_and_one_too_hot_is_throttled(
    device: VirtualDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch_with(reason: str) -> Launch:
        state = Conditions(state=DeviceState(sm_clock_mhz=1200, reasons=(reason,)))
        monkeypatch.setattr(AcceleratorClock, "conditions", lambda _: state)
        return launched(PRODUCT.on(device))

    capped, hot = launch_with("power limit"), launch_with("hardware thermal slowdown")
    assert [state.reasons for state in capped.states] == [("power limit",)] * 3
    assert capped.throttle == ()
    assert hot.throttle == ("hardware thermal slowdown",)


def point_of(call: Call) -> Point:
    """The point of nine launches."""
    return timed_point([launched(call) for _ in range(9)])


def timed_point(launches: list[Launch]) -> Point:
    return Point("call", (), "time", tuple(replace(one, index=index) for index, one in enumerate(launches)))


def seconds_of_a_point(device: VirtualDevice) -> float:
    recorded(CHAIN.on(device))
    return device.host_ns / 1e9


def test_a_launch_bound_figure_decides_nothing(device: VirtualDevice) -> None:
    bound, free = point_of(CHAIN.on(device)), point_of(PRODUCT.on(device))
    found = side_of(record(bound, device="cuda"), "call", "time", "<", 1.0)
    assert found is not None
    assert found.meets is None
    assert "the cost of launching" in found.words
    other = side_of(record(free, device="cuda"), "call", "time", "<", 1.0)
    assert other is not None
    assert other.meets is True
