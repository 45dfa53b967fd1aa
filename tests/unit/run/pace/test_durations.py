"""How long launches will take, and which jobs make the next group."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.record import Launch, Point, Record
from stackdoc.run.job import Job
from stackdoc.run.outcome import Outcome
from stackdoc.run.pace.durations import PRIOR_SECONDS, Durations
from stackdoc.run.pace.forecast import SHARE_OF_LIMIT, UNRECORDED_SECONDS
from stackdoc.run.pace.groups import GROUP_SECONDS, in_order, next_group
from stackdoc.run.process.runner import LaunchEnd
from tests.made.records import MACHINE, made_example, record


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def job(name: str = "a", **changes: object) -> Job:
    return Job(made_example(id=f"kernels/{name}", launches=2, source="example()", **changes), "cpu", "quick")


def earlier(seconds: int, name: str = "a", **changes: object) -> Record:
    """A record whose two launches took that long from the start of their first point to the end of their last."""
    launches = tuple(
        (
            Launch(index, f"2026-11-01T00:0{index}:00Z", 1, 1, (1_000_000_000,)),
            Launch(index, f"2026-11-01T00:0{index}:{seconds - 1:02}Z", 1, 1, (1_000_000_000,)),
        )
        for index in range(2)
    )
    first, last = zip(*launches, strict=True)
    return record(Point("x", (), "time", first), Point("y", (), "time", last), example=f"kernels/{name}", **changes)


def launched(*jobs: Job, seconds: float) -> None:
    for each in jobs:
        point = Point("x", (), "time", (Launch(0, "2026-11-01T00:00:00Z", 1, 1, (1000,)),))
        each.add(LaunchEnd(Outcome("ok"), LaunchResult(0, points=(point,)), seconds))


def test_the_record_that_is_most_like_the_run_counts() -> None:
    here = earlier(10, machine=MACHINE, measured_at="2026-11-01T00:00:00Z")
    full = earlier(50, machine=MACHINE, profile="full", measured_at="2026-11-03T00:00:00Z")
    other_device = earlier(30, device="cuda", measured_at="2026-11-04T00:00:00Z")
    durations = Durations([one := job()], [full, other_device, here], MACHINE.id, Clock())
    assert durations.seconds([one]) == pytest.approx(3 * (10 + UNRECORDED_SECONDS))
    assert not durations.is_guess([one])


def test_without_a_record_the_limit_gives_a_guess_until_something_was_launched() -> None:
    first, second = job("a", budget_seconds=100.0), job("b", budget_seconds=100.0)
    durations = Durations([first, second], [], MACHINE.id, clock := Clock())
    assert durations.seconds([second]) == pytest.approx(3 * SHARE_OF_LIMIT * 100)
    assert durations.is_guess([first, second])
    launched(first, seconds=2.0)
    clock.now = 2.0
    assert not durations.is_guess([first, second])
    assert durations.seconds([first]) == pytest.approx(2 * 2.0)
    correction = (2 + PRIOR_SECONDS) / (SHARE_OF_LIMIT * 100 + PRIOR_SECONDS)
    assert durations.seconds([second]) == pytest.approx(3 * SHARE_OF_LIMIT * 100 * correction)


def test_a_machine_of_half_the_speed_corrects_the_records_of_another() -> None:
    """Thirteen minutes are not announced as a hundred: after a quarter of the launches the error is below a fifth."""
    jobs = [job(f"n{number}") for number in range(40)]
    records = [earlier(10, f"n{number}") for number in range(40)]
    durations = Durations(jobs, records, "another", clock := Clock())
    true_seconds = 2 * (10 + UNRECORDED_SECONDS)
    for each in jobs[:10]:
        for _ in range(3):
            launched(each, seconds=true_seconds)
            clock.now += true_seconds
    assert durations.seconds(jobs[10:]) == pytest.approx(30 * 3 * true_seconds, rel=0.2)


def test_an_estimate_by_an_older_source_is_a_guess_until_such_an_example_was_launched() -> None:
    older, fresh = job("a", digest="new"), job("b")
    durations = Durations([older, fresh], [earlier(10, "a"), earlier(10, "b")], MACHINE.id, Clock())
    assert durations.is_guess([older, fresh])
    assert not durations.is_guess([fresh])
    launched(fresh, seconds=11.2)
    assert durations.is_guess([older])
    launched(older, seconds=50.0)
    assert not durations.is_guess([older, fresh])


def test_time_between_launches_counts_and_resumed_launches_do_not() -> None:
    one, two = job("a"), job("b")
    launched(two, seconds=500.0)
    two.resumed_seconds = two.seconds  # in an interrupted run
    durations = Durations([one, two], [earlier(9, "a"), earlier(9, "b")], MACHINE.id, clock := Clock())
    launched(one, seconds=50.0)
    clock.now = 110.0
    assert durations.seconds([one]) == pytest.approx(2 * 50 * (110 + PRIOR_SECONDS) / (50 + PRIOR_SECONDS))


def seconds(jobs: Sequence[Job]) -> float:
    return sum(each.example.budget_seconds for each in jobs)


def names(jobs: Sequence[Job]) -> str:
    return "".join(each.example.id.removeprefix("kernels/") for each in jobs)


def test_the_lowest_priority_number_comes_first_and_environments_stay_together() -> None:
    jobs = [job("a"), job("b", environment="z"), job("c"), job("d", environment="z"), job("e", environment="y")]
    assert names(in_order(jobs, {"kernels/c": 0, "kernels/d": 1, "kernels/b": 1})) == "cbdae"


def test_a_group_is_about_two_minutes_of_work_or_one_example() -> None:
    limit = GROUP_SECONDS["quick"]
    jobs = [job("a", budget_seconds=limit), job("b", budget_seconds=1.0), job("c", budget_seconds=2.0)]
    assert names(next_group(jobs, seconds, float("inf"))) == "a"
    assert names(next_group(jobs[1:], seconds, float("inf"))) == "bc"
    assert next_group([], seconds, float("inf")) == []


def test_what_does_not_fit_into_the_time_left_makes_way_for_what_does() -> None:
    jobs = [job("a", budget_seconds=30.0), job("b", budget_seconds=5.0), job("c", budget_seconds=6.0)]
    assert names(next_group(jobs, seconds, 10.0)) == "b"
    assert names(next_group(jobs, seconds, 11.0)) == "bc"
    assert next_group(jobs, seconds, 4.0) == []
