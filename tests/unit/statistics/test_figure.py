"""Quantities of a point, and how a figure is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stackdoc.model.record import Launch, Ratio, Work
from stackdoc.statistics import Figure, format_figure, format_seconds, quantity
from stackdoc.statistics.roofs import Roofs
from stackdoc.statistics.summary import missing_device_times
from tests.made.points import NINE, timed
from tests.made.records import record


def test_quantities_are_derived_from_the_time_and_the_interval_turns_round() -> None:
    point = timed([value * 1e-3 for value in NINE], work=Work(flop=2e9, bytes=1e7), dtype="float32")
    roofs = Roofs((("float32", 4e12),), ((1_000_000, 2e10),))
    made = record(point)
    rate, share = quantity(made, "a", "rate"), quantity(made, "a", "roof-share", roofs)
    bandwidth, intensity = quantity(made, "a", "bandwidth"), quantity(made, "a", "intensity")
    assert rate
    assert share
    assert bandwidth
    assert intensity
    assert (rate.value, rate.unit) == (pytest.approx(2e12), "FLOP/s")
    assert rate.low == pytest.approx(2e9 / 1.01e-3)
    assert rate.high == pytest.approx(2e9 / 0.99e-3)
    assert (share.value, share.unit) == (pytest.approx(0.5), "%")
    assert (bandwidth.value, intensity.value) == (pytest.approx(1e10), 200.0)


@pytest.mark.parametrize("name", ["rate", "bandwidth", "intensity", "roof-share", "memory", "energy", "value", "ratio"])
def test_what_was_not_observed_is_no_figure(name: str) -> None:
    assert quantity(record(timed(NINE)), "a", name, Roofs()) is None
    assert quantity(record(timed(NINE)), "b", name, Roofs()) is None


def test_quantities_of_the_device_are_left_out_where_a_launch_has_no_device_time() -> None:
    """A mixture of device times and times waited would be neither."""
    complete = timed(NINE, work=Work(flop=2e6, bytes=1e4))
    launches = tuple(replace(launch, cpu_ns=(), switches=(), device_ns=launch.wall_ns) for launch in complete.launches)
    partly = replace(complete, launches=(replace(launches[0], device_ns=()), *launches[1:]))
    roofs = Roofs((("float32", 4e9),), ((100, 1e10),))
    for name in ("device-time", "bandwidth"):
        assert quantity(record(replace(complete, launches=launches)), "a", name, roofs) is not None
        assert quantity(record(partly), "a", name, roofs) is None
    assert quantity(record(partly), "a", "roof-share", roofs) is None
    assert quantity(record(partly), "a", "time") is not None
    assert quantity(record(partly), "a", "rate") is not None
    assert quantity(record(partly), "a", "intensity") is not None
    assert [missing_device_times(point) for point in (complete, partly)] == [0, 1]


def test_an_unknown_quantity_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown quantity 'speed'; known: time, device-time, rate"):
        quantity(record(timed(NINE)), "a", "speed")


def test_a_ratio_is_taken_launch_by_launch() -> None:
    drift = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]  # common to both sides, so that it falls out
    fast, slow = timed(drift, "fast"), timed([2 * value for value in drift], "slow")
    made = record(fast, slow, ratios=(Ratio("gain", (), "slow", "fast"),))
    figure = quantity(made, "gain", "ratio")
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == (2.0, 2.0, 2.0)
    assert quantity(made, "other", "ratio") is None


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "text"),
    [
        (3.29e-3, 3.21e-3, 3.40e-3, "s", "3.29 ms"),
        (3.29e-3, 3.1e-3, 3.5e-3, "s", "3.3 ms"),
        (3.29e-3, 2.0e-3, 5.0e-3, "s", "3 ms"),
        (97.2e9, 92e9, 103e9, "FLOP/s", "97 GFLOP/s"),
        (0.723, 0.70, 0.74, "%", "72 %"),
        (29.3, 27, 31, "×", "29×"),
        (999.6e3, 990e3, 1010e3, "B", "1.00 MB"),
        (123_456, 120_000, 130_000, "token/s", "123\u202f000 token/s"),
        (300e-6, 100e-6, 500e-6, "s", "300 µs"),
        (0.0, 0.0, 0.0, "s", "0 s"),
        (16384, 16384, 16384, "B", "16.38 kB"),
        (2.0, 2.0, 2.0, "", "2"),
        (3.29e-3, None, None, "s", "3.3 ms"),
        (0.998e9, None, None, "FLOP/s", "1.0 GFLOP/s"),
        (-3.2e-3, -3.4e-3, -3.0e-3, "s", "−3.2 ms"),
        (0.4e-3, -3e-3, 4e-3, "s", "0.4 ms"),  # within an interval wider than itself it is still no nothing
        (-0.04, -3.0, 4.0, "%", "−4 %"),
        (1e-9, -3e-3, 4e-3, "s", "0 ms"),
    ],
)
def test_a_figure_has_the_digits_that_its_interval_allows(
    value: float, low: float | None, high: float | None, unit: str, text: str
) -> None:
    assert format_figure(Figure(value, low, high, unit)) == text


def test_bounds_are_written_to_the_digits_of_their_figure() -> None:
    figure = Figure(3.29e-3, 3.1e-3, 3.5e-3, "s")
    assert [format_figure(replace(figure, value=bound)) for bound in (figure.low or 0, figure.high or 0)] == [
        "3.1 ms",
        "3.5 ms",
    ]
    assert format_seconds(1.21e-6) == "1.2 µs"


def test_a_rate_of_things_has_no_second_number_in_its_unit() -> None:
    assert format_figure(Figure(52.0, None, None, "1/s")) == "52 /s"


def test_memory_is_the_highest_peak_of_all_launches() -> None:
    launches = tuple(Launch(i, "", 1, 1, (1000,), memory_bytes=1000 * (i + 1)) for i in range(3))
    figure = quantity(record(replace(timed([1.0]), launches=launches)), "a", "memory")
    assert figure is not None
    assert format_figure(figure) == "3 kB"
