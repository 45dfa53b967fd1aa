"""The figure of a single launch, from its clean blocks."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

from stackdoc.model.record import Launch
from stackdoc.statistics.condensed import CondensedLaunch, Sample

CLEAN_SHARE = 0.98  # of its wall time that a clean block spends on a CPU, at least
LONG_BLOCK_NS = 100_000_000  # blocks this long meet the system's own threads even on an idle machine
CLEAN_BLOCKS = 20  # a launch needs this many clean blocks to count
CLEAN_PART = 0.8  # or this part of its blocks, if long calls leave time for few
LAUNCH_SHARE = 0.8  # of its wall time that a launch spends on a CPU, at least: a neighbour on the same core leaves half


def is_clean(wall_ns: int, cpu_ns: int, switches: int) -> bool:
    """Return whether a block had its CPU for at least 98 % of its time and was not interrupted.

    A block of 100 ms or more may be interrupted: its share of CPU time limits what it lost.
    """
    return cpu_ns >= CLEAN_SHARE * wall_ns and (switches == 0 or wall_ns >= LONG_BLOCK_NS)


def sample(launch: Launch) -> Sample:
    """Return the sample of a launch. Blocks timed by a device's clock have no CPU time and are all clean.

    The launch counts all the same only if no other process computed on the device.
    """
    if launch.value is not None:
        return Sample(launch.value, launch.value, 1, 1, True)
    if isinstance(launch, CondensedLaunch) and launch.timing:
        return launch.timing.sample
    calls = max(launch.calls, 1)
    blocks = [wall / calls / 1e9 for wall in launch.wall_ns]
    signals = zip(launch.wall_ns, launch.cpu_ns, launch.switches, strict=True) if launch.cpu_ns else None
    clean = blocks if signals is None else [wall / calls / 1e9 for wall, *rest in signals if is_clean(wall, *rest)]
    used = clean or blocks
    needed = min(CLEAN_BLOCKS, ceil(CLEAN_PART * len(blocks)))
    return Sample(
        value=median(used),
        best=min(blocks),
        blocks=len(blocks),
        clean=len(clean),
        counts=len(clean) >= needed
        and not has_neighbours(launch)
        and sum(launch.cpu_ns) >= LAUNCH_SHARE * sum(launch.wall_ns[: len(launch.cpu_ns)]),
    )


def has_neighbours(launch: Launch) -> bool:
    """Return whether other processes computed on the device during the launch."""
    return any(state.neighbours for state in launch.states)


def relative_spread(values: Sequence[float]) -> float:
    """Return the interquartile range over the median; 0 for a single value or a median of 0."""
    middle = median(values)
    if len(values) < 2 or middle == 0:
        return 0.0
    return (quantile(values, 0.75) - quantile(values, 0.25)) / abs(middle)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the quantile by linear interpolation between order statistics, numpy's default."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
