"""How many calls a block has, how many blocks a point, and when it is enough."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from stackdoc.measure.timer import Budget, time_calls
from stackdoc.statistics import sample
from tests.made.clock import FakeClock

MS = 1_000_000


BUDGET = Budget(warm_ns=10 * MS, measure_ns=100 * MS)


def test_blocks_of_short_calls_stay_below_a_slice_of_the_scheduler() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 2000.0), BUDGET)
    assert MS <= seen.wall_ns[0] <= 2 * MS
    assert seen.wall_ns[0] == seen.calls * 2000
    assert len(seen.wall_ns) >= 20


def test_enough_clean_blocks_end_a_point() -> None:
    long = Budget(warm_ns=10 * MS, measure_ns=1000 * MS)
    short = Budget(warm_ns=10 * MS, measure_ns=1000 * MS, enough=30)
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0), short).wall_ns) == 30
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0), long).wall_ns) == 40
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0, switches=1), long).wall_ns) > 600


def test_a_long_call_is_a_block_of_its_own() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 7.0 * MS), BUDGET)
    assert seen.calls == 1
    assert sum(seen.wall_ns) >= 20 * 7 * MS  # more than its budget, for the sake of 20 blocks


def test_a_call_longer_than_all_patience_is_timed_once() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 900.0 * MS), BUDGET, first_ns=900 * MS)
    assert seen.wall_ns == (900 * MS,)
    assert seen.warmup_calls == 1


def test_a_disturbed_point_takes_longer_in_search_of_clean_blocks_but_not_for_ever() -> None:
    calm = time_calls(lambda: None, FakeClock(lambda: 2.0 * MS), BUDGET)
    disturbed = time_calls(lambda: None, FakeClock(lambda: 2.0 * MS, share=0.5), BUDGET)
    assert len(calm.wall_ns) == 40
    assert len(disturbed.wall_ns) == 150
    assert sample(calm).counts
    assert not sample(disturbed).counts


@pytest.mark.case(27)
def test_the_warm_up_is_in_no_block() -> None:
    costs = chain(repeat(20.0 * MS, 2), repeat(1.0 * MS))
    seen = time_calls(lambda: None, FakeClock(lambda: next(costs)), BUDGET, first_ns=20 * MS)
    assert max(seen.wall_ns) <= 2 * MS
