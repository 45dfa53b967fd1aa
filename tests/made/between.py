"""What many records of one box say of the comparisons between them, and of how far one run differs from the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from math import exp, log
from statistics import fmean, median, variance
from typing import Any

from scipy import optimize, special

from stackdoc.model.machine import Machine
from stackdoc.model.record import ControlName, Point, Record
from stackdoc.statistics import compare, sample
from stackdoc.statistics.between import RunHistory
from stackdoc.statistics.controls import seconds
from stackdoc.statistics.interval import BAND, FEWEST, ratio_interval
from tests.made.four_kinds import PLANTED, plain, planted

DIFFERENT = ("faster", "slower", "higher", "lower")
CONTROL: Mapping[str, ControlName] = {
    "arithmetic": "product",
    "memory": "triad",
    "interpreter": "interpreter",
    "dispatch": "dispatch",
}


@dataclass
class Tally:
    """Comparisons of one kind: of the same work in two records, and of 1.25 times the work against it.

    `by_launches` are those that the launches alone would call different, as if no run differed from the next; `spread`
    is the standard deviation of the figures' logarithm over the records.
    """

    kind: str
    compared: int = 0
    different: int = 0
    by_launches: int = 0
    planted: int = 0
    found: int = 0
    covered: int = 0
    refused: int = 0
    spread: float = 0.0

    def share(self, name: str) -> float:
        whole = self.planted if name in ("found", "covered") else self.compared
        return int(getattr(self, name)) / whole if whole else 0.0

    def __str__(self) -> str:
        shares = {name: f"{self.share(name):.0%}" for name in ("different", "by_launches", "found", "covered")}
        return (
            f"{self.kind}: {shares['different']} of {self.compared} called different (by launches alone "
            f"{shares['by_launches']}), 1.25 found in {shares['found']} of {self.planted}, covered in "
            f"{shares['covered']}; runs differ by {self.spread:.1%}; {self.refused} not comparable"
        )


def tally(kind: str, records: Sequence[Record], *, known: bool) -> Tally:
    """Over all ordered pairs; `known` says whether the other records count as history."""
    found, before = Tally(kind), [plain(record) for record in records]
    run_history = RunHistory(before if known else ())
    for (a, first), (b, second) in permutations(zip(records, before, strict=True), 2):
        more = planted(b)
        for point in first.points:
            same, plant = compare(first, second, point.key, run_history), compare(first, more, point.key, run_history)
            if same.refused or plant.refused:
                found.refused += 1
                continue
            found.compared += 1
            found.different += same.word in DIFFERENT
            found.by_launches += _by_launches(first.point(point.key), second.point(point.key))
            found.planted += 1
            found.found += plant.word == "slower"
            found.covered += (plant.low or 0) <= PLANTED <= (plant.high or 0)
        assert a.example == b.example
    figures = series(before)
    found.spread = fmean(map(variance, figures)) ** 0.5 if figures else 0.0
    return found


def together(tallies: Sequence[Tally]) -> Tally:
    whole = Tally("all")
    for one in tallies:
        for name, value in asdict(one).items():
            if isinstance(value, int):
                setattr(whole, name, getattr(whole, name) + value)
    whole.spread = fmean(one.spread**2 for one in tallies) ** 0.5
    return whole


def _by_launches(base: Point | None, other: Point | None) -> bool:
    assert base is not None
    assert other is not None
    low, high = ratio_interval(_values(other), _values(base))
    return low > BAND or high < 1 / BAND


def _values(point: Point) -> list[float]:
    return [one.value for one in map(sample, point.launches) if one.counts]


def series(records: Sequence[Record]) -> list[list[float]]:
    """For each point the logarithm of its figure in every record that has one, of points with three and more."""
    found = []
    for point in records[0].points:
        values = [_values(one) for one in (record.point(point.key) for record in records) if one is not None]
        found.append([log(median(one)) for one in values if len(one) >= FEWEST])
    return [one for one in found if len(one) > 2]


def prior(by_kind: Mapping[str, Sequence[Record]]) -> dict[ControlName, tuple[float, float]]:
    """By the control of each kind the typical standard deviation between runs, and the weight it deserves.

    The variances of the points of a kind, and of its control, are taken as draws around a typical one; how far they
    differ beyond what so few runs explain is the weight in degrees of freedom (G. Smyth 2004, section 6.2). No kind is
    given less than the mean of all: which kind is the quietest differs from box to box.
    """
    errors: dict[str, list[float]] = {}
    beyond = []
    for kind, records in by_kind.items():
        figures = [one for one in (*series(records), _of_control(records, CONTROL[kind])) if len(one) > 2]
        if len(figures) < 2:
            return {}  # too few records, or too few that no neighbour disturbed
        freedoms = [len(one) - 1 for one in figures]
        found = [
            log(variance(one)) - special.digamma(freedom / 2) + log(freedom / 2)
            for one, freedom in zip(figures, freedoms, strict=True)
        ]
        errors[kind] = found
        beyond += [
            (error - fmean(found)) ** 2 * len(found) / (len(found) - 1) - special.polygamma(1, freedom / 2)
            for error, freedom in zip(found, freedoms, strict=True)
        ]
    excess = max(fmean(beyond), 0.02)
    half = optimize.brentq(lambda x: special.polygamma(1, x) - excess, 0.5, 1000)
    typical = {kind: exp(fmean(found) + special.digamma(half) - log(half)) ** 0.5 for kind, found in errors.items()}
    mean = fmean(value**2 for value in typical.values()) ** 0.5
    return {CONTROL[kind]: (round(max(value, mean), 3), round(2 * float(half), 1)) for kind, value in typical.items()}


def _of_control(records: Sequence[Record], name: ControlName) -> list[float]:
    return [log(median(seconds(one))) for record in records for one in record.controls if one.name == name]


def document(
    by_kind: Mapping[str, Sequence[Record]], machine: Machine, gap_s: float, tallies: Mapping[str, Sequence[Tally]]
) -> Any:
    """What the handbook shows: `tallies` without and with the other records as history."""
    first = next(iter(by_kind.values()))
    place = {name: getattr(machine, name) for name in ("id", "cpu", "microarchitecture", "cores", "memory_gib")}
    return {
        "schema": "stackdoc.between/1",
        "measured_at": min(record.measured_at for record in first),
        "until": max(record.measured_at for record in first),
        "machine": place,
        "records": len(first),
        "gap_s": gap_s,
        "planted": PLANTED,
        "tallies": {name: [asdict(one) for one in found] for name, found in tallies.items()},
        "prior": prior(by_kind),
    }
