"""Which files of the project a launch reads that its record would not know of."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OURS = Path(__file__).resolve().parents[1]


class Reads:
    """Hears what this process opens. What other programs open, and libraries without Python's help, stays unheard."""

    def __init__(self, root: str, declared: Iterable[str]) -> None:
        self.root = Path(root).resolve()
        self._declared = {(self.root / path).resolve() for path in declared}
        self._opened: dict[str, None] = {}
        self._written: set[str] = set()
        self._listening = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A hook stays in its process for good, so it is told when to listen."""
        sys.addaudithook(self._hear)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._listening or event != "open" or not isinstance(given[0], str | bytes | os.PathLike):
            return
        with suppress(Exception):  # whatever is raised here would stop the script
            path, flags = str(Path(os.fsdecode(given[0])).absolute()), given[2]
            if flags & (os.O_WRONLY | os.O_TRUNC | os.O_CREAT):
                self._written.add(path)
            else:
                self._opened[path] = None

    @property
    def undeclared(self) -> list[str]:
        """Paths relative to the root, sorted: files there that are neither declared nor made by the script itself."""
        opened = {Path(_source(path)).resolve() for path in self._opened if path not in self._written}
        return sorted(path.relative_to(self.root).as_posix() for path in opened - self._declared if self._counts(path))

    def _counts(self, path: Path) -> bool:
        """Not what is installed or hidden below the root, which has versions and keepers of its own."""
        if not path.is_relative_to(self.root) or not path.is_file():
            return False
        apart = (OURS, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
        installed = any(path.is_relative_to(place) for place in apart if place != self.root)
        return not installed and not any(part.startswith(".") for part in path.relative_to(self.root).parts)


def _source(path: str) -> str:
    """Of compiled code the source."""
    return importlib.util.source_from_cache(path) if path.endswith(".pyc") else path
