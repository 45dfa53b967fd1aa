"""What a script is made of: itself, the local modules it imports, the data files it declares."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from stackdoc.errors import Problem
from stackdoc.examples.known_digests import KnownDigests
from stackdoc.reading.text import read_text

PATTERN = re.compile(r"[*?\[]")
NOT_DATA = re.compile(r"\.|__pycache__$")
Closure = tuple[tuple[str, str], ...]


def closure(root: Path, script: str, tree: ast.Module, data: tuple[str, ...], problems: list[Problem]) -> list[str]:
    """Paths relative to the root, sorted. Modules are found beside the script, transitively.

    Reports a declared file that is missing, no file, or outside of the root, and a module that can't be parsed.
    """
    home = PurePosixPath(script).parent
    found = {script}
    waiting = list(_local_imports(root, home, home, tree))
    while waiting:
        path = waiting.pop()
        if path in found or not _inside(root, path):
            continue
        found.add(path)
        module = _parsed(root, path, problems)
        waiting.extend(_local_imports(root, home, PurePosixPath(path).parent, module))
    for name in data:
        found.update(_data(root, script, name, problems))
    return sorted(found)


def _data(root: Path, script: str, name: str, problems: list[Problem]) -> list[str]:
    """The files that an entry of `data` names: one, all below a directory, or those that match a pattern."""
    file = PurePosixPath(name)
    if ".." in file.parts or file.is_absolute() or not _inside(root, name):
        problems.append(Problem(script, 0, "data", f"{name!r} is outside the project"))
        return []
    if (root / file).is_file():
        return [file.as_posix()]
    below = (root / file).rglob("*") if (root / file).is_dir() else root.glob(name) if PATTERN.search(name) else ()
    found = (path.relative_to(root) for path in below if path.is_file() and _inside(root, str(path)))
    files = sorted(path.as_posix() for path in found if not any(map(NOT_DATA.match, path.parts)))
    if not files:
        problems.append(Problem(script, 0, "data", f"{name!r} is not a file", "paths start at the project's root"))
    return files


def by_byte(root: Path, paths: Iterable[str]) -> Closure:
    """Each path with the SHA-256 of its content."""
    return tuple((path, _digest(root / path)) for path in paths)


def by_essence(root: Path, paths: Closure, known: KnownDigests | None = None) -> Closure:
    """The same, but of a script or notebook without what does not decide what it does."""
    known = known or KnownDigests(root, is_stored=False)
    return tuple((path, known.of(path, sha256)) for path, sha256 in paths)


def changed(root: Path, parts: Closure) -> list[str]:
    """The paths whose essence is no longer the one given, or that are gone."""
    found = []
    for path, sha256 in parts:
        try:
            now = dict(by_essence(root, by_byte(root, [path])))[path]
        except OSError:
            now = ""
        if now != sha256:
            found.append(path)
    return found


def digest(parts: Closure, settings: str = "") -> str:
    """One SHA-256 over paths, contents and what the header sets for the launches."""
    return hashlib.sha256("".join([*(f"{sha256}  {path}\n" for path, sha256 in parts), settings]).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _inside(root: Path, path: str) -> bool:
    return (root / path).resolve().is_relative_to(root.resolve())


def _parsed(root: Path, path: str, problems: list[Problem]) -> ast.Module:
    text = read_text(root, path, problems, marked=True)
    return parse(path, text, problems) or ast.Module([], []) if text is not None else ast.Module([], [])


def parse(path: str, text: str, problems: list[Problem]) -> ast.Module | None:
    """The syntax tree; None after a problem."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        problems.append(Problem(path, error.lineno or 0, "", f"is not Python: {error.msg}"))
    except (ValueError, RecursionError, MemoryError) as error:
        problems.append(Problem(path, 0, "", f"can't be parsed: {type(error).__name__}"))
    return None


def _local_imports(root: Path, home: PurePosixPath, here: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    """Files below `home` (the script's directory) that the module at `here` imports; packages with their `__init__`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(root, home, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = home
            if node.level:
                base = here
                for _ in range(node.level - 1):
                    base = base.parent
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                yield from _files(root, base, [*parts, alias.name])


def _files(root: Path, base: PurePosixPath, parts: list[str]) -> Iterator[str]:
    for length in range(1, len(parts) + 1):
        stem = base.joinpath(*parts[:length])
        for path in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
            if (root / path).is_file():
                yield path.as_posix()
