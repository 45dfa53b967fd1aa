"""How far one run differs from the next, which the launches of a single run can't show.

The figure of a run is its own median times a factor that all its launches share: the clock that the machine had, its
neighbours, the placement of memory. This module estimates the variance of that factor's logarithm from three sources:
earlier records of the same point, the controls of all runs of the machine, and measurements of other machines. Each
has its degrees of freedom, and they are pooled as estimates of one variance (a scaled inverse chi-squared prior, as in
G. Smyth, "Linear models and empirical Bayes methods", 2004, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, median, variance

from stackdoc.model.record import ControlName, Point, Record
from stackdoc.statistics.controls import NAMES, seconds, slowdown_sign
from stackdoc.statistics.interval import BAND, LEVEL
from stackdoc.statistics.prior import PRIOR
from stackdoc.statistics.student import critical_value
from stackdoc.statistics.summary import summarise, was_loaded

Groups = Mapping[Hashable, Sequence[float]]  # logarithms of figures of the same point, in groups that should agree


@dataclass(frozen=True)
class Spread:
    """The `variance` of a figure's logarithm between runs, with its degrees of `freedom` and a name of its `source`."""

    variance: float
    freedom: float
    source: str = ""

    def __str__(self) -> str:
        return f"by {100 * sqrt(self.variance):.1f} %, according to {self.source}"


class RunHistory:
    """The records from which spreads are estimated. Withdrawn records must not be among them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._by_series: dict[Hashable, list[Record]] = defaultdict(list)
        self._with_controls: dict[str, list[Record]] = defaultdict(list)  # by machine
        for record in records:
            self._by_series[_series(record)].append(record)
            if record.controls:
                self._with_controls[record.machine.id].append(record)

    def spread(self, point: Point, kinds: Sequence[ControlName], compared: Sequence[Record], record: Record) -> Spread:
        """Return the spread of the point on the record's machine.

        The records `compared` contribute their controls only, not their figures. `kinds` are the controls of the
        point's kind of work.
        """
        base = self._spread_of_kinds(kinds, [other for other in compared if other.machine.id == record.machine.id])
        ids = {other.id for other in compared}
        earlier = [other for other in self._by_series[_series(record)] if other.id not in ids]
        own = spread_of_figures(earlier, point, kinds)
        return base if own is None else _combined(base, own)

    def _spread_of_kinds(self, kinds: Sequence[ControlName], compared: Sequence[Record]) -> Spread:
        """Return the mean over the kinds of the prior, combined with this machine's controls at no more weight."""
        machine = compared[0].machine.id
        runs = _runs([*self._with_controls[machine], *compared])
        spreads = [self._spread_of_control(name, runs) for name in kinds or NAMES]
        source = next((spread.source for spread in spreads if "controls" in spread.source), spreads[0].source)
        return Spread(fmean(spread.variance for spread in spreads), min(spread.freedom for spread in spreads), source)

    @staticmethod
    def _spread_of_control(name: ControlName, runs: Mapping[Hashable, Record]) -> Spread:
        deviation, freedom = PRIOR[name]
        prior = Spread(deviation**2, freedom, "runs measured elsewhere")
        groups: dict[Hashable, list[float]] = defaultdict(list)
        for record in runs.values():
            for control in record.controls:
                if control.name == name:
                    groups[control.made_with].append(log(median(seconds(control))))
        own = pooled({made_with: _bounded(values) for made_with, values in groups.items()})
        if own is None:
            return prior
        source = f"the controls of {len(runs)} runs"
        return _combined(prior, Spread(own.variance, min(own.freedom, freedom), source))


def _bounded(values: Sequence[float]) -> list[float]:
    """Limit values to 5 % from their median: a comparison takes larger moves of a control into account by itself."""
    middle, most = median(values), log(BAND)
    return [min(max(value, middle - most), middle + most) for value in values]


