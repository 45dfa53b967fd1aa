"""`stackdoc export`: the crosswalk and the records as JSON, the stack as SKOS, the figures for other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.model.provenance import Withdrawal
    from stackdoc.model.record import Record

NAMES = ("crosswalk.json", "records.json", "stack.ttl", "stack.jsonld")
FORMATS = ("pytest-benchmark", "csv", "jsonl")
HERE = "here"


@click.command()
@click.argument("name", type=click.Choice(NAMES), required=False)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this directory.")
@click.option("--address", default="", metavar="URL", help="The published root of the site, for the names in SKOS.")
@click.option("--format", type=click.Choice(FORMATS), help="Instead of NAME: the figures of records in this form.")
@click.option("--pattern", "patterns", multiple=True, help="Of --format: only examples that fit.")
@click.option("--machine", default="", help="Of --format: only this machine (`here`: this checkout).")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Of --format: a file to write.")
@click.pass_obj
def command(
    layout: Layout,
    name: str | None,
    out: Path | None,
    address: str,
    format: str | None,
    patterns: tuple[str, ...],
    machine: str,
    output: Path | None,
) -> None:
    """Print one export, NAME, or write all into --out, or give the figures of records in another tool's --format.

    A format needs the base install alone. Values are in SI base units; each row names its unit and its record, and
    says when and why that was withdrawn. pytest-benchmark has no place for this: withdrawn records are left out there.
    """
    if [name, out, format].count(None) != 2:
        raise click.UsageError(f"give a name ({', '.join(NAMES)}), --out, or --format")
    if format is not None:
        _write(figures(layout, format, patterns, machine), output)
        return
    if output or patterns or machine:
        raise click.UsageError("--output, --pattern and --machine belong to --format")
    _site(layout, name, out, address)


def figures(layout: Layout, format: str, patterns: tuple[str, ...], machine: str) -> str:
    """Raises StackdocError when no record fits, or when pytest-benchmark would get several machines."""
    from stackdoc.plan.plan import matches_any
    from stackdoc.records import export, store
    from stackdoc.records.lists import read_contributions, read_withdrawals

    problems: list[Problem] = []
    known, here = store.read_all(layout, problems), store.read_ledger(layout)
    contributed, withdrawn = read_contributions(layout, problems), read_withdrawals(layout, problems, known)
    if problems:
        raise StackdocError(problems)

    def fitting(record: Record) -> bool:
        at = machine in ("", record.machine.id) or (machine == HERE and record.id in here)
        return at and matches_any(record.example, patterns)

    found = [record for record in known.values() if fitting(record)]
    if not found:
        hint = did_you_mean(machine, {HERE, *(one.machine.id for one in known.values())}) if machine else ""
        raise StackdocError([Problem("export", 0, "", "no record fits", hint)])
    try:
        if format == "pytest-benchmark":
            return export.as_pytest_benchmark(_counting(found, withdrawn))
        return export.FORMATS[format](export.rows(found, known, contributed, withdrawn))
    except ValueError as error:
        raise StackdocError([Problem("export", 0, format, str(error), "choose one by --machine")]) from None


def _counting(found: list[Record], withdrawn: Mapping[str, Withdrawal]) -> list[Record]:
    """The records that were not withdrawn; the others are named. Raises StackdocError when none is left."""
    from stackdoc.records.current import withdrawal

    for record in found:
        if why := withdrawal(record, withdrawn):
            echo(Problem("export", 0, record.id, f"left out, since it was withdrawn on {why}"), err=True)
    counting = [record for record in found if record.id not in withdrawn]
    if not counting:
        raise StackdocError([Problem("export", 0, "", "every record that fits was withdrawn")])
    return counting


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print_document(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise StackdocError([Problem(str(output), 0, "", f"can't be written: {error.strerror or error}")]) from None
    echo(output)


def _site(layout: Layout, name: str | None, out: Path | None, address: str) -> None:
    from stackdoc.adapters.registered import load_site
    from stackdoc.render.exports import files

    site = load_site(layout)
    made = {PurePosixPath(path).name: content for path, content in files(site, address).items()}
    if name is not None and name not in made:
        hint = "write docs/data/stack.yml, or name a --format for the figures"
        raise StackdocError([Problem("export", 0, name, "needs a stack of layers, which this project has not", hint)])
    if out is None:
        print_document(made[str(name)].decode())
        return
    out.mkdir(parents=True, exist_ok=True)
    for file, content in made.items():
        (out / file).write_bytes(content)
        echo(out / file)
