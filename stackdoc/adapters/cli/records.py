"""`stackdoc records`: list the records by example and machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from stackdoc.adapters.cli_options import SIGN
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.project import Layout

HEADER = ("example", "device", "machine", "profile", "measured", "id", "first point", "value", "quality", "withdrawn")


@click.command()
@click.argument("pattern", default="*")
@click.option("--vouch", is_flag=True, help="Add the listed records to those that the project vouches for.")
@SIGN
@click.pass_obj
def command(layout: Layout, pattern: str, vouch: bool, key: Path | None) -> None:
    """List records by example and machine.

    Lists those whose example or id matches PATTERN: where, when, and the first figure with its quality.

    A star after the machine marks records measured in this checkout; the last column shows when and why a record was
    withdrawn. Damaged files are reported, with exit code 1. --vouch leaves out contributed records;
    with --sign it also signs the list.
    """
    from fnmatch import fnmatchcase

    from stackdoc.records import store
    from stackdoc.records.current import withdrawal
    from stackdoc.records.ledger import measured_here
    from stackdoc.records.lists import read_withdrawals

    if key and not vouch:
        raise click.UsageError("--sign belongs to --vouch, which writes the list that is signed")
    problems: list[Problem] = []
    stored = store.read_all(layout, problems)
    here, withdrawn = measured_here(layout, stored), read_withdrawals(layout, problems, stored)
    matching = [record for record in stored.values() if fnmatchcase(record.example, pattern) or record.id == pattern]
    if vouch:
        add_to_vouched(layout, matching, problems, key)
        return
    matching.sort(key=lambda record: (record.example, record.device, record.machine.id, record.measured_at, record.id))
    rows = ((*row(record, record.id in here), withdrawal(record, withdrawn)) for record in matching)
    for line in table([HEADER, *rows]):
        echo(line)
    for problem in problems:
        echo(problem, err=True)
    click.get_current_context().exit(1 if problems else 0)


def add_to_vouched(layout: Layout, records: Iterable[Record], problems: list[Problem], key: Path | None) -> None:
    """Add the records that nobody else contributed to the list, and print them. Raises StackdocError.

    The list is signed with the `key`, without which a signed list stays as it is.
    """
    from stackdoc.records.current import contributor
    from stackdoc.records.lists import read_contributions
    from stackdoc.records.vouched import read_vouched, unvouched, vouch

    contributed = read_contributions(layout, problems)
    read_vouched(layout, problems)
    if problems:
        raise StackdocError(problems)
    new = unvouched(layout, (record for record in records if not contributor(record, contributed)))
    is_signed = (layout / layout.vouched_signature).exists()
    if new and is_signed and key is None:
        message, hint = "is signed, and a new entry would break its signature", "add --sign KEY"
        raise StackdocError([Problem(layout.vouched, 0, "", message, hint)])
    try:
        if new or key or not is_signed:
            vouch(layout, new, key)
    except OSError as error:
        message = f"can't be written: {error.strerror or error}"
        raise StackdocError([Problem(layout.vouched, 0, "", message)]) from None
    for record in new:
        echo(f"{record.sha256} {record.example} on {record.machine.id}")
    echo(f"{layout.vouched}: {len(new)} added" + (f", signed in {layout.vouched_signature}" if key else ""))


def row(record: Record, here: bool) -> tuple[str, ...]:
    """Return the cells of a record up to its quality; the figure is that of its first point."""
    from stackdoc.statistics import format_figure, quantity, summarise

    cells = (
        record.example,
        record.device,
        record.machine.id + ("*" if here else ""),
        record.profile,
        record.measured_at[:10],
        record.id,
    )
    if not record.points:  # an example that must fail
        return (*cells, "", "", "")
    point = record.points[0]
    figure = quantity(record, point.key, "time" if point.kind == "time" else "value", None)
    return (*cells, point.key, format_figure(figure) if figure else "", summarise(point).quality)


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the rows as lines with left-aligned columns."""
    lines = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in lines]
