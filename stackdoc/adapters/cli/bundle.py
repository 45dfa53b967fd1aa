"""`stackdoc bundle`: carry the records of a machine that can't publish to a checkout that can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically

if TYPE_CHECKING:
    from stackdoc.model.record import Record
    from stackdoc.records.bundle import Arrival


@click.group()
def command() -> None:
    """Carry records from one checkout to another in a single file."""


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="NAME", help="Who measured; it is published with the records.")
@click.option("--contact", default="", help="How to reach them; it is published too.")
@click.option("--pattern", "patterns", multiple=True, help="Only examples that fit, such as kernels or kernels/*.")
@click.pass_obj
def pack(root: Path, file: Path, by: str, contact: str, patterns: tuple[str, ...]) -> None:
    """Write what was measured in this checkout into FILE. Needs the base install alone."""
    from stackdoc.records import bundle

    records = measured_here(root, patterns)
    content = bundle.packed(records, by, contact)
    try:
        write_atomically(file, content)
    except OSError as error:
        raise StackdocError([Problem(str(file), 0, "", f"can't be written: {error.strerror or error}")]) from None
    machines = sorted({record.machine.id for record in records})
    echo(f"{file}: {len(records)} records of {', '.join(machines)}, {len(content) / 1e6:.1f} MB")


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def unpack(root: Path, file: Path) -> None:
    """Store the records of FILE that are not here yet, all or none, marked as contributed and unverified.

    Each must be what its id says. None enters the list of what was measured here.
    """
    from stackdoc.examples.read import read_examples
    from stackdoc.records.bundle import take_in

    problems: list[Problem] = []
    examples = read_examples(root, problems)
    if problems:
        raise StackdocError(problems)
    for line in lines(take_in(root, file, examples, datetime.now(UTC))):
        echo(line)


def measured_here(root: Path, patterns: tuple[str, ...]) -> list[Record]:
    """The records in this checkout's ledger of the examples that fit. Raises StackdocError when there is none."""
    from stackdoc.plan.plan import fits
    from stackdoc.records import store

    problems: list[Problem] = []
    here = store.read_ledger(root)
    found = [
        record
        for record in store.read_all(root, problems).values()
        if record.id in here and (not patterns or any(fits(record.example, pattern) for pattern in patterns))
    ]
    if problems:
        raise StackdocError(problems)
    if not found:
        raise StackdocError([Problem("bundle", 0, "", "nothing that fits was measured here", "run `stackdoc measure`")])
    return found


def lines(arrivals: tuple[Arrival, ...]) -> Iterator[str]:
    for one in arrivals:
        record, state = one.record, "stored" if one.new else "here already, left as it is"
        yield "; ".join([f"{record.id} {record.example} on {record.machine.id}: {state}", *one.notes])
    new = sum(one.new for one in arrivals)
    yield f"{new} of {len(arrivals)} records stored, contributed and unverified"
