"""Points made by hand: launches whose medians are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stackdoc.model.record import Launch, Point

NINE = [1.00, 1.01, 0.99, 1.02, 0.98, 1.00, 1.01, 0.99, 1.00]  # medians of quiet launches


def blocks(index: int, seconds: Sequence[float], share: float = 1.0, switches: int = 0, **fields: Any) -> Launch:
    """One call a block, each as long as given and on a CPU for the part `share` of it."""
    wall = tuple(round(one * 1e9) for one in seconds)
    cpu = tuple(round(one * share) for one in wall)
    return Launch(index, "2026-11-01T00:00:00Z", 1, 1, wall, cpu, (switches,) * len(wall), **fields)


def timed(medians: Iterable[float], name: str = "a", **fields: Any) -> Point:
    """A time point whose launches hold 24 clean blocks of the given length."""
    launches = tuple(blocks(index, [median] * 24) for index, median in enumerate(medians))
    return Point(name, (), "time", launches, **fields)


def valued(values: Iterable[float], name: str = "v", **fields: Any) -> Point:
    launches = tuple(Launch(index, "2026-11-01T00:00:00Z", value=value) for index, value in enumerate(values))
    return Point(name, (), "value", launches, **fields)
