"""Whether the machine itself became slower or faster between two records, by their controls."""

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
BOUND = 0.25  # share of a call's time, at the controls' rates, from which its work bounds the call


@dataclass(frozen=True)
class Move:
    """The time of the control `name` in the second record over that in the first, with its interval.

    The interval is a bootstrap over the rounds. It reflects the machine only, not any example.
    """

    name: ControlName
    ratio: float
    low: float
    high: float

    @property
    def is_significant(self) -> bool:
        """Whether the control moved by more than 5 % either way."""
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
    """Return the moves of all controls that two records of one machine share; none for two machines."""
    return tuple(_moves(a, b)) if a.machine.id == b.machine.id else ()


def _moves(a: Record, b: Record) -> Iterator[Move]:
    bases = {(control.name, control.made_with): control for control in a.controls}
    for control in b.controls:
        base = bases.get((control.name, control.made_with))
        same_run = base is not None and base.launches[0] == control.launches[0]
        if base is not None and not same_run and (move := _move(base, control)):
            yield move


@lru_cache(1024)  # used for every point of two records
def _move(base: Control, control: Control) -> Move | None:
    above, below = seconds(control), seconds(base)
    if min(len(above), len(below)) < FEWEST:
        return None
    return Move(control.name, median(above) / median(below), *ratio_interval(above, below))


@lru_cache(4096)
def seconds(control: Control) -> tuple[float, ...]:
    """Return the time of a call in each round, or only in the undisturbed rounds if there are at least six."""
    samples = [sample(launch) for launch in control.launches]
    clean = [launch.value for launch in samples if launch.counts]
    return tuple(clean if len(clean) >= FEWEST else [launch.value for launch in samples])


def describe_moves(moves: Sequence[Move]) -> str:
    """Return the significant moves in words, or nothing.

    `the machine itself was 1.40 times slower (control dispatch, 1.36 to 1.44)`.
    """
    significant = [str(move) for move in moves if move.is_significant]
    return f"the machine itself was {', '.join(significant)}" if significant else ""


def relevant_controls(point: Point, record: Record) -> tuple[ControlName, ...]:
    """Return the controls of the kind of work that bounds the point, by the rates of the record's own controls.

    If the stated work would take a quarter of the time or more at the rate of the product or the triad, it is that one,
    else the interpreter and dispatch. It is all of them if no work is stated or no rate is known, and none for a
    device's clock, which no control watches, or for a value that is neither a time nor a rate.
    """
    if point.clock != "wall" or not slowdown_sign(point):
        return ()
    rates = _rates(record)
    if point.work is None or point.kind != "time" or len(rates) < 2:
        return NAMES
    needed = {"product": point.work.flop / rates["product"], "triad": point.work.bytes / rates["triad"]}
    bound: ControlName = "product" if needed["product"] >= needed["triad"] else "triad"
    return (bound,) if needed[bound] >= BOUND * summarise(point).value else OVERHEAD


def slowdown_sign(point: Point) -> int:
    """Return 1 for what grows on a slower machine, -1 for what falls, 0 for what does not depend on it."""
    if point.kind == "time" or point.unit in ("s", "ms", "µs", "ns"):
        return 1
    return -1 if point.unit.endswith("/s") else 0


def _rates(record: Record) -> dict[str, float]:
    """Return the FLOP/s of the product and the B/s of the triad."""
    rates: dict[str, float] = {}
    for control in record.controls:
        if control.work and control.name in ("product", "triad"):
            amount = control.work.flop if control.name == "product" else control.work.bytes
            if amount:
                rates[control.name] = amount / median(seconds(control))
    return rates
