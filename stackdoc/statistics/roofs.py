"""The roofs of a machine: its fastest measured arithmetic, memory traffic and dispatch of an operation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any

from stackdoc.model.record import Point, Record, Work
from stackdoc.statistics.samples import sample

STREAMS = ("triad", "add", "copy", "read")  # points of the roofs example that give bandwidths
WIDER = {
    "float32": ("float64",),
    "bfloat16": ("float32", "float64"),
    "float16": ("float32", "float64"),
    "int8": ("bfloat16", "float16", "float32", "float64"),
}


@dataclass(frozen=True)
class Roofs:
    """Upper bounds, each from the best block over all launches of one record.

    `rates` are in FLOP/s by dtype, `bandwidths` in byte/s by working set in bytes, ascending; `dispatch` is the time
    of an operation on one element in seconds. `record` is the id of the record they come from.
    """

    rates: tuple[tuple[str, float], ...] = ()
    bandwidths: tuple[tuple[int, float], ...] = ()
    dispatch: float | None = None
    record: str = ""

    def flops(self, dtype: str) -> float | None:
        """Return the FLOP/s of the best matrix product in `dtype`, or in a wider type that represents all its numbers.

        A library may widen the operands inside its kernel, at n² conversions for n³ multiplications, so the narrower
        type can reach the rate of a wider one. If it has no kernel of its own, the wider type is faster.
        """
        rates = dict(self.rates)
        if dtype not in rates:
            return None
        return max(rates[dtype], *(rates.get(wider, 0.0) for wider in WIDER.get(dtype, ())), 0.0)

    def bandwidth(self, working_set: float) -> float | None:
        """Return the byte/s that a call with this working set can reach, interpolated log-log between measured sizes.

        A smaller working set can reach what a larger one did, so the bandwidth never rises with the size. Sizes
        outside the measured range have the bandwidth of the nearest.
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
        """Return the least seconds that the work takes: arithmetic and memory traffic at their roofs, overlapping.

        None if a roof it needs was not measured. `working_set` is that of the call in bytes (default: `bytes`).
        """
        rate = self.flops(dtype) if flop else None
        bandwidth = self.bandwidth(bytes if working_set is None else working_set) if bytes else None
        if (flop and not rate) or (bytes and not bandwidth) or not (flop or bytes):
            return None
        return max(flop / rate if rate else 0.0, bytes / bandwidth if bandwidth else 0.0)

    def share(self, seconds: float, work: Work, dtype: str) -> float | None:
        """Return the share of its roof that a call of `seconds` reaches; 1 is the roof.

        A working set smaller than all measured ones has no roof, so its bytes are ignored.
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
        """Return the roofs from a record of the example with `roofs = true`, for calls of `threads` threads.

        The default is the number of its launches. By convention, its points are `gemm` with a dtype and flop, `triad`,
        `add`, `copy` and `read` with bytes, and `dispatch`. A suffix names a variant: `gemm-numpy`, `copy-numpy`,
        `gemm-threads`. The best variant is the roof. A point with another number of threads than its launches has the
        parameter `threads`.
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
    """Return how many threads the point's call can use: its parameter `threads`, else those of its launches."""
    return int(dict(point.parameters).get("threads", record.threads))


def _kind(point: Point) -> str:
    """Return the name without its variant: `gemm` of `gemm-numpy`."""
    return point.name.partition("-")[0]


def _best(record: Record) -> Iterator[tuple[Point, float]]:
    """Yield each timed point with its fastest block in seconds per call, disturbed or not, as it is an upper bound.

    On an accelerator a dispatch counts with the time that a program waits, all else with the device's own time. A
    launch without a device time counts with the time waited, which is longer and so never the best.
    """
    for point in record.points:
        waits = _kind(point) == "dispatch"
        timed = (launch for launch in point.launches if launch.calls and launch.is_timed)
        best = [
            sample(launch.on_device_clock() if launch.has_device_times and not waits else launch).best
            for launch in timed
        ]
        if best and min(best) > 0:
            yield point, min(best)
