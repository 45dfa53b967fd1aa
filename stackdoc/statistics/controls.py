"""Whether the machine itself moved between two records: the controls of one over those of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import get_args

from stackdoc.model.record import Control, ControlName, Point, Record
from stackdoc.statistics.interval import BAND, FEWEST, ratio_interval
from stackdoc.statistics.samples import sample
from stackdoc.statistics.summary import summarise

NAMES: tuple[ControlName, ...] = get_args(ControlName)
OVERHEAD: tuple[ControlName, ...] = ("interpreter", "dispatch")
BOUND = 0.25  # of a call's time that its work takes at the controls' rates, from which on the work bounds the call


@dataclass(frozen=True)
class Move:
    """The time of the control `name` in the second record over that in the first, with its 95 % interval.

    The interval is that of the rounds, by the bootstrap: what the machine did between the runs is in it, and nothing
    of any example.
    """

    name: ControlName
    ratio: float
    low: float
    high: float

    @property
    def is_told(self) -> bool:
        """It is more than 5 % either way."""
        return self.low > BAND or self.high < 1 / BAND

    def __str__(self) -> str:
        """`1.40 times slower (control dispatch, 1.36 to 1.44)`, always above one."""
        slower = self.ratio >= 1
        times, low, high = (
            (self.ratio, self.low, self.high) if slower else (1 / self.ratio, 1 / self.high, 1 / self.low)
        )
        word = "slower" if slower else "faster"
        return f"{times:.2f} times {word} (control {self.name}, {low:.2f} to {high:.2f})"


def moves(a: Record, b: Record) -> tuple[Move, ...]:
    """Every control that two records of one machine share, `b` over `a`; none of two machines, which differ anyway."""
    return tuple(_moves(a, b)) if a.machine.id == b.machine.id else ()


def _moves(a: Record, b: Record) -> Iterator[Move]:
    bases = {(control.name, control.made_with): control for control in a.controls}
    for control in b.controls:
        base = bases.get((control.name, control.made_with))
        same_run = base is not None and base.launches[0] == control.launches[0]
        if base is not None and not same_run and (found := _move(base, control)):
            yield found


@lru_cache(1024)  # every point of two records asks
def _move(base: Control, control: Control) -> Move | None:
    above, below = seconds(control), seconds(base)
    if min(len(above), len(below)) < FEWEST:
        return None
    return Move(control.name, median(above) / median(below), *ratio_interval(above, below))


@lru_cache(4096)
def seconds(control: Control) -> tuple[float, ...]:
    """A call in each round; in the undisturbed rounds alone where there are six of them."""
    samples = [sample(launch) for launch in control.launches]
    clean = [one.value for one in samples if one.counts]
    return tuple(clean if len(clean) >= FEWEST else [one.value for one in samples])


def told(found: Sequence[Move]) -> str:
    """`the machine itself was 1.40 times slower (control dispatch, 1.36 to 1.44)`, of all that moved; or nothing."""
    moved = [str(one) for one in found if one.is_told]
    return f"the machine itself was {', '.join(moved)}" if moved else ""


def explaining(point: Point, record: Record) -> tuple[ControlName, ...]:
    """The controls of the kind of work that bounds the point, by the rates of the record's own controls.

    Where the stated work takes a quarter of the time or more at the rate of the product or the triad, it is that one;
    else the interpreter and dispatch. All, where no work is stated or no rate is known. None for a device's clock,
    which no control watches, and for a value that is no time and no rate.
    """
    if point.clock != "wall" or not direction(point):
        return ()
    rates = _rates(record)
    if point.work is None or point.kind != "time" or len(rates) < 2:
        return NAMES
    needed = {"product": point.work.flop / rates["product"], "triad": point.work.bytes / rates["triad"]}
    bound: ControlName = "product" if needed["product"] >= needed["triad"] else "triad"
    return (bound,) if needed[bound] >= BOUND * summarise(point).value else OVERHEAD


def direction(point: Point) -> int:
    """1 for what grows when the machine is slower, -1 for what falls, 0 for what has nothing to do with it."""
    if point.kind == "time" or point.unit in ("s", "ms", "µs", "ns"):
        return 1
    return -1 if point.unit.endswith("/s") else 0


def _rates(record: Record) -> dict[str, float]:
    """FLOP/s of the product and B/s of the triad."""
    found: dict[str, float] = {}
    for control in record.controls:
        if control.work and control.name in ("product", "triad"):
            amount = control.work.flop if control.name == "product" else control.work.bytes
            if amount:
                found[control.name] = amount / median(seconds(control))
    return found
