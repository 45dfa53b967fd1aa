"""How long a launch takes, as far as records and time limits show it before the run."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest

from stackdoc.model.record import Launch, Point, Record
from stackdoc.run.job import Job
from stackdoc.run.pace.forecast import SHARE_OF_LIMIT, UNRECORDED_SECONDS, Forecast, Forecaster, launch_seconds
from tests.made.records import MACHINE, made_example, record

OTHER = replace(MACHINE, id="zen5-2c-24g-0001")
LIMIT = 200.0


def job(name: str = "a", profile: str = "quick", **changes: object) -> Job:
    values = {"budget_seconds": LIMIT, "source": "example()"} | changes
    return Job(made_example(id=f"kernels/{name}", **values), "cpu", "full" if profile == "full" else "quick")


def taking(seconds: float, name: str = "a", **changes: object) -> Record:
    """A record whose launches took that long in all."""
    blocks = (round((seconds - UNRECORDED_SECONDS) * 1e9),)
    launches = tuple(Launch(index, f"2026-11-01T00:0{index}:00Z", 1, 1, blocks) for index in range(2))
    return record(Point("x", (), "time", launches), example=f"kernels/{name}", machine=MACHINE, **changes)


def forecast(records: list[Record], of: Job | None = None, machine: str = MACHINE.id) -> Forecast:
    made = Forecaster(records, machine).forecast(of or job())
    return replace(made, seconds=round(made.seconds, 6))


def test_a_record_shows_how_long_its_launches_took() -> None:
    assert launch_seconds(taking(20)) == pytest.approx(20)
    assert launch_seconds(record()) is None


def test_a_record_of_this_source_machine_and_profile_is_taken_as_it_is() -> None:
    known = [
        taking(10, measured_at="2026-11-01T00:00:00Z"),
        taking(12, measured_at="2026-11-02T00:00:00Z"),
        taking(50, profile="full", measured_at="2026-11-03T00:00:00Z"),
        taking(30, device="cuda", measured_at="2026-11-04T00:00:00Z"),
        taking(90, digest="another source", measured_at="2026-11-05T00:00:00Z"),
        replace(taking(70, measured_at="2026-11-06T00:00:00Z"), machine=OTHER),
    ]
    assert forecast(known) == Forecast(12, "record")


def test_a_full_record_is_scaled_by_how_profiles_differ_for_other_examples() -> None:
    both = [taking(seconds, name, profile=profile)
            for name, factor in (("b", 4), ("c", 5), ("d", 50))
            for seconds, profile in ((6, "quick"), (6 * factor, "full"))]  # fmt: skip
    assert forecast([taking(40, profile="full"), *both]) == Forecast(8, "record")
    assert forecast([taking(8), *both], job(profile="full")) == Forecast(40, "record")
    assert forecast([taking(40, profile="full")]) == Forecast(40, "record")  # nothing shows how they differ


def test_a_record_of_another_machine_is_scaled_by_how_machines_differ() -> None:
    both = [replace(taking(6, "b"), machine=OTHER), taking(18, "b")]
    assert forecast([replace(taking(10), machine=OTHER), *both]) == Forecast(30, "record")
    assert forecast([replace(taking(10), machine=OTHER), taking(99, "b")]) == Forecast(10, "record")


def test_on_a_new_machine_only_the_profile_is_scaled() -> None:
    theirs = [taking(6, "b"), taking(24, "b", profile="full"), taking(40, profile="full")]
    assert forecast(theirs, machine="new-1c-1g-0000") == Forecast(10, "record")


def test_figures_of_two_sources_do_not_show_how_profiles_differ() -> None:
    both = [taking(6, "b", digest="old"), taking(60, "b", profile="full")]
    assert forecast([taking(40, profile="full"), *both]) == Forecast(40, "record")


def test_a_record_of_an_older_source_is_weighed_against_the_limit() -> None:
    """An example of two seconds that was rewritten to train for minutes is not announced with two seconds."""
    assert forecast([taking(2, digest="old")]) == Forecast(round(sqrt(2 * SHARE_OF_LIMIT * LIMIT), 6), "older source")
    assert forecast([taking(2, digest="old"), replace(taking(9), machine=OTHER)]) == Forecast(9, "record")


def test_without_records_the_limit_counts_and_no_launch_takes_longer() -> None:
    assert forecast([]) == Forecast(SHARE_OF_LIMIT * LIMIT, "limit")
    assert forecast([record(example="kernels/a")]) == Forecast(SHARE_OF_LIMIT * LIMIT, "limit")
    assert forecast([taking(500)]) == Forecast(LIMIT, "record")
