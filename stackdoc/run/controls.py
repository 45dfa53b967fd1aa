"""The controls of one run, round by round: stored with every record that the run makes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import get_args

from stackdoc.model.record import Control, ControlName, Launch, Point
from stackdoc.run.process.runner import LaunchEnd


@dataclass
class Controls:
    """`rounds` were begun; `fault` says why a round has no controls, where one has none.

    Rounds of an interrupted run are not among them: what it kept is the launches of its examples.
    """

    rounds: int = 0
    fault: str = ""
    seconds: float = 0.0
    _first: dict[str, Point] = field(default_factory=dict)
    _launches: dict[str, list[Launch]] = field(default_factory=dict)

    def take(self, end: LaunchEnd) -> None:
        """Enters the launch of a round. One that failed leaves a gap; the examples go on."""
        index, self.rounds = self.rounds, self.rounds + 1
        self.seconds += end.seconds
        if end.result is None:
            self.fault = str(end.outcome)
        for point in end.result.points if end.result else ():
            self._first.setdefault(point.name, point)
            self._launches.setdefault(point.name, []).extend(replace(launch, index=index) for launch in point.launches)

    @property
    def found(self) -> tuple[Control, ...]:
        """All rounds so far."""
        names: tuple[ControlName, ...] = get_args(ControlName)
        first = {name: self._first[name] for name in names if name in self._first}
        return tuple(
            Control(name, point.label, tuple(self._launches[name]), point.work) for name, point in first.items()
        )

    @property
    def round_seconds(self) -> float:
        """What they take in one round, on average."""
        return self.seconds / self.rounds if self.rounds else 0.0
