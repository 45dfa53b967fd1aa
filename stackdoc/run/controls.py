"""The controls of one run, round by round: stored with every record that the run makes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stackdoc.model.record import Control, ControlName, Launch
from stackdoc.run.process.runner import LaunchEnd


@dataclass
class Controls:
    """`rounds` were begun; `fault` says why a round has no controls, where one has none."""

    rounds: int = 0
    fault: str = ""
    seconds: float = 0.0
    _made_with: dict[str, str] = field(default_factory=dict)
    _launches: dict[ControlName, list[Launch]] = field(default_factory=dict)

    def take(self, end: LaunchEnd) -> None:
        """Enters the launch of a round. One that failed leaves a gap; the examples go on."""
        index, self.rounds = self.rounds, self.rounds + 1
        self.seconds += end.seconds
        if end.result is None:
            self.fault = str(end.outcome)
        for point in end.result.points if end.result else ():
            self._made_with[point.name] = point.label
            name: ControlName = point.name  # type: ignore[assignment]  # as the program names them
            self._launches.setdefault(name, []).extend(replace(launch, index=index) for launch in point.launches)

    @property
    def found(self) -> tuple[Control, ...]:
        """All rounds so far, in the program's order of controls."""
        return tuple(Control(name, self._made_with[name], tuple(launches)) for name, launches in self._launches.items())

    @property
    def round_seconds(self) -> float:
        """What they take in one round, on average."""
        return self.seconds / self.rounds if self.rounds else 0.0
