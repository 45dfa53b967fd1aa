"""`stackdoc bundle`: transfer the records of a machine that can't publish to a checkout that can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.cli_options import SIGN
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, count
from stackdoc.files import write_atomically
from stackdoc.project import Layout
from stackdoc.records.signatures.signature import UNSIGNED

if TYPE_CHECKING:
    from stackdoc.model.provenance import Withdrawal
    from stackdoc.model.record import Record
    from stackdoc.records.arrival import Arrival

MOST_LINES = 30  # about single records; of more, a summary is printed


@click.group()
def command() -> None:
    """Transfer records between checkouts in a single file."""


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="NAME", help="Who measured. Published with the records.")
@click.option("--contact", default="", help="How to reach them. Published too.")
@click.option("--pattern", "patterns", multiple=True, help="Only matching examples, such as kernels or kernels/*.")
@SIGN
@click.pass_obj
def pack(layout: Layout, file: Path, by: str, contact: str, patterns: tuple[str, ...], key: Path | None) -> None:
    """Write the records measured here into FILE.

    The base install is enough; --sign needs ssh-keygen too. Withdrawn records are included with the reason, so that
    those who have them learn of it.
    """
    from stackdoc.records import bundle
    from stackdoc.records.current import withdrawal

    records, withdrawn = measured_here(layout, patterns)
    content = bundle.pack(records, by, contact, withdrawn, key)
    try:
        write_atomically(file, content)
    except OSError as error:
        raise StackdocError([Problem(str(file), 0, "", f"can't be written: {error.strerror or error}")]) from None
    machines = sorted({record.machine.id for record in records})
    echo(f"{file}: {count(len(records), 'record')} of {', '.join(machines)}, {len(content) / 1e6:.1f} MB")
    for record in records:
        if why := withdrawal(record, withdrawn):
            echo(f"{record.id} {record.example}: packed as withdrawn on {why}")


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def unpack(layout: Layout, file: Path) -> None:
    """Store the new records of FILE.

    All or none are stored, marked as contributed and unverified. The id of each must match its content, and its
    figures, tables and exports are made once, in a process with limits. None is added to the list of what was
    measured here. A bundle with a broken signature is refused.
    """
    from stackdoc.examples.read import read_examples
    from stackdoc.records.arrival import import_bundle
    from stackdoc.render.trial import try_records

    problems: list[Problem] = []
    examples = read_examples(layout.root, problems, layout.examples)
    if problems:
        raise StackdocError(problems)
    for line in lines(import_bundle(layout, file, examples, datetime.now(UTC), try_records)):
        echo(line)


def measured_here(layout: Layout, patterns: tuple[str, ...]) -> tuple[list[Record], Mapping[str, Withdrawal]]:
    """Return the records in this checkout's ledger of the matching examples, and all withdrawals.

    Raises StackdocError if there is no such record.
    """
    from stackdoc.plan.plan import matches_any
    from stackdoc.records import ledger, store
    from stackdoc.records.lists import read_withdrawals

    problems: list[Problem] = []
    stored = store.read_all(layout, problems)
    here = ledger.measured_here(layout, stored)
    withdrawn = read_withdrawals(layout, problems, stored)
    matching = [record for record in stored.values() if record.id in here and matches_any(record.example, patterns)]
    if problems:
        raise StackdocError(problems)
    if not matching:
        raise StackdocError(
            [Problem("bundle", 0, "", "no matching record was measured here", "run `stackdoc measure`")]
        )
    return matching, withdrawn


def lines(arrivals: Sequence[Arrival]) -> Iterator[str]:
    """Yield a line for each record or, of more than a few, for each machine and each note."""
    signature = arrivals[0].signature if arrivals else UNSIGNED
    yield f"bundle {signature}"
    if signature.state == "signature not checked":
        yield "the signature is not stored; import the bundle again where it can be checked"
    if len(arrivals) <= MOST_LINES:
        for arrival in arrivals:
            place = f"{arrival.record.example} on {arrival.record.machine.id}"
            yield "; ".join([f"{arrival.record.id} {place}: {_state(arrival)}", *arrival.notes])
    else:
        yield from _summary((f"on {arrival.record.machine.id}: {_state(arrival)}", arrival) for arrival in arrivals)
        yield from _summary((note, arrival) for arrival in arrivals for note in arrival.notes)
    new = sum(arrival.new for arrival in arrivals)
    yield f"{new} of {len(arrivals)} records stored, contributed and unverified"


def _state(arrival: Arrival) -> str:
    return "stored" if arrival.new else "already here, unchanged"


def _summary(sentences: Iterable[tuple[str, Arrival]]) -> Iterator[str]:
    """Yield each sentence once, with the record that it is about or the number of them, the most frequent first."""
    about: dict[str, list[Arrival]] = defaultdict(list)
    for sentence, arrival in sentences:
        about[sentence].append(arrival)
    ordered = sorted(about, key=lambda sentence: len(about[sentence]), reverse=True)
    for sentence in ordered[:MOST_LINES]:
        first, *others = (arrival.record for arrival in about[sentence])
        yield f"{len(others) + 1} records: {sentence}" if others else f"{first.id} {first.example}: {sentence}"
    if len(ordered) > MOST_LINES:
        yield f"and {len(ordered) - MOST_LINES} more"
