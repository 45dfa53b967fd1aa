"""A clock for tests, whose calls take what they are told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stackdoc.measure.devices.clock import Block, Call, Conditions
from stackdoc.measure.devices.energy import Counter
from stackdoc.model.record import Launch, Memory


class FakeClock:
    """A clock for tests: each call takes what `cost` says (ns), on a CPU for the part `share`, with `switches`."""

    name = "wall"
    longest = 1 << 30

    def __init__(self, cost: Callable[[], float], share: float = 1.0, switches: int = 0) -> None:
        self.cost = cost
        self.share = share
        self.switches = switches

    def block(self, call: Call, calls: int) -> Block:
        call()
        wall = round(sum(self.cost() for _ in range(calls)))
        return Block(wall, round(wall * self.share), self.switches)

    def first(self, call: Call) -> tuple[Any, int]:
        return call(), round(self.cost())

    def synchronise(self) -> None:
        """A call is done when it returns."""

    def memory(self, call: Call) -> Memory:
        call()
        return Memory("host", "made up", 0, 0)

    def energy_counter(self) -> Counter | str:
        return "no counter"

    def only_on_host(self, launch: Launch) -> bool:
        del launch
        return False

    def conditions(self) -> Conditions:
        return Conditions({"psi": 0.0})
