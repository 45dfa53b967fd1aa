"""How far one run differs from the next, which the launches of one run can't see.

The figure of a run is its own median times a factor that all its launches share: the clock that the machine had, its
neighbours, where memory lay. The variance of that factor's logarithm is estimated here: from earlier records of the
same point, from the controls of all runs of the machine, and from what was measured elsewhere, each with its degrees of
freedom. They are pooled as variances are that are assumed alike (a scaled inverse chi-squared prior, as in G. Smyth,
"Linear models and empirical Bayes methods", 2004, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, median, variance

from stackdoc.model.record import ControlName, Point, Record
from stackdoc.statistics.controls import NAMES, direction, seconds
from stackdoc.statistics.interval import BAND
from stackdoc.statistics.prior import PRIOR
from stackdoc.statistics.student import reach
from stackdoc.statistics.summary import on_a_loaded_machine, summarise


@dataclass(frozen=True)
class Spread:
    """Between runs: the `variance` of a figure's logarithm, as if from `freedom` + 1 runs; `source` says whence."""

    variance: float
    freedom: float
    source: str = ""

    def __str__(self) -> str:
        return f"by {100 * sqrt(self.variance):.1f} %, as {self.source} say"


class RunHistory:
    """What the records known say of machines. Withdrawn ones must not be among them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._of_example: dict[Hashable, list[Record]] = defaultdict(list)
        self._of_machine: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._of_example[_line(record)].append(record)
            if record.controls:
                self._of_machine[record.machine.id].append(record)

    def spread(self, point: Point, kinds: Sequence[ControlName], compared: Sequence[Record], record: Record) -> Spread:
        """Of the point on the record's machine. The records `compared` say nothing of it but by their controls."""
        base = self._of_kinds(kinds, [one for one in compared if one.machine.id == record.machine.id])
        ids = {one.id for one in compared}
        earlier = [one for one in self._of_example[_line(record)] if one.id not in ids]
        found = _of_history(earlier, point, kinds)
        return base if found is None else _joined(base, found)

    def _of_kinds(self, kinds: Sequence[ControlName], compared: Sequence[Record]) -> Spread:
        """The mean over the kinds: what was measured elsewhere, and this machine's controls with no more weight."""
        machine = compared[0].machine.id
        runs = _runs([*self._of_machine[machine], *compared])
        each = [self._of_kind(name, runs) for name in kinds or NAMES]
        source = next((one.source for one in each if "controls" in one.source), each[0].source)
        return Spread(fmean(one.variance for one in each), min(one.freedom for one in each), source)

    @staticmethod
    def _of_kind(name: ControlName, runs: Mapping[Hashable, Record]) -> Spread:
        deviation, freedom = PRIOR[name]
        prior = Spread(deviation**2, freedom, "runs measured elsewhere")
        series: dict[Hashable, list[float]] = defaultdict(list)
        for record in runs.values():
            for control in record.controls:
                if control.name == name:
                    series[control.made_with].append(log(median(seconds(control))))
        found = pooled({made_with: _bounded(values) for made_with, values in series.items()})
        if found is None:
            return prior
        source = f"the controls of {len(runs)} runs"
        return _joined(prior, Spread(found.variance, min(found.freedom, freedom), source))


def _bounded(values: Sequence[float]) -> list[float]:
    """No further than 5 % from their median: of a control that moved by more, a comparison says so by itself."""
    middle, most = median(values), log(BAND)
    return [min(max(value, middle - most), middle + most) for value in values]


def _of_history(earlier: Sequence[Record], point: Point, kinds: Sequence[ControlName]) -> Spread | None:
    """Of the point's own figures; or of what the controls of its kind leave of them, where that is less.

    What they explain, a comparison takes out by itself where they moved by 5 % or more; what they move by below that
    is added again.
    """
    found = pooled(_figures(earlier, point.key))
    if found is None:
        return None
    source = f"{len(earlier)} other records"
    least = found.variance
    for name in kinds:
        rest = pooled(_figures(earlier, point.key, name, direction(point)))
        if rest is not None and rest.freedom == found.freedom:
            least = min(least, rest.variance + PRIOR[name][0] ** 2)
    return Spread(least, found.freedom, source)


def pooled(series: Mapping[Hashable, Sequence[float]]) -> Spread | None:
    """The variance within groups that have two values or more, None without any."""
    groups = [values for values in series.values() if len(values) > 1]
    freedom = sum(len(values) - 1 for values in groups)
    if not freedom:
        return None
    return Spread(sum((len(values) - 1) * variance(values) for values in groups) / freedom, freedom)


def half_width(sides: Sequence[Spread]) -> float:
    """Of the 95 % interval of the logarithm of a ratio, as far as it is of differences between runs.

    `sides` is one spread where both sides are of one machine, whose variance is known once, else that of each. The
    degrees of freedom of a sum are Satterthwaite's.
    """
    one, other = sides[0], sides[-1]
    total = one.variance + other.variance
    if not total:
        return 0.0
    terms = (one.variance**2 / one.freedom, other.variance**2 / other.freedom)
    freedom = one.freedom if len(sides) == 1 else total**2 / sum(terms)
    return reach(round(freedom, 1)) * sqrt(total)


def _joined(base: Spread, found: Spread) -> Spread:
    freedom = base.freedom + found.freedom
    total = base.freedom * base.variance + found.freedom * found.variance
    return Spread(total / freedom, freedom, found.source)


def _line(record: Record) -> Hashable:
    """What records have in common whose figures should be the same: but for software, which makes groups of them."""
    return (record.machine.id, record.device, record.example, record.digest, record.method, record.threads)


def _runs(records: Iterable[Record]) -> dict[Hashable, Record]:
    """One record a run, of those that have controls: the one with most rounds."""
    found: dict[Hashable, Record] = {}
    for record in records:
        if record.controls:
            run = record.controls[0].launches[0]
            known = found.get(run)
            if known is None or len(known.controls[0].launches) < len(record.controls[0].launches):
                found[run] = record
    return found


def _figures(
    records: Iterable[Record], key: str, control: ControlName | None = None, sign: int = 1
) -> dict[Hashable, list[float]]:
    """Logarithms of the point's figures, in groups of the same software; less those of a control, if one is named."""
    found: dict[Hashable, list[float]] = defaultdict(list)
    for record in records:
        software, value = record.software, _figure(record.point(key))
        group = (software.python, software.kernel, *sorted(software.packages.items()))
        beside = [one for one in record.controls if one.name == control]
        if value is None or (control and not beside):
            continue
        if beside:
            group, value = (*group, beside[0].made_with), value - sign * log(median(seconds(beside[0])))
        found[group].append(value)
    return found


def _figure(point: Point | None) -> float | None:
    """The logarithm of the median launch, of those that count."""
    if point is None or not point.launches or on_a_loaded_machine(point):
        return None
    summary = summarise(point)
    return log(summary.value) if summary.counted and summary.value > 0 else None
