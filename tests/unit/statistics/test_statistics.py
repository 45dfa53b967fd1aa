"""What may be said of launches: medians, intervals, quality, figures, comparisons."""

from __future__ import annotations

import random
from dataclasses import replace
from math import isnan
from statistics import median

import pytest
from scipy.stats import quantile_test

from stackdoc.model.record import Launch, Ratio, Work
from stackdoc.statistics import Figure, compare, format_figure, format_seconds, is_clean, quantity, summarise
from stackdoc.statistics.interval import has_two_modes, median_interval, ratio_interval, resampled_median
from stackdoc.statistics.roofs import Roofs
from tests.made.points import blocks, timed, valued
from tests.made.records import record

NINE = [1.00, 1.01, 0.99, 1.02, 0.98, 1.00, 1.01, 0.99, 1.00]


@pytest.mark.parametrize(("count", "ranks"), [(6, (1, 6)), (9, (2, 8)), (12, (3, 10)), (15, (4, 12)), (21, (6, 16))])
def test_the_interval_is_made_of_order_statistics(count: int, ranks: tuple[int, int]) -> None:
    values = [float(value) for value in range(1, count + 1)]
    random.Random(1).shuffle(values)
    assert median_interval(values) == ranks


@pytest.mark.parametrize("count", range(1, 60))
def test_the_interval_of_a_median_is_the_one_that_scipy_gives(count: int) -> None:
    theirs = quantile_test(range(count)).confidence_interval(0.95)
    bounds = None if isnan(theirs.low + theirs.high) else (theirs.low, theirs.high)
    assert median_interval(list(range(count))) == bounds


def test_below_six_launches_there_is_no_interval() -> None:
    summary = summarise(timed(NINE[:5]))
    assert (summary.low, summary.high, summary.launches) == (None, None, 5)
    assert summary.quality == "spread"  # too few to be called quiet


@pytest.mark.parametrize(
    ("wall", "cpu", "switches", "clean"),
    [
        (1_000_000, 980_000, 0, True),
        (1_000_000, 979_999, 0, False),
        (1_000_000, 1_000_000, 1, False),
        (100_000_000, 98_000_000, 3, True),  # a long block meets the kernel's own threads
        (100_000_000, 97_000_000, 0, False),
    ],
)
def test_a_clean_block_had_its_cpu_all_along(wall: int, cpu: int, switches: int, clean: bool) -> None:
    assert is_clean(wall, cpu, switches) is clean


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


def test_an_unknown_quantity_is_an_error() -> None:
    with pytest.raises(ValueError, match="'speed' is no quantity; known: time, device-time, rate"):
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


@pytest.mark.parametrize("count", [6, 7, 9, 10, 21])
def test_the_bootstrap_in_closed_form_is_that_of_drawing(count: int) -> None:
    draw = random.Random(7)
    values = [draw.lognormvariate(0, 0.3) for _ in range(count)]
    closed = list(resampled_median(values))
    assert sum(weight for _, weight in closed) == pytest.approx(1)
    drawn = [median(draw.choices(values, k=count)) for _ in range(4000)]
    for part in (0.1, 0.5, 0.9):
        edge = sorted(drawn)[int(part * 4000)] + 1e-9
        assert sum(weight for value, weight in closed if value <= edge) == pytest.approx(
            sum(value <= edge for value in drawn) / 4000, abs=0.03
        )


def test_two_modes_are_seen_and_one_is_not_taken_for_two() -> None:
    draw = random.Random(3)
    one = [[draw.lognormvariate(0, 0.1) for _ in range(9)] for _ in range(400)]
    two = [[draw.lognormvariate(0.4 * (index % 2), 0.02) for index in range(9)] for _ in range(400)]
    assert sum(map(has_two_modes, one)) <= 8
    assert sum(map(has_two_modes, two)) >= 392


@pytest.mark.parametrize(
    ("factor", "word"),
    [
        (1.0, "no difference we can measure"),
        (1.25, "slower"),
        (0.8, "faster"),
        (1.15, "ambiguous"),
        (1.05, "no difference we can measure"),
    ],
)
def test_a_difference_is_claimed_only_beyond_its_interval(factor: float, word: str) -> None:
    base = record(timed(NINE))
    other = record(timed([factor * value for value in NINE]))
    comparison = compare(base, other, "a")
    assert comparison.word == word
    assert comparison.ratio == pytest.approx(factor)
    assert comparison.low is not None
    assert comparison.high is not None
    assert comparison.low <= factor <= comparison.high


