"""Plain data together with the place of every value in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from stackdoc.errors import Problem

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Path = tuple[str | int, ...]  # keys and indices from the top


@dataclass(frozen=True)
class Document:
    """Plain `data`, found at the path `base` of the file.

    `lines` has the line of each value, `printed` the source text of each value that is not a string, and `rejected`
    the values that were reported already and need no second message. Their paths start at the top of the file.
    """

    file: str
    data: Json
    lines: Mapping[Path, int] = field(default_factory=dict)
    printed: Mapping[Path, str] = field(default_factory=dict)
    rejected: frozenset[Path] = frozenset()
    base: Path = ()

    def line(self, path: Path) -> int:
        """Return the line of the value, or of the nearest value that encloses it."""
        full = (*self.base, *path)
        return next((self.lines[full[:k]] for k in range(len(full), -1, -1) if full[:k] in self.lines), 0)

    def is_rejected(self, path: Path) -> bool:
        """Whether the value, or one that encloses it, was reported already."""
        full = (*self.base, *path)
        return any(full[:length] in self.rejected for length in range(len(full) + 1))

    def as_printed(self, path: Path) -> str:
        """Return the source text of a value that is not a string; empty if it is not known."""
        return self.printed.get((*self.base, *path), "")

    def at(self, path: Path) -> Json:
        """Return the value at an existing path."""
        value = self.data
        for step in path:
            if isinstance(value, list) and isinstance(step, int):
                value = value[step]
            elif isinstance(value, dict):
                value = value[str(step)]
        return value

    def items(self) -> Iterator[tuple[int, Document]]:
        """Yield the entries of a list with their indices, each as a document with the same lines."""
        for index, item in enumerate(self.data if isinstance(self.data, list) else []):
            yield index, replace(self, data=item, base=(*self.base, index))

    def problem(self, path: Path, message: str, hint: str = "") -> Problem:
        return Problem(self.file, self.line(path), where((*self.base, *path)), message, hint)


def where(path: Path) -> str:
    """Return the path as text: `layers[2].atoms`."""

    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
