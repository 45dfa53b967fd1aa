"""The virtual device itself: what launches cost the host and kernels the device, and when the host has to wait."""

from __future__ import annotations

import pytest

from tests.gpu.virtual_device import EVENT_NS, SYNCHRONISE_NS, VirtualDevice

LONG_NS = 1_000_000


def test_a_launch_costs_the_host_its_part_and_returns_before_the_kernel_ends(device: VirtualDevice) -> None:
    end_ns = device.launch(LONG_NS, host_ns=6_000)
    assert device.host_ns == 6_000
    assert end_ns == 6_000 + LONG_NS


def test_kernels_run_one_after_another(device: VirtualDevice) -> None:
    ends_ns = [device.launch(LONG_NS, host_ns=1_000) for _ in range(3)]
    assert ends_ns == [1_000 + LONG_NS, 1_000 + 2 * LONG_NS, 1_000 + 3 * LONG_NS]


def test_a_device_that_has_caught_up_waits_for_the_host(device: VirtualDevice) -> None:
    ends_ns = [device.launch(1_000, host_ns=5_000) for _ in range(3)]
    assert ends_ns == [6_000, 11_000, 16_000]


def test_synchronising_takes_the_host_to_the_end_of_all_kernels(device: VirtualDevice) -> None:
    device.launch(LONG_NS, host_ns=1_000)
    device.synchronise()
    assert device.host_ns == 1_000 + LONG_NS + SYNCHRONISE_NS
    device.synchronise()
    assert device.host_ns == 1_000 + LONG_NS + 2 * SYNCHRONISE_NS


def test_work_of_the_host_leaves_the_device_alone(device: VirtualDevice) -> None:
    device.compute_on_host(7_000)
    assert (device.host_ns, device.free_ns) == (7_000, 0)


def test_the_host_waits_as_soon_as_the_queue_is_full(device: VirtualDevice) -> None:
    first_end_ns = device.launch(LONG_NS, host_ns=1)
    for _ in range(device.depth - 1):
        device.launch(LONG_NS, host_ns=1)
    assert device.host_ns == device.depth
    device.launch(LONG_NS, host_ns=1)
    assert device.host_ns == first_end_ns
    device.launch(LONG_NS, host_ns=1)
    assert device.host_ns == first_end_ns + LONG_NS


def test_kernels_that_have_ended_leave_the_queue(device: VirtualDevice) -> None:
    for _ in range(3 * device.depth):
        device.launch(1_000, host_ns=2_000)
    assert device.host_ns == 3 * device.depth * 2_000


def test_events_are_apart_by_the_device_time_between_them(device: VirtualDevice) -> None:
    torch = device.torch()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    device.launch(LONG_NS)  # the device is behind, so that both events wait in the queue
    start.record()
    device.launch(250_000)
    end.record()
    assert start.elapsed_time(end) == pytest.approx((250_000 + EVENT_NS) / 1e6)


@pytest.mark.parametrize(("ghz", "took_ms"), [(2.0, 5.0), (0.1, 100.0)])
def test_the_waiting_kernel_counts_cycles(ghz: float, took_ms: float) -> None:
    device = VirtualDevice(ghz)
    device.torch().cuda._sleep(10_000_000)
    assert device.free_ns - device.host_ns == pytest.approx(took_ms * 1e6)
