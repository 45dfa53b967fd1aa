"""Points and records made by hand: launches whose medians are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import SCHEMA, Launch, Point, Ratio, Record, method_of

MACHINE = Machine("zen4-2c-24g-0000", "AMD EPYC", "AMD", "x86_64", "zen4", 2, 24)
SOFTWARE = Software("3.11.2", "Debian GNU/Linux 12", "6.1", "0.1.0", {"torch": "2.13.0"})


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


def record(*points: Point, ratios: tuple[Ratio, ...] = (), **fields: Any) -> Record:
    made = Record(
        id="0123456789ab",
        schema=SCHEMA,
        method=method_of(fields.get("device", "cpu")),
        example="kernels/gemm",
        device="cpu",
        profile="quick",
        threads=1,
        measured_at="2026-11-01T00:00:00Z",
        machine=MACHINE,
        software=SOFTWARE,
        digest="d" * 64,
        closure=(),
        commit="",
        dirty=False,
        launched="fresh",
        points=points,
        ratios=ratios,
    )
    return replace(made, **fields)
