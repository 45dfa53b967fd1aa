"""Plain data together with the place of every value in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stackdoc.errors import Problem

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Path = tuple[str | int, ...]  # keys and indices from the top


@dataclass(frozen=True)
class Document:
    """`lines` holds the line of each value, `printed` the text of those that are no strings.

    `trapped` are values already refused for their form: what is wrong with them is said.
    """

    file: str
    data: Json
    lines: Mapping[Path, int] = field(default_factory=dict)
    printed: Mapping[Path, str] = field(default_factory=dict)
    trapped: frozenset[Path] = frozenset()

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 0

    def at(self, path: Path) -> Json:
        """The value at a path that exists."""
        value = self.data
        for step in path:
            if isinstance(value, list) and isinstance(step, int):
                value = value[step]
            elif isinstance(value, dict):
                value = value[str(step)]
        return value

    def problem(self, path: Path, message: str, hint: str = "") -> Problem:
        return Problem(self.file, self.line(path), where(path), message, hint)


def where(path: Path) -> str:
    """`layers[2].atoms`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
