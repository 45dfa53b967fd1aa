"""The roofs of a machine, and what they predict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stackdoc.model.record import Work
from stackdoc.statistics import quantity
from stackdoc.statistics.roofs import Roofs
from tests.made.points import timed
from tests.made.records import record


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
