"""The extent of a figure: what its launches show at the least and at the most, disturbed ones included.

A disturbance lengthens a time and never shortens it. So the median over all blocks of a launch, disturbed ones
included, is no shorter than that of an undisturbed launch, and its fastest block, displaced time taken off, is no
longer. A neighbour that leaves no trace in any block, on the other thread of the core or in the memory, may still
halve the speed of every block. Hence the least is half of the fastest block: with that, six launches of which the least
favourable lies beyond a value decide, as six undisturbed ones do: each falls there by chance half of the time at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from statistics import median

from stackdoc.model.record import Launch, Point, Record
from stackdoc.statistics.figure import timed_by
from stackdoc.statistics.interval import FEWEST
from stackdoc.statistics.roofs import Roofs, threads_of

CROWDED = 2.0  # how much longer blocks may take beside a neighbour that nothing in them betrays
TIMES = ("time", "device-time")
Bounds = tuple[float, float]


def extent(record: Record, key: str, name: str, roofs: Roofs | None = None) -> Bounds | None:
    """The least and the most that the launches allow of a quantity that follows from times.

    None under six launches, and for a reported value: no signal tells whether its launches were disturbed.
    """
    if name == "ratio":
        return _of_ratio(record, key)
    point = record.point(key)
    if point is None or point.kind == "value":
        return None
    timed, amount = timed_by(point, name), _amount(record, point, name, roofs)
    if timed is None or amount is None:
        return None
    low, high = _times(timed) or (0.0, 0.0)
    if high <= 0:
        return None
    return (low, high) if name in TIMES else (amount / high, amount / low if low else float("inf"))


def _amount(record: Record, point: Point, name: str, roofs: Roofs | None) -> float | None:
    """What is divided by the time to give the quantity; None for one that does not follow from the time."""
    work = point.work
    if name in TIMES:
        return 1.0
    if work is None:
        return None
    if name == "roof-share":
        return roofs.share(1.0, work, point.dtype) if roofs and threads_of(point, record) == record.threads else None
    return {"rate": work.flop, "bandwidth": work.bytes}.get(name) or None


@cache
def _times(point: Point) -> Bounds | None:
    return _whole(bounds(launch) for launch in point.launches if launch.wall_ns)


def _of_ratio(record: Record, key: str) -> Bounds | None:
    """From the ratio that each launch saw of its own two sides."""
    ratio = next((one for one in record.ratios if one.key == key), None)
    slow, fast = (record.point(one) for one in (ratio.slow, ratio.fast)) if ratio else (None, None)
    if slow is None or fast is None or "value" in (slow.kind, fast.kind):
        return None
    below = {launch.index: bounds(launch) for launch in fast.launches if launch.wall_ns}
    pairs = [(bounds(one), below[one.index]) for one in slow.launches if one.wall_ns and one.index in below]
    return _whole((above[0] / under[1], above[1] / under[0]) for above, under in pairs if under[0] > 0)


def bounds(launch: Launch) -> Bounds:
    """Seconds a call in this launch: half of the fastest block, and the median of all.

    A block from which the processor was taken counts for the least with the time that it had one. Blocks on a
    device's clock count as they are; where others computed on it, each of them may have had as much of its time.
    """
    calls = max(launch.calls, 1) * 1e9
    if not launch.cpu_ns:
        sharing = 1 + max((state.neighbours or 0 for state in launch.states), default=0)
        return min(launch.wall_ns) / sharing / calls, median(launch.wall_ns) / calls
    signals = zip(launch.wall_ns, launch.cpu_ns, launch.switches, strict=True)
    fastest = min(min(wall, cpu) if switches else wall for wall, cpu, switches in signals)
    return fastest / CROWDED / calls, median(launch.wall_ns) / calls


def _whole(launches: Iterable[Bounds]) -> Bounds | None:
    found = list(launches)
    return (min(low for low, _ in found), max(high for _, high in found)) if len(found) >= FEWEST else None
