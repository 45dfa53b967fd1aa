"""`stackdoc export`: crosswalk and records as JSON, the stack as SKOS, the figures for other tools."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records.current import HERE, withdrawal
from stackdoc.records.export import FORMATS, ExportSelection


@click.command()
@click.argument("name", required=False)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write all exports into this directory.")
@click.option("--address", default="", metavar="URL", help="The published root of the site, for the URIs in SKOS.")
@click.option(
    "--format", type=click.Choice(list(FORMATS)), help="Instead of NAME: the figures of records in this format."
)
@click.option("--pattern", "patterns", multiple=True, help="With --format: only matching examples.")
@click.option("--machine", default="", help="With --format: only this machine (`here`: this checkout).")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="With --format: the file to write."
)
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
    """Export data and figures for other programs.

    Prints the export NAME, such as records.json, writes all into --out, or prints the figures of records in another
    tool's --format.

    For --format the base install is enough. Values are in SI base units; each row has its unit, its record, and when
    and why that was withdrawn. pytest-benchmark has no field for this, so withdrawn records are left out there.
    """
    if [name, out, format].count(None) != 2:
        raise click.UsageError("give a name, such as records.json, --out, or --format")
    if format is not None:
        _write(figures(layout, format, patterns, machine), output)
        return
    if output or patterns or machine:
        raise click.UsageError("--output, --pattern and --machine belong to --format")
    _export_site(layout, name, out, address)


def figures(layout: Layout, format: str, patterns: tuple[str, ...], machine: str) -> str:
    """Return the figures in that format.

    Raises StackdocError if no record matches, or if pytest-benchmark would get several machines.
    """
    from stackdoc.plan.plan import matches_any
    from stackdoc.records import store
    from stackdoc.records.ledger import measured_here
    from stackdoc.records.lists import read_withdrawals
    from stackdoc.records.signatures.signed import read_signatures
    from stackdoc.records.vouched import contributions

    problems: list[Problem] = []
    known = store.read_all(layout, problems)
    here = measured_here(layout, known)
    contributed = contributions(layout, problems, known, here)
    withdrawn = read_withdrawals(layout, problems, known)
    signatures = read_signatures(layout, problems, known)
    if problems:
        raise StackdocError(problems)

    def matches(record: Record) -> bool:
        on_machine = machine in ("", record.machine.id) or (machine == HERE and record.id in here)
        return on_machine and matches_any(record.example, patterns)

    matching = [record for record in known.values() if matches(record)]
    if not matching:
        hint = did_you_mean(machine, {HERE, *(record.machine.id for record in known.values())}) if machine else ""
        raise StackdocError([Problem("export", 0, "", "no matching record", hint)])
    chosen = ExportSelection(matching, known, contributed, withdrawn, signatures)
    try:
        return FORMATS[format].write(chosen if FORMATS[format].marks_withdrawn else _valid(chosen))
    except ValueError as error:
        raise StackdocError([Problem("export", 0, format, str(error), "choose one by --machine")]) from None


def _valid(chosen: ExportSelection) -> ExportSelection:
    """Return the records that were not withdrawn, and report the others. Raises StackdocError if none is left."""
    for record in chosen.records:
        if why := withdrawal(record, chosen.withdrawn):
            echo(Problem("export", 0, record.id, f"left out, since it was withdrawn on {why}"), err=True)
    valid = [record for record in chosen.records if record.id not in chosen.withdrawn]
    if not valid:
        raise StackdocError([Problem("export", 0, "", "every matching record was withdrawn")])
    return chosen._replace(records=valid)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print_document(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise StackdocError([Problem(str(output), 0, "", f"can't be written: {error.strerror or error}")]) from None
    echo(output)


def _export_site(layout: Layout, name: str | None, out: Path | None, address: str) -> None:
    from stackdoc.adapters.registered import load_site
    from stackdoc.render.exports import files

    site = load_site(layout)
    exports = {PurePosixPath(path).name: content for path, content in files(site, layout.published(address)).items()}
    if name is not None and name not in exports:
        hint = did_you_mean(name, exports) or "a --format exports the figures"
        raise StackdocError([Problem("export", 0, name, "is not an export of this project", hint)])
    if out is None:
        print_document(exports[str(name)].decode())
        return
    out.mkdir(parents=True, exist_ok=True)
    for file, content in exports.items():
        (out / file).write_bytes(content)
        echo(out / file)
