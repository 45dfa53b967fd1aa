"""Records without the blocks of their launches, which are nearly all of a record: what statistics use of them remains.

Statistics of a condensed point are exactly those of the point that it was made from. A program that needs the blocks
reads the record's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NoReturn

from stackdoc.model.record import Control, Launch, Output, Point, Ratio


@dataclass(frozen=True, slots=True)
class Sample:
    """`value` is the median of the clean blocks in seconds per call, or of all blocks if none is clean.

    `best` is the fastest block. A launch that does not count was disturbed: too few of its `blocks` are `clean`, or it
    often had no CPU. (Short blocks between the slices of a busy neighbour are clean, but share caches and clock.)
    """

    value: float
    best: float
    blocks: int
    clean: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """What statistics use of the blocks that one clock timed in a launch.

    `least` and `most` are the bounds of a call in seconds (see `extent.py`), `median_ns` is the time of a block, and
    `total_ns` that of all blocks.
    """

    sample: Sample
    least: float
    most: float
    median_ns: float
    total_ns: int


class AbsentBlocks(tuple[int, ...]):
    """In place of the blocks of a condensed launch. Reading it is an error, since an empty tuple means no blocks."""

    __slots__ = ()

    def __len__(self) -> NoReturn:
        raise TypeError("a condensed launch has no blocks; read the record's file")

    def __iter__(self) -> NoReturn:
        len(self)
        raise AssertionError

    def __getitem__(self, place: Any) -> NoReturn:
        del place
        len(self)
        raise AssertionError


ABSENT = AbsentBlocks()


@dataclass(frozen=True, slots=True)
class CondensedLaunch(Launch):
    """A launch without its blocks. `timing` is that of a program, None for a value; `device_timing` that of the device.

    `by_processor` is true for blocks that have CPU times.
    """

    wall_ns: tuple[int, ...] = ABSENT
    cpu_ns: tuple[int, ...] = ABSENT
    switches: tuple[int, ...] = ABSENT
    device_ns: tuple[int, ...] = ABSENT
    timing: Timing | None = None
    device_timing: Timing | None = None
    by_processor: bool = False

    @property
    def is_timed(self) -> bool:
        return self.timing is not None

    @property
    def has_cpu_times(self) -> bool:
        return self.by_processor

    @property
    def has_device_times(self) -> bool:
        return self.device_timing is not None

    @property
    def median_ns(self) -> float:
        return self.timing.median_ns if self.timing else 0.0

    @property
    def total_ns(self) -> int:
        return self.timing.total_ns if self.timing else 0

    @property
    def mark(self) -> object:
        return self.total_ns

    def on_device_clock(self) -> CondensedLaunch:
        return replace(self, timing=self.device_timing, device_timing=None)


@dataclass(frozen=True)
class CondensedPoint(Point):
    """A point of condensed launches."""

    launches: tuple[CondensedLaunch, ...]
    __hash__ = Point.__hash__


@dataclass(frozen=True)
class CondensedControl(Control):
    """A control of condensed launches."""

    launches: tuple[CondensedLaunch, ...]


@dataclass(frozen=True)
class Content:
    """What one example showed: the part of a record that differs between two runs, apart from the controls."""

    points: tuple[CondensedPoint, ...]
    ratios: tuple[Ratio, ...] = ()
    outputs: tuple[Output, ...] = ()

    @cached_property
    def items(self) -> Mapping[str, Point | Ratio]:
        """Points and ratios by key; the first of a key, and points before ratios."""
        every: tuple[Point | Ratio, ...] = (*self.points, *self.ratios)
        return {item.key: item for item in reversed(every)}
