"""What a launch wrote of itself. The script could have written it too, so nothing in it is believed unseen."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.record import Point
from stackdoc.reading.decode import adapter
from stackdoc.statistics.samples import sample

MAXIMUM_BYTES = 16 << 20  # what an example may show, escaped, and the samples of a thousand points


@dataclass(frozen=True)
class Failure:
    """How the script ended, and the line it had come to."""

    outcome: Literal["failed", "out-of-memory"]
    reason: str
    line: int


@dataclass(frozen=True)
class Left:
    """A result or a failure; `caveats` are what the launch says of its own confinement."""

    result: LaunchResult | None = None
    failure: Failure | None = None
    caveats: tuple[str, ...] = ()


def read_left(file: Path) -> Left:
    """Raises ValueError, with a message to show, when the file is missing or is not what a launch writes."""
    content = _content(file)
    try:
        left: Left = adapter(Left).validate_json(content, strict=True)
        for point in left.result.points if left.result else ():
            _look_at(point)
    except ValueError as error:
        raise ValueError(f"its result is malformed: {_first(error)}") from None
    return left


def _look_at(point: Point) -> None:
    """Raises ValueError for samples that no figure can be made of."""
    try:
        for launch in point.launches:
            sample(launch)
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"{point.key[:80]}: {error}") from None


def _first(error: ValueError) -> str:
    """The place and the words of the first of the faults that pydantic counts in its first line, or those of ours."""
    lines = str(error).splitlines()
    return " ".join(" ".join(lines[1:3] or lines).split()).partition(" [")[0]


def _content(file: Path) -> bytes:
    """Of a regular file only: a pipe has no end that one could wait for, and a link leads anywhere."""
    try:
        with os.fdopen(_opened(file), "rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        raise ValueError("the process ended before its result was written") from None
    except OSError:
        raise ValueError("its result is not a regular file that can be read") from None
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"its result is larger than {MAXIMUM_BYTES >> 20} MiB")
    return content


def _opened(file: Path) -> int:
    """Its descriptor. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError
    return descriptor
