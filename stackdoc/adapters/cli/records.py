"""`stackdoc records`: what has been measured, by example and machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.model.record import Record

HEADER = ("example", "device", "machine", "profile", "measured", "id", "first point", "value", "quality")


@click.command()
@click.argument("pattern", default="*")
@click.pass_obj
def command(root: Path, pattern: str) -> None:
    """List the records of the examples that fit PATTERN: where, when, and the first figure with its quality.

    A star after the machine marks what was measured in this checkout. Damaged files are named; exit code 1.
    """
    from fnmatch import fnmatchcase

    from stackdoc.errors import Problem
    from stackdoc.records import store

    problems: list[Problem] = []
    here = store.read_ledger(root)
    found = [record for record in store.read_all(root, problems).values() if fnmatchcase(record.example, pattern)]
    found.sort(key=lambda record: (record.example, record.device, record.machine.id, record.measured_at, record.id))
    for line in table([HEADER, *(row(record, record.id in here) for record in found)]):
        echo(line)
    for problem in problems:
        echo(problem, err=True)
    click.get_current_context().exit(1 if problems else 0)


def row(record: Record, here: bool) -> tuple[str, ...]:
    """The cells of one record; the figure is that of its first point."""
    from stackdoc.statistics import format_figure, quantity, summarise

    cells = (
        record.example,
        record.device,
        record.machine.id + ("*" if here else ""),
        record.profile,
        record.measured_at[:10],
        record.id,
    )
    if not record.points:  # of an example that must fail
        return (*cells, "", "", "")
    point = record.points[0]
    figure = quantity(record, point.key, "time" if point.kind == "time" else "value", None)
    return (*cells, point.key, format_figure(figure) if figure else "", summarise(point).quality)


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows with their columns aligned to the left."""
    given = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*given, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in given]
