"""`stackdoc compare A B`: compare the points that two records or two machines share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.model.provenance import Withdrawal
    from stackdoc.model.record import Point, Record
    from stackdoc.records.current import Place
    from stackdoc.statistics import Comparison
    from stackdoc.statistics.between import RunHistory


@click.command()
@click.argument("a")
@click.argument("b")
@click.pass_obj
def command(layout: Layout, a: str, b: str) -> None:
    """Compare two records or two machines.

    B is compared with A, the base. Each is the id of a record or a machine, or `here`, which is this checkout.

    A point is compared if both sides ran the same method and source, with enough undisturbed launches for an interval;
    for the others the reason is printed. The interval includes the spread between runs. If the controls of two runs on
    one machine differ, a line reports it, and a difference that this explains does not count.

    A withdrawn record is compared only by its id, and is marked. There is no overall score.
    """
    from stackdoc.plan.project import read_project
    from stackdoc.records.current import current_records
    from stackdoc.statistics.between import RunHistory

    project = read_project(layout)
    current = current_records(project.records, project.examples, project.ledger, project.withdrawn, project.contributed)
    sides = (records_of(name, project.records, current) for name in (a, b))
    foreign = {*project.withdrawn, *project.contributed}
    history = RunHistory(record for id, record in sorted(project.records.items()) if id not in foreign)
    for line in lines(a, b, pairs(*sides), project.withdrawn, history):
        echo(line)
    for problem in (*project.problems, *project.damaged):
        echo(problem, err=True)


def records_of(
    name: str, records: Mapping[str, Record], current: Mapping[Place, Record]
) -> dict[tuple[str, str], Record]:
    """Return the record of that id, or the current ones of that machine, by example and device.

    A machine's id also names the records of this checkout if no other machine of that class has any, and contributed
    records if there are no others. Raises StackdocError for an unknown name.
    """
    from stackdoc.records.current import CONTRIBUTED, HERE

    if name in records:
        return {(records[name].example, records[name].device): records[name]}
    selected = {(example, device): record for (example, key, device), record in current.items() if key == name}
    for alias in (HERE, name + CONTRIBUTED):
        selected = selected or {
            (example, device): record
            for (example, key, device), record in current.items()
            if key == alias and record.machine.id == name
        }
    if not selected and name == HERE:
        raise StackdocError([Problem(name, 0, "", "nothing was measured in this checkout", "run `stackdoc measure`")])
    if not selected:
        known = {HERE, *records, *(record.machine.id for record in current.values())}
        raise StackdocError(
            [Problem(name, 0, "", "is neither a record nor a machine with records", did_you_mean(name, known))]
        )
    return selected


def pairs(a: Mapping[tuple[str, str], Record], b: Mapping[tuple[str, str], Record]) -> Iterator[tuple[Record, Record]]:
    """Yield pairs of records of one example and device, or of different devices if each side has only one."""
    for example in sorted({example for example, _ in a} & {example for example, _ in b}):
        left = {device: record for (name, device), record in a.items() if name == example}
        right = {device: record for (name, device), record in b.items() if name == example}
        if len(left) == len(right) == 1:
            yield next(iter(left.values())), next(iter(right.values()))
        else:
            yield from ((left[device], right[device]) for device in sorted(left.keys() & right.keys()))


def lines(
    a: str,
    b: str,
    compared: Iterable[tuple[Record, Record]],
    withdrawn: Mapping[str, Withdrawal],
    history: RunHistory,
) -> Iterator[str]:
    """Yield for each pair withdrawals, how the machine moved, a line per point, and the differences."""
    from stackdoc.records.current import withdrawal
    from stackdoc.statistics import compare
    from stackdoc.statistics.controls import describe_moves, moves

    count = 0
    for left, right in compared:
        yield f"{left.example}: {b} against {a} ({right.id} over {left.id})"
        for record in {left.id: left, right.id: right}.values():
            if why := withdrawal(record, withdrawn):
                yield f"  record {record.id} was withdrawn on {why}"
        if moved := describe_moves(moves(left, right)):
            yield f"  {moved}"
        comparisons = [compare(left, right, point.key, history) for point in left.points]
        width = max((len(comparison.key) for comparison in comparisons), default=0)
        for comparison in comparisons:
            yield f"  {comparison.key:<{width}}  {_in_words(comparison, left.point(comparison.key), right)}"
        common = [set(comparison.differences) for comparison in comparisons if not comparison.refused]
        if shared := sorted(set.intersection(*common)) if common else []:
            yield f"  differing: {'; '.join(shared)}"
        if runs := sorted({comparison.between for comparison in comparisons if comparison.between}):
            yield f"  one run differs from the next: {'; '.join(runs)}"
        count += 1
    if not count:
        yield f"{a} and {b} have no example in common"


def _in_words(comparison: Comparison, base: Point | None, other: Record) -> str:
    from stackdoc.statistics import format_ratio

    if comparison.refused or base is None:
        return f"not compared: {comparison.refused}"
    figures = [_figure_text(base), _figure_text(other.point(comparison.key))]
    word = comparison.machine if comparison.word == "the machine itself moved" else comparison.word
    return f"{figures[0]} → {figures[1]}, {format_ratio(comparison)}: {word}"


def _figure_text(point: Point | None) -> str:
    from stackdoc.statistics import Figure, format_figure, summarise

    if point is None:
        return ""
    summary = summarise(point)
    return format_figure(Figure(summary.value, summary.low, summary.high, point.unit))
