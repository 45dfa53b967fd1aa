"""A line at least every ten seconds, by a clock that the test moves."""

from __future__ import annotations

import time

import pytest

from stackdoc.adapters.heartbeat import BEAT_SECONDS, Heartbeat, announcement, conclusion, ending, remaining
from stackdoc.run.outcome import Outcome
from stackdoc.run.progress import ExampleEnded, LaunchEnded, LaunchStarted, RunEnded, RunStarted

STARTED = RunStarted(2, 14, 100.0)
LAUNCH = LaunchStarted("kernels/gemm", "cpu", 3, 7, 95.0, 2)


class Listener:
    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[tuple[float, str]] = []
        self.heartbeat = Heartbeat(lambda line: self.lines.append((self.now, line)), lambda: self.now)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1.0
            self.heartbeat.beat()


def test_a_long_launch_is_reported_every_ten_seconds() -> None:
    listener = Listener()
    listener.wait(30)
    assert listener.lines == []  # nothing has begun
    listener.heartbeat.event(STARTED)
    listener.wait(4)
    listener.heartbeat.event(LAUNCH)
    listener.wait(26)
    assert listener.lines == [
        (40.0, "kernels/gemm on cpu, launch 3 of 7, for 6.0 s; 2 examples left, about 1 min 29 s"),
        (50.0, "kernels/gemm on cpu, launch 3 of 7, for 16 s; 2 examples left, about 1 min 19 s"),
        (60.0, "kernels/gemm on cpu, launch 3 of 7, for 26 s; 2 examples left, about 1 min 9 s"),
    ]


def test_lines_of_ended_examples_count_and_the_end_of_the_run_silences_it() -> None:
    listener = Listener()
    listener.heartbeat.event(STARTED)
    listener.heartbeat.event(LAUNCH)
    listener.heartbeat.event(LaunchEnded("kernels/gemm", "cpu", "timed", 2, 6, 8.0, Outcome("ok")))
    listener.wait(9)
    listener.heartbeat.event(ExampleEnded("kernels/gemm", "cpu", Outcome("ok"), 50.0, 7, 40.0, 1))
    listener.wait(9)
    assert listener.lines == []
    listener.wait(1)
    assert listener.lines == [(19.0, "between launches; 1 example left, about 30 s")]
    listener.heartbeat.event(RunEnded(1))
    listener.wait(60)
    assert len(listener.lines) == 1


def test_several_launches_are_named_and_an_estimate_is_never_negative() -> None:
    listener = Listener()
    listener.heartbeat.event(LaunchStarted("kernels/a", "cpu", 1, 7, 5.0, 2))
    listener.heartbeat.event(LaunchStarted("kernels/b", "cuda", 1, 3, 5.0, 2))
    listener.wait(10)
    ((_, line),) = listener.lines
    assert line == (
        "kernels/a on cpu, launch 1 of 7, for 10 s; kernels/b on cuda, launch 1 of 3, for 10 s; "
        "2 examples left, longer than estimated"
    )


def test_the_thread_speaks_by_itself_and_stops() -> None:
    lines: list[str] = []
    clock = iter(range(0, 10_000, int(BEAT_SECONDS)))
    heartbeat = Heartbeat(lines.append, lambda: float(next(clock)))
    heartbeat.stop()  # not started: nothing to wait for
    heartbeat = Heartbeat(lines.append, lambda: float(next(clock)))
    heartbeat.event(STARTED)
    heartbeat.start()
    end = time.monotonic() + 20
    while not lines and time.monotonic() < end:
        time.sleep(0.05)
    heartbeat.stop()
    assert lines
    assert lines[0].startswith("between launches; 2 examples left")


def test_a_run_says_how_long_it_takes_what_that_rests_on_and_what_was_left_out() -> None:
    assert announcement(STARTED) == "2 examples to measure, at least 14 launches, about 1 min 40 s"
    guess = RunStarted(1, 1, 42.0, guess=True, allowed_seconds=600.0)
    assert announcement(guess) == (
        "1 example to measure, at least 1 launch, about 42 s, a guess where no record is of the current source; "
        "10 min 0 s allowed"
    )
    assert conclusion(RunEnded(0)) == ""
    assert conclusion(RunEnded(1)) == "1 example left to the next run"
    assert conclusion(RunEnded(3)) == "3 examples left to the next run"


def test_the_end_of_an_example_is_one_line() -> None:
    ended = ExampleEnded("kernels/gemm", "cpu", Outcome("ok"), 5.25, 1, 12.0, 3)
    assert ending(ended) == "kernels/gemm on cpu: ok, 1 launch in 5.2 s; 3 examples left, about 12 s"
    last = ExampleEnded("kernels/gemm", "cpu", Outcome("ok"), 50.0, 7, 0.0, 0)
    assert ending(last) == "kernels/gemm on cpu: ok, 7 launches in 50 s"


@pytest.mark.parametrize("seconds", [0.0, -3.0, float("-inf")])
def test_an_estimate_that_has_run_out_is_not_a_time(seconds: float) -> None:
    assert remaining(1, seconds) == "1 example left, longer than estimated"
    assert remaining(1, 0.4) == "1 example left, less than a second"
    assert remaining(1, 1.0) == "1 example left, about 1.0 s"


def test_what_is_done_while_nothing_is_measured_is_reported_too() -> None:
    listener = Listener()
    listener.heartbeat.stage = lambda: f"building for {listener.now:.0f} s"
    listener.wait(25)
    assert listener.lines == [(10.0, "building for 10 s"), (20.0, "building for 20 s")]
    listener.heartbeat.event(STARTED)
    listener.wait(11)
    assert listener.lines[2:] == [(35.0, "between launches; 2 examples left, about 1 min 30 s")]
    listener.heartbeat.event(RunEnded(0))
    listener.wait(10)
    assert listener.lines[3:] == [(45.0, "building for 45 s")]


def test_a_bar_takes_the_place_of_lines_about_launches_only() -> None:
    listener = Listener()
    listener.heartbeat.has_bar, listener.heartbeat.stage = True, lambda: "building"
    listener.heartbeat.event(STARTED)
    listener.wait(30)
    assert listener.lines == []
    listener.heartbeat.event(RunEnded(0))
    listener.wait(1)
    assert listener.lines == [(31.0, "building")]
