"""Events that a run reports to its caller. The run itself never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from stackdoc.run.outcome import Outcome


@dataclass(frozen=True)
class RunStarted:
    """Sent before the first launch: the number of examples to run, and the least number of launches they take.

    `remaining_seconds` is an estimate, a `guess` if it rests on no launch or record. `allowed_seconds` is the time
    that the run may take, None without a limit.
    """

    examples: int
    launches: int
    remaining_seconds: float
    guess: bool = False
    allowed_seconds: float | None = None


@dataclass(frozen=True)
class LaunchStarted:
    """Sent before each launch of an example, the `number`th of `wanted`; the display launch counts too.

    `remaining_seconds` is an estimate for the `remaining_examples`, of which this is one.
    """

    example: str
    device: str
    number: int
    wanted: int
    remaining_seconds: float
    remaining_examples: int


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


@dataclass(frozen=True)
class RunEnded:
    """Sent after the last example, with the number of examples that are left to the next run."""

    left_out: int


Event = RunStarted | LaunchStarted | LaunchEnded | ExampleEnded | RunEnded


class Progress(Protocol):
    """The caller's receiver of events: it may print, draw a bar, or do nothing."""

    def event(self, event: Event) -> None: ...


class NoProgress:
    """A receiver that ignores all events."""

    def event(self, event: Event) -> None:
        del event
