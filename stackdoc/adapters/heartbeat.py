"""A line about the running launches at least every ten seconds, so that a quiet run does not look like a stuck one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from stackdoc.errors import count, printable
from stackdoc.run.progress import Event, ExampleEnded, LaunchEnded, LaunchStarted, RunEnded, RunStarted

BEAT_SECONDS = 10.0
CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Running:
    """A launch that has not ended, and when it started, in seconds of the heartbeat's clock."""

    launch: LaunchStarted
    since: float


class Heartbeat:
    """Calls `say` with a line unless something else was printed in the last ten seconds. `clock` returns seconds.

    While nothing is measured, `stage` returns what is done instead, or nothing. A run `has_bar` if a bar shows it.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        stage: Callable[[], str] = lambda: "",
        has_bar: bool = False,
    ) -> None:
        self.say = say
        self.clock = clock
        self.stage = stage
        self.has_bar = has_bar
        self.running: dict[tuple[str, str], Running] = {}
        self.ends_at: float | None = None  # by the last estimate
        self.examples = 0
        self.last_line = clock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_until_stopped, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start the thread that calls `say`, which sleeps otherwise."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if it was started."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def event(self, event: Event) -> None:
        """Note what runs. The ends of examples and the start of the run are printed elsewhere."""
        now = self.clock()
        if isinstance(event, LaunchEnded):
            self.running.pop((event.example, event.device), None)
            return
        if isinstance(event, RunEnded):
            self.ends_at = None
            self.running.clear()
            return
        self.ends_at = now + event.remaining_seconds
        if isinstance(event, LaunchStarted):
            self.running[event.example, event.device] = Running(event, now)
            self.examples = event.remaining_examples
        else:
            self.last_line = now
            self.examples = event.remaining_examples if isinstance(event, ExampleEnded) else event.examples

    def beat(self) -> None:
        """Print the line if it is due."""
        now = self.clock()
        if now - self.last_line < BEAT_SECONDS:
            return
        words = self.stage() if self.ends_at is None else "" if self.has_bar else self._of_run(now, self.ends_at)
        if words:
            self.last_line = now
            self.say(printable(words))

    def _of_run(self, now: float, ends_at: float) -> str:
        launches = [
            f"{running.launch.example} on {running.launch.device}, launch {running.launch.number} of "
            f"{running.launch.wanted}, for {duration(now - running.since)}"
            for running in list(self.running.values())
        ]
        return "; ".join([*(launches or ["between launches"]), remaining(self.examples, ends_at - now)])

    def _beat_until_stopped(self) -> None:
        while not self._stopped.wait(CHECK_SECONDS):
            with suppress(OSError):  # nobody reads the output any more
                self.beat()


def duration(seconds: float) -> str:
    """Return a duration in words: `4.2 s`, `35 s`, `12 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def remaining(examples: int, seconds: float) -> str:
    """Return `3 examples left, about 42 s`; an estimate that has run out is not shown as a time."""
    time_left = f"about {duration(seconds)}" if seconds >= 1 else "less than a second" if seconds > 0 else ""
    return f"{count(examples, 'example')} left, {time_left or 'longer than estimated'}"


def announcement(event: RunStarted) -> str:
    """Return the first line of a run: how much there is to do, and about how long it takes."""
    basis = ", a guess where no record is of the current source" if event.guess else ""
    launches = count(event.launches, "launch", "launches")
    text = f"{count(event.examples, 'example')} to measure, at least {launches}"
    allowed = "" if event.allowed_seconds is None else f"; {duration(event.allowed_seconds)} allowed"
    return f"{text}, about {duration(event.remaining_seconds)}{basis}{allowed}"


def ending(event: ExampleEnded) -> str:
    """Return the line of an example that ended."""
    launches = f"{count(event.launches, 'launch', 'launches')} in {duration(event.seconds)}"
    text = f"{event.example} on {event.device}: {event.outcome}, {launches}"
    left = event.remaining_examples
    return printable(f"{text}; {remaining(left, event.remaining_seconds)}" if left else text)


def conclusion(event: RunEnded) -> str:
    """Return the last line of a run that left examples out; empty if it left out none."""
    return f"{count(event.left_out, 'example')} left to the next run" if event.left_out else ""
