"""Plain data together with the place of every value in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from stackdoc.errors import Problem

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Path = tuple[str | int, ...]  # keys and indices from the top


@dataclass(frozen=True)
class Document:
    """`lines` holds the line of each value, `printed` the text of those that are no strings.

    `trapped` are values already refused for their form: what is wrong with them is said. `data` stands at
    `base` of the file, to which the three others refer.
    """

    file: str
    data: Json
    lines: Mapping[Path, int] = field(default_factory=dict)
    printed: Mapping[Path, str] = field(default_factory=dict)
    trapped: frozenset[Path] = frozenset()
    base: Path = ()

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest value around it."""
        whole = (*self.base, *path)
        return next((self.lines[whole[:k]] for k in range(len(whole), -1, -1) if whole[:k] in self.lines), 0)

    def is_trapped(self, path: Path) -> bool:
        """Whether the value, or one around it, is already refused."""
        whole = (*self.base, *path)
        return any(whole[:length] in self.trapped for length in range(len(whole) + 1))

    def as_printed(self, path: Path) -> str:
        """The text of a value that is no string; empty where it is not known."""
        return self.printed.get((*self.base, *path), "")

    def at(self, path: Path) -> Json:
        """The value at a path that exists."""
        value = self.data
        for step in path:
            if isinstance(value, list) and isinstance(step, int):
                value = value[step]
            elif isinstance(value, dict):
                value = value[str(step)]
        return value

    def items(self) -> Iterator[tuple[int, Document]]:
        """The entries of a list, each as a document of its own that keeps its places."""
        for index, item in enumerate(self.data if isinstance(self.data, list) else []):
            yield index, replace(self, data=item, base=(*self.base, index))

    def problem(self, path: Path, message: str, hint: str = "") -> Problem:
        return Problem(self.file, self.line(path), where((*self.base, *path)), message, hint)


def where(path: Path) -> str:
    """`layers[2].atoms`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
