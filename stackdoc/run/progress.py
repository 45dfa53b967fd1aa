"""Events that a run reports to its caller. The run itself never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from stackdoc.run.outcome import Outcome


@dataclass(frozen=True)
class RunStarted:
    """Sent before the first launch: the number of examples to run, and the least number of launches they take."""

    examples: int
    launches: int


@dataclass(frozen=True)
class LaunchEnded:
    """Sent after each launch. `wanted`, the launches of this example, may grow while an interval is too wide."""

    example: str
    device: str
    kind: Literal["display", "timed"]
    number: int
    wanted: int
    seconds: float
    outcome: Outcome


@dataclass(frozen=True)
class ExampleEnded:
    """Sent after the last launch of an example on a device.

    `seconds` is the time of all its launches, `remaining_seconds` an estimate for the `remaining_examples`.
    """

    example: str
    device: str
    outcome: Outcome
    seconds: float
    launches: int
    remaining_seconds: float
    remaining_examples: int


Event = RunStarted | LaunchEnded | ExampleEnded


class Progress(Protocol):
    """The caller's receiver of events: it may print, draw a bar, or do nothing."""

    def event(self, event: Event) -> None: ...


class NoProgress:
    """A receiver that ignores all events."""

    def event(self, event: Event) -> None:
        del event
