"""Named environments, read from `examples/environments/<name>/`."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackdoc.errors import Problem, did_you_mean
from stackdoc.examples.lock import packages, without_hashes
from stackdoc.model.environment import Creation, Environment
from stackdoc.project import ENVIRONMENTS, Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.decode import SLUG, SLUG_HINT, decode
from stackdoc.reading.document import Document
from stackdoc.reading.document import Path as Place
from stackdoc.reading.text import read_text

LOCK, OPTIONS = "requirements.lock", "environment.toml"
FILES = (LOCK, "requirements.in", OPTIONS)
AT_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class EnvironmentFile:
    """The keys of `environment.toml`, with the defaults of an Environment."""

    summary: str = ""
    python: str = ""
    no_deps: tuple[str, ...] = ()
    no_build_isolation: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()


def read_environments(root: Path, problems: list[Problem]) -> dict[str, Environment]:
    """Return every environment by name; one with a fault is reported and left out.

    A directory without any of our files, such as a project's own examples of environments, is not one.
    """
    environments: dict[str, Environment] = {}
    for directory in sorted((root / ENVIRONMENTS).glob("*/")):
        if directory.name.startswith((".", "_")) or not any((directory / name).exists() for name in FILES):
            continue
        before = len(problems)
        environment = _read(root, directory.name, problems)
        if environment is not None and len(problems) == before:
            environments[environment.name] = environment
    return environments


def read_creations(layout: Layout, problems: list[Problem], environments: Collection[str]) -> tuple[Creation, ...]:
    """What it took to make the environments, from `docs/data/environments.yml`."""
    found = read_list(layout, "environments", Creation, problems)
    for entry, one in found.entries:
        if one.environment not in environments:
            message = f"unknown environment {one.environment!r}"
            hint = did_you_mean(one.environment, environments)
            problems.append(entry.problem(("environment",), message, hint))
    return found.values


def _read(root: Path, name: str, problems: list[Problem]) -> Environment | None:
    path = f"{ENVIRONMENTS}/{name}"
    if not SLUG.fullmatch(name):
        problems.append(Problem(path, 0, "", f"{name!r} is not a valid name for an environment", SLUG_HINT))

    lock = read_text(root, f"{path}/{LOCK}", problems)
    options = _options(root, f"{path}/{OPTIONS}", problems)
    if lock is None or options is None:
        return None
    listed = tuple(packages(f"{path}/{LOCK}", lock, problems))
    digest = hashlib.sha256(f"{without_hashes(lock)}\n{options}".encode()).hexdigest()
    return Environment(name, digest, listed, **options.__dict__)


def _options(root: Path, file: str, problems: list[Problem]) -> EnvironmentFile | None:
    """The file's keys; the defaults where there is no file."""
    if not (root / file).is_file():
        return EnvironmentFile()
    text = read_text(root, file, problems)
    if text is None:
        return None
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = AT_LINE.search(str(error))
        problems.append(Problem(file, int(at[1]) if at else 0, "", f"is not TOML: {error}"))
        return None
    lines: dict[Place, int] = {(): 1}
    for number, line in enumerate(text.split("\n"), 1):
        if key := re.match(r"(\w+)\s*=", line):
            lines.setdefault((key[1],), number)
    try:
        options = decode(EnvironmentFile, Document(file, data, lines), problems)
    except TypeError:
        problems.append(Problem(file, 1, "", "holds a date", "quote it"))
        return None
    if options and options.python and not re.fullmatch(r"3\.\d+(\.\d+)?", options.python):
        number = lines.get(("python",), 0)
        problems.append(Problem(file, number, "python", f"{options.python!r} is no version", 'write "3.12"'))
    return options
