"""A line about the running launches at least every ten seconds, so that a quiet run does not look like a stuck one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from stackdoc.errors import printable
from stackdoc.run.progress import Event, ExampleEnded, LaunchEnded, LaunchStarted, RunEnded, RunStarted

BEAT_SECONDS = 10.0
CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Running:
    """A launch that has not ended, and when it started, in seconds of the heartbeat's clock."""

    launch: LaunchStarted
    since: float


class Heartbeat:
    """Calls `say` with a line unless something else was printed in the last ten seconds. `clock` returns seconds."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.say = say
        self.clock = clock
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
        if self.ends_at is None or now - self.last_line < BEAT_SECONDS:
            return
        self.last_line = now
        launches = [
            f"{running.launch.example} on {running.launch.device}, launch {running.launch.number} of "
            f"{running.launch.wanted}, for {duration(now - running.since)}"
            for running in list(self.running.values())
        ]
        left = f"{self.examples} left, about {duration(max(0.0, self.ends_at - now))}"
        self.say(printable("; ".join([*(launches or ["between launches"]), left])))

    def _beat_until_stopped(self) -> None:
        while not self._stopped.wait(CHECK_SECONDS):
            with suppress(OSError):  # nobody reads the output any more
                self.beat()


def duration(seconds: float) -> str:
    """Return a duration in words: `4.2 s`, `35 s`, `12 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def announcement(event: RunStarted) -> str:
    """Return the first line of a run: how much there is to do, and about how long it takes."""
    basis = ", guessed from the examples' limits" if event.guess else ""
    text = f"{event.examples} to measure, at least {event.launches} launches, about {duration(event.remaining_seconds)}"
    allowed = "" if event.allowed_seconds is None else f"; {duration(event.allowed_seconds)} allowed"
    return f"{text}{basis}{allowed}"


def conclusion(event: RunEnded) -> str:
    """Return the last line of a run that left examples out; empty if it left out none."""
    return f"{event.left_out} left out for want of time; the next run goes on" if event.left_out else ""
