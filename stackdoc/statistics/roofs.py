"""The roofs of a machine: the fastest it was measured to compute, to move bytes and to start an operation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any

from stackdoc.model.record import Point, Record, Work
from stackdoc.statistics.summary import on_device

STREAMS = ("triad", "add", "copy", "read")  # points of the roofs' example whose rate bounds the bandwidth
WIDER = {
    "float32": ("float64",),
    "bfloat16": ("float32", "float64"),
    "float16": ("float32", "float64"),
    "int8": ("bfloat16", "float16", "float32", "float64"),
}


@dataclass(frozen=True)
class Roofs:
    """Upper bounds, each the best block seen over all launches of one record.

    `rates` holds FLOP/s by dtype, `bandwidths` byte/s by working set in bytes, ascending; `dispatch` is the
    time in seconds of an operation on one element. `record` is the id of the record they come from.
    """

    rates: tuple[tuple[str, float], ...] = ()
    bandwidths: tuple[tuple[int, float], ...] = ()
    dispatch: float | None = None
    record: str = ""

    def flops(self, dtype: str) -> float | None:
        """FLOP/s of the best matrix product in `dtype`, or in a wider type that holds all its numbers.

        A library may widen the operands inside its kernel, n² conversions beside n³ multiplications, so the rate of a
        wider type is within reach of the shorter one. Where the short one has no kernel, it is the higher of the two.
        """
        rates = dict(self.rates)
        if dtype not in rates:
            return None
        return max(rates[dtype], *(rates.get(wider, 0.0) for wider in WIDER.get(dtype, ())), 0.0)

    def bandwidth(self, working_set: float) -> float | None:
        """Byte/s that a call with this working set can reach: on a line between the measured ones, log over log.

        What a larger working set reached, a smaller one can too, so the line never rises with the size. Sizes beyond
        the measured ones take the rate of the nearest.
        """
        if not self.bandwidths:
            return None
        sizes = [size for size, _ in self.bandwidths]
        rates = [max(rate for _, rate in self.bandwidths[first:]) for first in range(len(sizes))]
        above = bisect_right(sizes, working_set)
        if above in (0, len(sizes)):
            return rates[0] if above == 0 else rates[-1]
        below = above - 1
        part = log(working_set / sizes[below]) / log(sizes[above] / sizes[below])
        return exp((1 - part) * log(rates[below]) + part * log(rates[above]))

    def time(
        self, flop: float = 0.0, bytes: float = 0.0, dtype: str = "float32", working_set: float | None = None
    ) -> float | None:
        """Seconds that the work takes at the least: arithmetic and memory at their roofs, overlapping.

        None when a roof that it needs was not measured. `working_set` is that of the call (bytes; default: `bytes`).
        """
        rate = self.flops(dtype) if flop else None
        bandwidth = self.bandwidth(bytes if working_set is None else working_set) if bytes else None
        if (flop and not rate) or (bytes and not bandwidth) or not (flop or bytes):
            return None
        return max(flop / rate if rate else 0.0, bytes / bandwidth if bandwidth else 0.0)

    def share(self, seconds: float, work: Work, dtype: str) -> float | None:
        """What part of its roof a call of `seconds` reaches; 1 is the roof.

        Bytes below the smallest measured working set stand under no measured roof and are left out.
        """
        measured = self.bandwidths and work.bytes >= self.bandwidths[0][0]
        least = self.time(work.flop, work.bytes if measured else 0.0, dtype)
        return least / seconds if least and seconds > 0 else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Roofs:
        return cls(
            rates=tuple((str(dtype), float(rate)) for dtype, rate in data["rates"]),
            bandwidths=tuple((int(size), float(rate)) for size, rate in data["bandwidths"]),
            dispatch=data["dispatch"],
            record=data["record"],
        )

    @classmethod
    def from_record(cls, record: Record, threads: int | None = None) -> Roofs:
        """From the record of the example with `roofs = true`, for calls of `threads` threads (default: a launch's).

        Its points by convention: `gemm` with a dtype and flop, `triad`, `add`, `copy` or `read` with bytes, `dispatch`.
        What follows a hyphen in a name says how: `gemm-numpy`, `gemm-converted`, `copy-numpy`, `gemm-threads`. The best
        of all ways is the roof. Calls with other threads than the launch have the parameter `threads`.
        """
        rates: dict[str, float] = {}
        bandwidths: dict[int, float] = {}
        dispatch = None
        for point, seconds in _best(record):
            work, name = point.work or Work(), _kind(point)
            if threads_of(point, record) != (threads or record.threads):
                continue
            if name == "gemm" and work.flop:
                rates[point.dtype] = max(rates.get(point.dtype, 0.0), work.flop / seconds)
            elif name in STREAMS and work.bytes >= 1:
                size = int(work.bytes)
                bandwidths[size] = max(bandwidths.get(size, 0.0), work.bytes / seconds)
            elif name == "dispatch":
                dispatch = seconds if dispatch is None else min(dispatch, seconds)
        return cls(tuple(sorted(rates.items())), tuple(sorted(bandwidths.items())), dispatch, record.id)


def threads_of(point: Point, record: Record) -> int:
    """How many threads the point's call could use: its parameter `threads`, else those of its launch."""
    return int(dict(point.parameters).get("threads", record.threads))


def _kind(point: Point) -> str:
    """`gemm` of `gemm-numpy`."""
    return point.name.partition("-")[0]


def _best(record: Record) -> Iterator[tuple[Point, float]]:
    """Each timed point with its fastest block in seconds a call, undisturbed or not: a bound stays a bound.

    On an accelerator a kernel's is the device's own time, a dispatch's what a program waits.
    """
    for point in record.points:
        timed = (None if _kind(point) == "dispatch" else on_device(point)) or point
        blocks = [wall / launch.calls for launch in timed.launches if launch.calls for wall in launch.wall_ns]
        if blocks and min(blocks) > 0:
            yield point, min(blocks) / 1e9
