"""The report that a launch writes: its result or its failure. The script could forge it, so it is fully validated."""

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

MAXIMUM_BYTES = 16 << 20  # room for all that an example may show, escaped, and for the samples of a thousand points


@dataclass(frozen=True)
class Failure:
    """How the script failed, and at which of its lines (0: unknown)."""

    outcome: Literal["failed", "out-of-memory"]
    reason: str
    line: int


@dataclass(frozen=True)
class LaunchReport:
    """A result or a failure. `caveats` say where the launch could not be isolated.

    `loaded` are the files of the project that it loaded and its example does not list, with the SHA-256 of their bytes.
    """

    result: LaunchResult | None = None
    failure: Failure | None = None
    caveats: tuple[str, ...] = ()
    loaded: tuple[tuple[str, str], ...] = ()


def read_report(file: Path) -> LaunchReport:
    """Read and validate a report. Raises ValueError, with a message for users, if it is missing or malformed."""
    content = _read_regular_file(file)
    try:
        report: LaunchReport = adapter(LaunchReport).validate_json(content, strict=True)
        for point in report.result.points if report.result else ():
            _check_samples(point)
    except ValueError as error:
        raise ValueError(f"its result is malformed: {_first_message(error)}") from None
    return report


def _check_samples(point: Point) -> None:
    """Raises ValueError for samples that no figure can be computed from."""
    try:
        for launch in point.launches:
            sample(launch)
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"{point.key[:80]}: {error}") from None


def _first_message(error: ValueError) -> str:
    """Return the location and message of pydantic's first error, or the message of an error of ours."""
    lines = str(error).splitlines()
    return " ".join(" ".join(lines[1:3] or lines).split()).partition(" [")[0]


def _read_regular_file(file: Path) -> bytes:
    """Refuse anything but a regular file: reading a pipe might never end, and a link may point anywhere."""
    try:
        with os.fdopen(_open_regular_file(file), "rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        raise ValueError("the process ended before its result was written") from None
    except OSError:
        raise ValueError("its result is not a regular file that can be read") from None
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"its result is larger than {MAXIMUM_BYTES >> 20} MiB")
    return content


def _open_regular_file(file: Path) -> int:
    """Return a file descriptor. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError
    return descriptor
