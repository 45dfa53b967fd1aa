"""Which files of the project a launch loads and reads besides those that its example lists."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OURS = Path(__file__).resolve().parents[1]
INSTALLED = {"site-packages", "dist-packages"}
TOO_EARLY_S = 0.02  # by which the times of a file system may lag behind the clock


class Reads:
    """Notes the modules of this process and the files it opens.

    Files that other programs open, or libraries without Python's help, are not noticed. In `copies` are directories
    in which the launch finds copies of the project's files, each with the directory they come from.
    """

    def __init__(self, root: str, declared: Iterable[str]) -> None:
        self.root = Path(root).resolve()
        self.copies: dict[Path, Path] = {}
        self._declared = {(self.root / path).resolve() for path in declared}
        self._began = time.time() - TOO_EARLY_S
        self._opened: dict[str, None] = {}
        self._written: set[str] = set()
        self._listening = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Note what is opened. A hook can't be removed from its process, so it has a switch."""
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
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_CREAT):
                self._written.add(path)
            else:
                self._opened[path] = None

    def files(self) -> dict[str, Path]:
        """Return the undeclared files by their path relative to the root, without those that the launch wrote."""
        sources = (_source(path) for path in self._opened if path not in self._written)
        opened = {self._original(place) for path in sources if (place := _resolved(path))}
        written = {_resolved(path) for path in self._written}
        modules = {place for path in _modules() if (place := _resolved(path))} - written
        found = {*filter(self._is_below_root, opened), *filter(self._is_own, modules)}
        return {Path(os.path.relpath(path, self.root)).as_posix(): path for path in sorted(found - self._declared)}

    def changed(self) -> list[str]:
        """Return the files that changed after the launch began: nobody knows which state it has seen."""
        return [name for name, path in self.files().items() if path.stat().st_mtime > self._began]

    def digests(self) -> tuple[tuple[str, str], ...]:
        """Return each file with the SHA-256 of its bytes."""
        return tuple((name, _digest(path)) for name, path in self.files().items())

    def _original(self, place: Path) -> Path:
        """The file of the project that a copy is of."""
        for copy, of in self.copies.items():
            if place.is_relative_to(copy):
                return of / place.relative_to(copy)
        return place

    def _is_own(self, module: Path) -> bool:
        """Whether the module is of the project, or of another one that is edited beside it, and not installed."""
        if self._is_below_root(module):
            return True
        apart = (self.root, OURS, *_interpreter(), Path(tempfile.gettempdir()).resolve(), Path.home().resolve())
        return _is_file(module) and not _is_installed(module) and not any(map(module.is_relative_to, apart))

    def _is_below_root(self, path: Path) -> bool:
        """Whether the file counts: nothing that is installed or hidden below the root, which has its own versions."""
        if not path.is_relative_to(self.root) or not _is_file(path) or path.is_relative_to(OURS):
            return False
        below = [place for place in _interpreter() if place != self.root and place.is_relative_to(self.root)]
        hidden = any(part.startswith(".") for part in path.relative_to(self.root).parts)
        return not hidden and not _is_installed(path) and not any(map(path.is_relative_to, below))


def _resolved(path: str) -> Path | None:
    """Return the path with all links followed, None if that is impossible, such as for a loop of links."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def _is_file(path: Path) -> bool:
    """Whether there is a file; a name that no file can have, or a directory that can't be read, is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _modules() -> Iterator[str]:
    """The files of the modules of this process."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})  # no `getattr` of the file: a lazy module would load
        file = names.get("__file__") if isinstance(names, dict) else None
        if isinstance(file, str):
            yield file


def _interpreter() -> tuple[Path, ...]:
    """Where the interpreter and its library are; a virtual environment counts, a system's `/usr` does not."""
    own = {sys.prefix} - {sys.base_prefix}
    library = {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")}
    return tuple(Path(place).resolve() for place in sorted(own | library))


def _is_installed(path: Path) -> bool:
    return not INSTALLED.isdisjoint(path.parts)


def _source(path: str) -> str:
    """The source of compiled code."""
    if not path.endswith(".pyc"):
        return path
    with suppress(ValueError):  # compiled code without a source
        return importlib.util.source_from_cache(path)
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