def test_swapping_the_sides_turns_the_comparison_round() -> None:
    a, b = record(timed(NINE)), record(timed([1.2 * value for value in NINE]))
    there, back = compare(a, b, "a"), compare(b, a, "a")
    assert (there.word, back.word) == ("slower", "faster")
    assert there.ratio == pytest.approx(1 / (back.ratio or 0))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "timer/0"}, "method differs: timer/1 on cpu and timer/0 on cpu"),
        ({"digest": "e" * 64}, "digest differs"),
        ({"example": "kernels/other"}, "example differs"),
        ({"points": ()}, "has no point a"),
        ({"points": (timed(NINE[:5]),)}, "5 launches; an interval needs 6"),
        ({"points": (valued([0.0, *NINE[1:]], name="a"),)}, "a launch has the value 0 or less"),
        (
            {"points": (replace(timed([1.0]), launches=tuple(blocks(i, [1e-3] * 30, share=0.5) for i in range(9))),)},
            "shared",
        ),
    ],
)
def test_what_is_not_comparable_is_refused_in_words(change: dict[str, object], reason: str) -> None:
    comparison = compare(
        record(timed(NINE)),
        record(timed(NINE), **change) if "points" not in change else replace(record(timed(NINE)), **change),
        "a",
    )  # type: ignore[arg-type]
    assert reason in comparison.refused
    assert (comparison.ratio, comparison.word) == (None, "")


def test_every_difference_stands_beside_the_ratio() -> None:
    a = record(timed(NINE))
    b = record(timed(NINE), threads=2, software=replace(a.software, packages={"torch": "2.14.0"}))
    assert compare(a, b, "a").differences == ("threads: 1 and 2", "torch: 2.13.0 and 2.14.0")


def test_a_point_without_launches_has_no_summary() -> None:
    with pytest.raises(ValueError, match="a has no launch"):
        summarise(timed([]))
    assert quantity(record(timed([])), "a", "time") is None


def test_a_rate_of_things_has_no_second_number_in_its_unit() -> None:
    assert format_figure(Figure(52.0, None, None, "1/s")) == "52 /s"


def test_memory_is_the_highest_peak_of_all_launches() -> None:
    launches = tuple(Launch(i, "", 1, 1, (1000,), memory_bytes=1000 * (i + 1)) for i in range(3))
    figure = quantity(record(replace(timed([1.0]), launches=launches)), "a", "memory")
    assert figure is not None
    assert format_figure(figure) == "3 kB"


def test_bandwidth_is_an_upper_bound_whatever_the_working_set() -> None:
    roofs = Roofs(bandwidths=((1000, 4e10), (10_000, 9e10), (100_000, 2e10)))
    assert [roofs.bandwidth(size) for size in (1, 1000, 5000, 100_000, 10**9)] == pytest.approx([9e10] * 3 + [2e10] * 2)
    assert Roofs().bandwidth(1000) is None


def test_between_two_working_sets_the_bandwidth_lies_on_their_line() -> None:
    """Halfway between the logarithms of the sizes is the geometric mean of the rates."""
    roofs = Roofs(bandwidths=((10_000, 9e10), (1_000_000, 1e10)))
    assert roofs.bandwidth(100_000) == pytest.approx(3e10)
    rates = [roofs.bandwidth(size) or 0.0 for size in range(5000, 1_200_000, 5000)]
    assert rates == sorted(rates, reverse=True)
    assert roofs.bandwidth(10_000) == pytest.approx(9e10)
    assert roofs.time(bytes=100_000) == pytest.approx(100_000 / 3e10)


def test_an_emulated_short_type_bounds_nothing() -> None:
    """A product of bfloat16 numbers can be had from float32 units, whatever the library does with it."""
    emulating = Roofs((("bfloat16", 2e9), ("float32", 9e10)))
    assert emulating.flops("bfloat16") == emulating.flops("float32") == 9e10
    assert emulating.flops("float16") is None
    share = emulating.share(1.0, Work(flop=3e10), "bfloat16")
    assert share == pytest.approx(1 / 3)
    assert Roofs((("bfloat16", 2e11), ("float32", 9e10))).flops("bfloat16") == 2e11
    assert Roofs((("float32", 1e11), ("float64", 5e10))).flops("float32") == 1e11
    assert Roofs((("bfloat16", 5e11), ("int8", 4e11))).flops("int8") == 5e11


