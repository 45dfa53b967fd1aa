"""The controls of one group of jobs, round by round: stored with every record that the group makes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import get_args

from stackdoc.model.record import Control, ControlName, Launch, Point
from stackdoc.run.process.runner import LaunchEnd


@dataclass
class Controls:
    """The launches of the controls among those of a group; those of an interrupted run are not saved.

    `rounds` counts the launches. `error` is the reason of the last one that failed.
    """

    rounds: int = 0
    error: str = ""
    _points: dict[str, Point] = field(default_factory=dict)  # as the first round described them
    _launches: dict[str, list[Launch]] = field(default_factory=dict)

    def add(self, end: LaunchEnd) -> None:
        """Add the launch of one round. A failed one leaves a gap; the examples go on."""
        index, self.rounds = self.rounds, self.rounds + 1
        if end.result is None:
            self.error = str(end.outcome)
        for point in end.result.points if end.result else ():
            self._points.setdefault(point.name, point)
            self._launches.setdefault(point.name, []).extend(replace(launch, index=index) for launch in point.launches)

    @property
    def results(self) -> tuple[Control, ...]:
        """The controls with all their launches so far."""
        names: tuple[ControlName, ...] = get_args(ControlName)
        measured = {name: self._points[name] for name in names if name in self._points}
        return tuple(
            Control(name, point.label, tuple(self._launches[name]), point.work) for name, point in measured.items()
        )
