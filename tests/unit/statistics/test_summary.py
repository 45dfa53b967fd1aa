"""What the launches of a point say together: median, interval and quality."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stackdoc.statistics import Figure, format_figure, quantity, summarise
from tests.made.points import NINE, blocks, timed, valued
from tests.made.records import record


def test_below_six_launches_there_is_no_interval() -> None:
    summary = summarise(timed(NINE[:5]))
    assert (summary.low, summary.high, summary.launches) == (None, None, 5)
    assert summary.quality == "spread"  # too few to be called quiet


def test_disturbed_blocks_are_set_aside_and_counted() -> None:
    launches = [blocks(index, [1e-3] * 30) for index in range(6)]
    disturbed = [
        replace(
            one,
            wall_ns=(*one.wall_ns, *[1_200_000] * 10),
            cpu_ns=(*one.cpu_ns, *[1_000_000] * 10),
            switches=(*one.switches, *[1] * 10),
        )
        for one in launches
    ]
    summary = summarise(replace(timed([1.0]), launches=tuple(disturbed)))
    assert summary.value == pytest.approx(1e-3)
    assert (summary.set_aside, summary.counted, summary.quality) == (60, 6, "quiet")


@pytest.mark.case(28)
def test_fewer_than_six_undisturbed_launches_are_shared() -> None:
    good = [blocks(index, [1e-3] * 30) for index in range(5)]
    bad = [blocks(index, [4e-3] * 30, share=0.5) for index in range(5, 9)]
    point = replace(timed([1.0]), launches=(*good, *bad))
    summary = summarise(point)
    assert (summary.quality, summary.counted, summary.low) == ("shared", 5, None)
    figure = quantity(record(point), "a", "time")
    assert figure == Figure(1e-3, None, None, "s", "shared", "best")
    assert summary.worst == pytest.approx(4e-3)


def test_clean_blocks_between_the_slices_of_a_neighbour_make_no_quiet_launch() -> None:
    whole, lost = blocks(0, [1e-3] * 30), blocks(0, [5e-3] * 10, share=0.2)
    launch = replace(whole, wall_ns=whole.wall_ns + lost.wall_ns, cpu_ns=whole.cpu_ns + lost.cpu_ns, switches=(0,) * 40)
    assert summarise(replace(timed([1.0]), launches=(launch,) * 9)).quality == "shared"


@pytest.mark.parametrize(
    ("psi", "quality"),
    [
        ([0.0] * 9, "quiet"),
        ([12.0] * 9, "quiet"),
        ([99.0] * 4 + [0.0] * 5, "quiet"),  # an example of many processes went before
        ([99.0] * 9, "shared"),
        ([60.0] * 5 + [10.0] * 4, "shared"),
        ([None] * 9, "quiet"),
    ],
)
def test_tasks_that_wait_for_a_cpu_make_a_machine_shared(psi: list[float | None], quality: str) -> None:
    launches = tuple(blocks(index, [1e-3] * 30, psi=one) for index, one in enumerate(psi))
    summary = summarise(replace(timed([1.0]), launches=launches))
    assert summary.quality == quality
    assert (summary.low is None) == (quality == "shared")
    on_device = tuple(replace(one, cpu_ns=(), switches=()) for one in launches)
    assert summarise(replace(timed([1.0]), launches=on_device)).quality == "quiet"


def test_a_few_long_calls_suffice_when_nearly_all_are_clean() -> None:
    launches = tuple(blocks(index, [0.3] * 4) for index in range(6))
    assert summarise(replace(timed([1.0]), launches=launches)).quality == "quiet"


@pytest.mark.case(28)
@pytest.mark.parametrize(
    ("medians", "quality"),
    [
        (NINE, "quiet"),
        ([1.0, 1.08, 0.93, 1.1, 0.95, 1.04, 0.9, 1.0, 1.02], "spread"),
        ([1.0, 1.5, 0.7, 1.6, 0.6, 1.4, 0.9, 1.0, 1.2], "unstable"),
        ([1.0, 1.01, 1.0, 1.01, 1.0, 1.3, 1.31, 1.3, 1.31], "unstable"),  # two modes
    ],
)
def test_quality_is_what_the_launches_allow(medians: list[float], quality: str) -> None:
    assert summarise(timed(medians)).quality == quality


def test_a_throttled_launch_is_named() -> None:
    point = timed(NINE)
    hot = replace(point.launches[0], throttle=("hardware thermal slowdown",))
    assert summarise(replace(point, launches=(hot, *point.launches[1:]))).quality == "throttled"


def test_blocks_of_a_device_clock_need_no_cpu_time() -> None:
    launches = tuple(replace(one, cpu_ns=(), switches=()) for one in timed(NINE).launches)
    summary = summarise(replace(timed(NINE), launches=launches, clock="device-events"))
    assert (summary.quality, summary.set_aside) == ("quiet", 0)


def test_a_value_that_all_launches_agree_on_is_its_own_interval() -> None:
    figure = quantity(record(valued([4.93] * 2, unit="B/token")), "v", "value")
    assert figure is not None
    assert (figure.low, figure.high) == (4.93, 4.93)
    assert format_figure(figure) == "4.93 B/token"


def test_a_point_without_launches_has_no_summary() -> None:
    with pytest.raises(ValueError, match="a has no launch"):
        summarise(timed([]))
    assert quantity(record(timed([])), "a", "time") is None
