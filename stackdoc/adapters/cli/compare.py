"""`stackdoc compare A B`: the points that two records or two machines share, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
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
    """Compare B with A, the base: two records by their ids, or two machines (`here` is this checkout).

    A point is compared when both sides ran the same method and the same source, with at least six undisturbed
    launches each; of the others the reason is given. The interval holds how one run differs from the next; where the
    controls of two runs on one machine differ, a line says so, and what they explain is called no difference.

    A record that was withdrawn is compared only by its id, and is marked. There is no overall score.
    """
    from stackdoc.plan.project import read_project
    from stackdoc.records.current import current_records
    from stackdoc.statistics.between import RunHistory

    project = read_project(layout)
    current = current_records(project.records, project.examples, project.ledger, project.withdrawn, project.contributed)
    sides = (chosen(name, project.records, current) for name in (a, b))
    known = RunHistory(record for id, record in sorted(project.records.items()) if id not in project.withdrawn)
    for line in lines(a, b, pairs(*sides), project.withdrawn, known):
        echo(line)
    for problem in (*project.problems, *project.damaged):
        echo(problem, err=True)


def chosen(name: str, records: Mapping[str, Record], current: Mapping[Place, Record]) -> dict[tuple[str, str], Record]:
    """The record of that id, or those that count on that machine, by example and device. Raises StackdocError.

    Records of this checkout go by the id of their machine too where no other machine of that class has any.
    """
    from stackdoc.records.current import HERE

    if name in records:
        return {(records[name].example, records[name].device): records[name]}
    found = {(example, device): one for (example, key, device), one in current.items() if key == name}
    found = found or {
        (example, device): one
        for (example, key, device), one in current.items()
        if key == HERE and one.machine.id == name
    }
    if not found and name == HERE:
        raise StackdocError([Problem(name, 0, "", "nothing was measured in this checkout", "run `stackdoc measure`")])
    if not found:
        known = {HERE, *records, *(record.machine.id for record in current.values())}
        raise StackdocError(
            [Problem(name, 0, "", "is neither a record nor a machine with records", did_you_mean(name, known))]
        )
    return found


def pairs(a: Mapping[tuple[str, str], Record], b: Mapping[tuple[str, str], Record]) -> Iterator[tuple[Record, Record]]:
    """Records of one example; on one device first, and else when each side has it on a single device."""
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
    known: RunHistory,
) -> Iterator[str]:
    """For each pair which of them was withdrawn, how the machine moved, a line a point, and their differences."""
    from stackdoc.records.current import withdrawal
    from stackdoc.statistics import compare
    from stackdoc.statistics.controls import moves, told

    count = 0
    for left, right in compared:
        yield f"{left.example}: {b} against {a} ({right.id} over {left.id})"
        for record in {left.id: left, right.id: right}.values():
            if why := withdrawal(record, withdrawn):
                yield f"  record {record.id} was withdrawn on {why}"
        if moved := told(moves(left, right)):
            yield f"  {moved}"
        found = [compare(left, right, point.key, known) for point in left.points]
        width = max((len(comparison.key) for comparison in found), default=0)
        for comparison in found:
            yield f"  {comparison.key:<{width}}  {_in_words(comparison, left.point(comparison.key), right)}"
        common = [set(comparison.differences) for comparison in found if not comparison.refused]
        if shared := sorted(set.intersection(*common)) if common else []:
            yield f"  differing: {'; '.join(shared)}"
        if runs := sorted({comparison.between for comparison in found if comparison.between}):
            yield f"  one run differs from the next: {'; '.join(runs)}"
        count += 1
    if not count:
        yield f"{a} and {b} have no example in common"


def _in_words(comparison: Comparison, base: Point | None, other: Record) -> str:
    from stackdoc.statistics import Figure, format_figure

    if comparison.refused or comparison.ratio is None or base is None:
        return f"not compared: {comparison.refused}"
    ratio = Figure(comparison.ratio, comparison.low, comparison.high, "×")
    figures = [_absolute(base), _absolute(other.point(comparison.key))]
    bounds = (comparison.low, comparison.high)
    low, high = (format_figure(replace(ratio, value=bound)) for bound in bounds if bound is not None)
    word = comparison.machine if comparison.word == "the machine itself moved" else comparison.word
    interval = f"{low.removesuffix('×')} to {high.removesuffix('×')}"
    return f"{figures[0]} → {figures[1]}, {format_figure(ratio)} ({interval}): {word}"


def _absolute(point: Point | None) -> str:
    from stackdoc.statistics import Figure, format_figure, summarise

    if point is None:
        return ""
    summary = summarise(point)
    return format_figure(Figure(summary.value, summary.low, summary.high, point.unit))
