"""A line at least every ten seconds, by a clock that the test moves."""

from __future__ import annotations

import time

from stackdoc.adapters.heartbeat import BEAT_SECONDS, Heartbeat, announcement, conclusion
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
        (40.0, "kernels/gemm on cpu, launch 3 of 7, for 6.0 s; 2 left, about 1 min 29 s"),
        (50.0, "kernels/gemm on cpu, launch 3 of 7, for 16 s; 2 left, about 1 min 19 s"),
        (60.0, "kernels/gemm on cpu, launch 3 of 7, for 26 s; 2 left, about 1 min 9 s"),
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
    assert listener.lines == [(19.0, "between launches; 1 left, about 30 s")]
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
        "kernels/a on cpu, launch 1 of 7, for 10 s; kernels/b on cuda, launch 1 of 3, for 10 s; 2 left, about 0.0 s"
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
    assert lines[0].startswith("between launches; 2 left")


def test_a_run_says_how_long_it_takes_what_that_rests_on_and_what_was_left_out() -> None:
    assert announcement(STARTED) == "2 to measure, at least 14 launches, about 1 min 40 s"
    guess = RunStarted(1, 7, 42.0, guess=True, allowed_seconds=600.0)
    assert announcement(guess) == (
        "1 to measure, at least 7 launches, about 42 s, guessed from the examples' limits; 10 min 0 s allowed"
    )
    assert conclusion(RunEnded(0)) == ""
    assert conclusion(RunEnded(3)) == "3 left out for want of time; the next run goes on"
