"""What a run tells its caller while it goes on. The core never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from stackdoc.run.outcome import Outcome


@dataclass(frozen=True)
class Began:
    """Before the first launch: how many examples will run, and how many launches at least."""

    examples: int
    launches: int


@dataclass(frozen=True)
class LaunchEnded:
    """One launch is over; `of` may grow when an interval is still too wide."""

    example: str
    device: str
    kind: Literal["display", "timed"]
    number: int
    of: int
    seconds: float
    outcome: Outcome


@dataclass(frozen=True)
class ExampleEnded:
    """One example on one device is over. `seconds` is all its launches, `remaining` an estimate for the rest."""

    example: str
    device: str
    outcome: Outcome
    seconds: float
    launches: int
    remaining: float
    left: int


Event = Began | LaunchEnded | ExampleEnded


class Progress(Protocol):
    """The caller's side: it may print, draw a bar, or do nothing."""

    def event(self, event: Event) -> None: ...


class Silence:
    """Progress that says nothing."""

    def event(self, event: Event) -> None:
        del event
