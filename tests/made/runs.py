"""Runs of one machine, simulated: what all launches of a run share by kind of work, and what each has for itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from math import exp, log

from stackdoc.model.record import Control, ControlName, Launch, Point, Record, Work
from tests.made.points import blocks
from tests.made.records import record

PLANTED = 1.25
LAUNCH = 0.02  # by which launches of one run differ, of their logarithm
MADE = "controls/1, Python 3.11.2, NumPy 2.3.1"
CONTROLS: Mapping[ControlName, tuple[float, Work | None]] = {
    "product": (150e-6, Work(flop=2 * 256**3, bytes=3 << 18)),
    "triad": (400e-6, Work(flop=2 << 20, bytes=24 << 20)),
    "interpreter": (70e-6, None),
    "dispatch": (23e-6, None),
}
POINTS: Mapping[ControlName, tuple[float, Work | None]] = {
    "product": (2e-3, Work(flop=4e8, bytes=1e6)),
    "triad": (3e-3, Work(flop=1e7, bytes=1.6e8)),
    "interpreter": (5e-4, None),
    "dispatch": (2e-4, Work(flop=200)),
}


class Runs:
    """Of one box: between runs each kind of work moves by `spread`, and a run may be in the slow mode.

    An example follows the controls of its kind by some part of its own, about `follows`; it is `alone` by the rest.
    """

    def __init__(self, seed: int, spread: float = 0.025, slow: Mapping[ControlName, float] | None = None) -> None:
        self.draw = random.Random(seed)
        self.spread = spread
        self.slow = slow or {}
        self.follows = {name: self.draw.uniform(0.85, 1.1) for name in POINTS}
        self.made = 0

    def next(self) -> Record:
        """The record of one run: a point of each kind and, under `planted` names, 1.25 times its work."""
        mode = self.slow if self.draw.random() < 0.3 else {}
        shifts = {name: self.draw.gauss(0, self.spread) + log(mode.get(name, 1.0)) for name in POINTS}
        points = []
        for name, (seconds, work) in POINTS.items():
            alone = self.draw.gauss(0, self.spread)
            for planted in (False, True):
                at = seconds * exp(self.follows[name] * shifts[name] + alone) * (PLANTED if planted else 1)
                points.append(Point(f"{'planted-' * planted}{name}", (), "time", self._launches(at), work=work))
        controls = tuple(
            Control(name, MADE, self._launches(seconds * exp(shifts[name])), work)
            for name, (seconds, work) in CONTROLS.items()
        )
        self.made += 1
        return record(*points, id=f"{self.made:012x}", controls=controls)

    def _launches(self, seconds: float) -> tuple[Launch, ...]:
        return tuple(blocks(index, [seconds * exp(self.draw.gauss(0, LAUNCH))] * 20) for index in range(6))


def planted(one: Record) -> Record:
    """The record as if all its work were 1.25 times as much."""
    renamed = [
        replace(point, name=point.name.removeprefix("planted-"))
        for point in one.points
        if point.name.startswith("planted-")
    ]
    return replace(one, id=f"f{one.id[1:]}", points=tuple(renamed))
