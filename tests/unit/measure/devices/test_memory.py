"""The memory and the energy of a call: counters of the kernel and of the hardware, or nothing and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.measure.devices.energy import Counter, energy_of, rapl
from stackdoc.measure.devices.memory import host_memory
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.record import FIRST_SCHEMA, Energy, Launch, Memory
from stackdoc.reading.decode import adapter
from stackdoc.run.assemble import with_resources
from stackdoc.statistics import quantity
from tests.made.clock import FakeClock
from tests.made.points import timed
from tests.made.records import record

MIB = 1 << 20


@pytest.mark.parametrize("size", [4 * MIB, 64 * MIB])
def test_what_a_call_held_at_most_is_found_again_and_again(size: int) -> None:
    for _ in range(2):
        seen = host_memory(lambda: b"x" * size)
        assert seen.counter == "VmHWM"
        assert abs((seen.peak_bytes or 0) - (seen.before_bytes or 0) - size) <= 2 * MIB
    seen = host_memory(lambda: None)
    assert (seen.peak_bytes or 0) - (seen.before_bytes or 0) <= 2 * MIB


def test_where_the_peak_cannot_be_reset_only_a_new_highest_one_counts(tmp_path: Path) -> None:
    highest = host_memory(lambda: b"x" * (512 * MIB), tmp_path)
    assert highest.counter == "ru_maxrss"
    again = host_memory(lambda: b"x" * MIB, tmp_path)
    assert again.peak_bytes is None
    assert "can't be reset" in again.reason


def powercap(root: Path, *joules: float, wrap: float = 1000.0) -> Path:
    for number, energy in enumerate(joules):
        zone = root / f"intel-rapl:{number}"
        zone.mkdir(parents=True, exist_ok=True)
        (zone / "energy_uj").write_text(f"{int(energy * 1e6)}\n")
        (zone / "max_energy_range_uj").write_text(f"{int(wrap * 1e6)}\n")
        (root / f"intel-rapl:{number}:0").mkdir(exist_ok=True)  # a part of the package, with no file of its own
    return root


def test_energy_is_what_the_counters_of_all_packages_counted_also_past_their_end(tmp_path: Path) -> None:
    counter = rapl(powercap(tmp_path, 990.0, 5.0))
    assert isinstance(counter, Counter)

    def call() -> None:
        powercap(tmp_path, 20.0, 7.5)

    seen = energy_of(call, 10**9, counter, lambda: None, window_s=1e-9)
    assert seen.joules == pytest.approx(30 + 2.5)
    assert (seen.calls, seen.counter) == (1, "RAPL package")
    figure = quantity(record(replace(timed([1.0]), energy=replace(seen, calls=5))), "a", "energy")
    assert figure is not None
    assert (figure.value, figure.unit) == (pytest.approx(6.5), "J")


def test_without_a_counter_there_is_a_reason_and_no_energy(tmp_path: Path) -> None:
    assert rapl(tmp_path) == "no RAPL counter"
    (powercap(tmp_path, 1.0) / "intel-rapl:0/energy_uj").unlink()
    assert rapl(tmp_path) == "the RAPL counter can't be read"
    still = Counter("still", lambda: (5,), (100,), 1.0)
    assert energy_of(lambda: None, 1, still, lambda: None, 0.001) == Energy("still", reason="the counter stood still")
    assert quantity(record(replace(timed([1.0]), energy=Energy(reason="no RAPL counter"))), "a", "energy") is None


class Metered(FakeClock):
    """A clock whose device counts a joule a look."""

    looks = 0

    def energy_counter(self) -> Counter | str:
        def read() -> tuple[int, ...]:
            self.looks += 1
            return (self.looks,)

        return Counter("made up", read, (1 << 64,), 1.0)


@pytest.mark.parametrize(("profile", "reason"), [("quick", "only a full run measures it"), ("full", "")])
def test_energy_is_taken_in_full_runs(monkeypatch: pytest.MonkeyPatch, profile: str, reason: str) -> None:
    monkeypatch.setattr("stackdoc.measure.example_run.WINDOW_S", 0.01)
    run = ExampleRun(LaunchOrder("x.py", kind="display", profile=profile))  # type: ignore[arg-type]
    monkeypatch.setattr(run, "_clock", lambda *_: Metered(lambda: 1e6))
    run.measure("a", lambda: None)
    energy = run.result().points[0].energy
    assert energy is not None
    assert (energy.joules, energy.reason) == ((None, reason) if reason else (1.0, ""))


def test_a_timed_launch_is_not_disturbed_and_the_untimed_one_tells() -> None:
    run = ExampleRun(LaunchOrder("x.py"))
    run.measure("a", lambda: 1.0)
    timed_launch = run.result()
    assert (timed_launch.points[0].memory, timed_launch.points[0].energy) == (None, None)
    shown = ExampleRun(LaunchOrder("x.py", kind="display"))
    shown.measure("a", lambda: 1.0)
    display = adapter(LaunchResult).validate_json(json.dumps(shown.result().to_json()), strict=True)
    points = with_resources(timed_launch.points, display)
    assert points[0].launches == timed_launch.points[0].launches
    assert points[0].memory is not None
    assert points[0].energy is not None
    assert with_resources(timed_launch.points, None) == timed_launch.points


def test_memory_is_what_the_call_added() -> None:
    point = replace(timed([1.0]), memory=Memory("host", "VmHWM", 100 * MIB, 164 * MIB))
    figure = quantity(record(point), "a", "memory")
    assert figure is not None
    assert (figure.value, figure.unit, figure.low) == (64 * MIB, "B", None)
    unknown = replace(timed([1.0]), memory=Memory("host", reason="nobody knows"))
    assert quantity(record(unknown), "a", "memory") is None


def test_records_of_the_first_schema_keep_their_device_memory() -> None:
    old = Launch(0, "", 1, 1, (1000,), memory_bytes=7)
    made = record(replace(timed([1.0]), launches=(old,)), schema=FIRST_SCHEMA)
    assert quantity(made, "a", "memory") is not None
    assert "memory" not in made.fields()["points"][0]
    assert made.fields()["points"][0]["launches"][0]["memory_bytes"] == 7
