"""The time that a run may take, by a clock that the test moves."""

from __future__ import annotations

import math

from stackdoc.run.pace.allowance import Allowance


def test_what_is_left_counts_from_the_beginning_and_never_below_zero() -> None:
    times = iter((100.0, 100.0, 130.0, 200.0))
    allowance = Allowance(60.0, lambda: next(times))
    assert (allowance.left, allowance.left, allowance.left) == (60.0, 30.0, 0.0)


def test_without_a_limit_there_is_always_time() -> None:
    assert Allowance(None).left == math.inf
