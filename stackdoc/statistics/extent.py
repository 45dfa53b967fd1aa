"""The extent of a figure: the least and the most that its launches allow, disturbed ones included.

A disturbance only ever lengthens a time. So the median of all blocks of a launch, disturbed ones included, is at least
that of an undisturbed launch, and its fastest block, less the time without a CPU, is at most that. A neighbour that
leaves no trace in any block, on the other thread of the core or in the memory, may still halve the speed of every
block, hence the least is half of the fastest block. With these bounds six launches that all lie beyond a value decide,
as six undisturbed ones would: by chance each is there at most half of the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from statistics import median

from stackdoc.model.record import Launch, Point, Record
from stackdoc.statistics.condensed import CondensedLaunch
from stackdoc.statistics.interval import FEWEST
from stackdoc.statistics.quantities import QUANTITIES, amount_of, timed_by
from stackdoc.statistics.roofs import Roofs

CROWDED = 2.0  # how much longer blocks may take beside an undetectable neighbour
Bounds = tuple[float, float]


def extent(record: Record, key: str, name: str, roofs: Roofs | None = None) -> Bounds | None:
    """Return the least and the most that the launches allow for a quantity derived from times.

    None below six launches, and for a reported value, since nothing shows whether its launches were disturbed.
    """
    if name == "ratio":
        return _of_ratio(record, key)
    point = record.point(key)
    if point is None or "value" in (name, point.kind):
        return None
    timed, row = timed_by(point, name), QUANTITIES[name]
    if timed is None or row.read:
        return None
    low, high = _times(timed) or (0.0, 0.0)
    if high <= 0:
        return None
    if not row.amount:
        return low, high
    amount = amount_of(record, point, name, roofs)
    return (amount / high, amount / low if low else float("inf")) if amount else None


@lru_cache(1 << 14)
def _times(point: Point) -> Bounds | None:
    return _over_launches(bounds(launch) for launch in point.launches if launch.is_timed)


def _of_ratio(record: Record, key: str) -> Bounds | None:
    """Return the bounds of a ratio, from the ratio of the two sides within each launch."""
    ratio = record.ratio(key)
    slow, fast = (record.point(ratio.slow), record.point(ratio.fast)) if ratio else (None, None)
    if slow is None or fast is None or "value" in (slow.kind, fast.kind):
        return None
    fasts = {launch.index: bounds(launch) for launch in fast.launches if launch.is_timed}
    pairs = [
        (bounds(launch), fasts[launch.index]) for launch in slow.launches if launch.is_timed and launch.index in fasts
    ]
    return _over_launches((above[0] / below[1], above[1] / below[0]) for above, below in pairs if below[0] > 0)


def bounds(launch: Launch) -> Bounds:
    """Return the bounds of seconds per call in this launch: half of the fastest block, and the median of all.

    For the lower bound, a block that was interrupted counts with its CPU time. Blocks timed by a device's clock count
    as they are, divided among the processes that computed on the device.
    """
    if isinstance(launch, CondensedLaunch) and launch.timing:
        return launch.timing.least, launch.timing.most
    calls = max(launch.calls, 1) * 1e9
    if not launch.cpu_ns:
        sharing = 1 + max((state.neighbours or 0 for state in launch.states), default=0)
        return min(launch.wall_ns) / sharing / calls, median(launch.wall_ns) / calls
    signals = zip(launch.wall_ns, launch.cpu_ns, launch.switches, strict=True)
    fastest = min(min(wall, cpu) if switches else wall for wall, cpu, switches in signals)
    return fastest / CROWDED / calls, median(launch.wall_ns) / calls


def _over_launches(launches: Iterable[Bounds]) -> Bounds | None:
    every = list(launches)
    return (min(low for low, _ in every), max(high for _, high in every)) if len(every) >= FEWEST else None