def test_a_roof_that_was_not_measured_predicts_nothing() -> None:
    roofs = Roofs((("float32", 1e11),), ((1000, 1e10),))
    assert roofs.time(flop=1e9, bytes=1e9) == pytest.approx(0.1)
    assert roofs.time(flop=1e9, dtype="float16") is None
    assert roofs.time() is None
    assert Roofs().time(flop=1.0) is None
    assert roofs.share(1e-9, Work(bytes=10), "float32") is None  # below the smallest working set measured


def test_roofs_are_the_best_blocks_of_their_record() -> None:
    gemm = timed([2.0, 1.0, 3.0], "gemm", dtype="float32", work=Work(flop=4e9))
    triad = timed([2.0, 1.0], "triad", work=Work(bytes=8_000_000))
    roofs = Roofs.from_record(record(gemm, triad, timed([1e-6], "dispatch")))
    assert roofs == Roofs((("float32", 4e9),), ((8_000_000, 8e6),), 1e-6, "0123456789ab")
    assert Roofs.from_json(roofs.to_json()) == roofs


def test_a_roof_is_the_best_of_all_libraries_and_ways() -> None:
    """What follows the hyphen says how; NumPy's product is as good a roof as torch's."""
    flop, bytes = Work(flop=4e9), Work(bytes=8_000_000)
    made = record(
        timed([2.0], "gemm", dtype="float32", work=flop),
        timed([1.0], "gemm-numpy", dtype="float32", work=flop),
        timed([8.0], "gemm", dtype="bfloat16", work=flop),
        timed([1.6], "gemm-converted", dtype="bfloat16", work=flop),
        timed([2.0], "triad", work=bytes),
        timed([1.0], "copy-numpy", work=bytes),
        timed([0.1], "halving", dtype="float32", work=flop),
        timed([1e-6], "dispatch-numpy"),
        timed([5e-6], "dispatch"),
        timed([1e-9], "read", work=Work(bytes=0.5)),
    )
    roofs = Roofs.from_record(made)
    assert dict(roofs.rates) == {"float32": 4e9, "bfloat16": 2.5e9}
    assert roofs.bandwidths == ((8_000_000, 8e6),)
    assert roofs.dispatch == 1e-6
    assert roofs.flops("bfloat16") == 4e9


def test_a_roof_is_that_of_as_many_threads() -> None:
    one = timed([1.0], "gemm", dtype="float32", work=Work(flop=4e9))
    two = replace(timed([0.5], "gemm-threads", dtype="float32", work=Work(flop=4e9)), parameters=(("threads", 2),))
    made = record(one, two)
    assert dict(Roofs.from_record(made).rates) == {"float32": 4e9}
    assert dict(Roofs.from_record(made, threads=2).rates) == {"float32": 8e9}
    assert not Roofs.from_record(made, threads=4).rates
    roofs = Roofs.from_record(made)
    assert quantity(made, one.key, "roof-share", roofs) is not None
    assert quantity(made, two.key, "roof-share", roofs) is None


@pytest.mark.parametrize("count", [6, 9])
def test_intervals_cover_the_true_median_as_often_as_they_say(count: int) -> None:
    draw = random.Random(11)
    covered = 0
    for _ in range(2000):
        bounds = median_interval([draw.lognormvariate(0, 0.2) for _ in range(count)])
        assert bounds
        covered += bounds[0] <= 1 <= bounds[1]
    assert 0.94 <= covered / 2000 <= 0.99


def test_identical_code_is_seldom_called_different() -> None:
    draw = random.Random(5)
    wrong = 0
    for _ in range(400):
        sides = [[draw.lognormvariate(0, 0.08) for _ in range(9)] for _ in range(2)]
        low, high = ratio_interval(*sides)
        wrong += low > 1.05 or high < 1 / 1.05
    assert wrong / 400 <= 0.10