def spread_of_figures(records: Sequence[Record], point: Point, kinds: Sequence[ControlName]) -> Spread | None:
    """Return the spread of the point's own figures in the records; None if no two of them should agree.

    Where a control of the point's kind explains part of it, that part is left out: a comparison takes out what a
    control explains if it moved by 5 % or more. Smaller moves of the control, by the prior, are added again.

    The control that explains most must not be chosen by the same deviations that are then averaged: the smallest of
    several estimates is too small, by up to a half with three records. So the deviation of each record is taken under
    the choice that the other records make, as in leave-one-out cross-validation.
    """
    groups = _figures(records, point.key)
    figures = pooled(groups)
    if figures is None:
        return None
    choices = [_Choice(groups, 0.0)]
    for name in kinds:
        rest = _figures(records, point.key, name, slowdown_sign(point))
        spread = pooled(rest)
        if spread is not None and spread.freedom == figures.freedom:  # each record has the control, of one version
            choices.append(_Choice(rest, PRIOR[name][0] ** 2))
    squares = 0.0
    for at, (_, count) in enumerate(choices[0].deviations):
        best = min(choices, key=lambda choice: choice.variance_without(at)) if figures.freedom > 1 else choices[0]
        squares += best.deviations[at][0] ** 2 + best.added * (count - 1) / count
    return Spread(squares / figures.freedom, figures.freedom, f"{len(records)} other records")


class _Choice:
    """A way to explain figures: `deviations` from the means of their groups, with the group's size."""

    def __init__(self, groups: Groups, added: float) -> None:
        sized = [values for values in groups.values() if len(values) > 1]
        self.deviations = [(value - fmean(values), len(values)) for values in sized for value in values]
        self.added = added
        self._squares = sum(deviation**2 for deviation, _ in self.deviations)
        self._freedom = sum(len(values) - 1 for values in sized)

    def variance_without(self, at: int) -> float:
        """Return the pooled variance of all values but one; there must be two degrees of freedom or more."""
        deviation, count = self.deviations[at]
        return (self._squares - count / (count - 1) * deviation**2) / (self._freedom - 1) + self.added


def pooled(groups: Groups) -> Spread | None:
    """Return the variance within groups of two values or more; None if there is no such group."""
    sized = [values for values in groups.values() if len(values) > 1]
    freedom = sum(len(values) - 1 for values in sized)
    if not freedom:
        return None
    return Spread(sum((len(values) - 1) * variance(values) for values in sized) / freedom, freedom)


def half_width(sides: Sequence[Spread]) -> float:
    """Return the half width of the interval of the logarithm of a ratio, as far as runs differ.

    `sides` is one spread if both records are of one machine, else the spread of each. The degrees of freedom of the sum
    are Satterthwaite's.
    """
    first, last = sides[0], sides[-1]
    total = first.variance + last.variance
    if not total:
        return 0.0
    terms = (first.variance**2 / first.freedom, last.variance**2 / last.freedom)
    freedom = first.freedom if len(sides) == 1 else total**2 / sum(terms)
    return critical_value(round(freedom, 1), float(LEVEL)) * sqrt(total)


def _combined(base: Spread, own: Spread) -> Spread:
    freedom = base.freedom + own.freedom
    total = base.freedom * base.variance + own.freedom * own.variance
    return Spread(total / freedom, freedom, own.source)


def _series(record: Record) -> Hashable:
    """Return what records must have in common for their figures to agree, apart from software, which makes groups."""
    return (record.machine.id, record.device, record.example, record.digest, record.method, record.threads)


def _runs(records: Iterable[Record]) -> dict[Hashable, Record]:
    """Return one record of each run that has controls: the one with most rounds."""
    runs: dict[Hashable, Record] = {}
    for record in records:
        if record.controls:
            run = record.controls[0].launches[0]
            known = runs.get(run)
            if known is None or len(known.controls[0].launches) < len(record.controls[0].launches):
                runs[run] = record
    return runs


def _figures(
    records: Iterable[Record], key: str, control: ControlName | None = None, sign: int = 1
) -> dict[Hashable, list[float]]:
    """Return logarithms of the point's figures in groups of the same software, less those of a control if given."""
    groups: dict[Hashable, list[float]] = defaultdict(list)
    for record in records:
        software, value = record.software, _figure(record.point(key))
        group = (software.python, software.kernel, *sorted(software.packages.items()))
        controls = [candidate for candidate in record.controls if candidate.name == control]
        if value is None or (control and not controls):
            continue
        if controls:
            group, value = (*group, controls[0].made_with), value - sign * log(median(seconds(controls[0])))
        groups[group].append(value)
    return groups


def _figure(point: Point | None) -> float | None:
    """Return the logarithm of the median of the launches that count; None if there are none."""
    if point is None or not point.launches or was_loaded(point):
        return None
    summary = summarise(point)
    return log(summary.value) if summary.counted and summary.value > 0 else None
