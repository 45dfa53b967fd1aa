"""What no run can have observed, though every field of its record is of the right type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.record import Record

UTC = re.compile(r"20[2-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z")  # before 2020 nothing measured


def implausible(record: Record) -> Iterator[tuple[str, str]]:
    """The field and what is wrong with it: a clock that was never set, a block that took no time or less."""
    if not UTC.fullmatch(record.measured_at):
        yield "measured_at", f"{record.measured_at[:40]!r} is no time that a record can be of"
    for point in record.points:
        for launch in point.launches:
            if launch.wall_ns and min(launch.wall_ns) <= 0:
                yield "points", f"{point.key[:80]}: a block took {min(launch.wall_ns)} ns"
