"""`stackdoc verify FILE…`: check that cited records are genuine, still valid and quoted correctly."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.verification import Finding

SCHEMA = "stackdoc.verification/1"
MAXIMUM_BYTES = 32 << 20


@click.command("verify")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--current", is_flag=True, help="Also fail if a figure is superseded or its source has changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--history",
    is_flag=True,
    help="Also fail if a commit changed or removed a record, or added another under its address.",
)
@click.pass_obj
def command(layout: Layout, files: tuple[str, ...], current: bool, as_json: bool, history: bool) -> None:
    """Check the records that documents cite.

    A FILE is Markdown, text, HTML, BibTeX, RIS, a saved record, a record's id or address, or `-` for standard
    input. The exit code is 0 if every citation is valid, and 1 if one is altered, unknown or withdrawn, or quotes a
    figure that its record does not contain.
    """
    from stackdoc.adapters.registered import load_site
    from stackdoc.records.history import changed_records
    from stackdoc.verification import verify

    if not files and not history:
        raise click.UsageError("name a FILE, or ask for --history")
    if history and (problems := changed_records(layout)):
        raise StackdocError(problems)
    if not files:
        echo("no record was changed, removed or added twice")
        return
    texts = dict(_texts(files))
    site = load_site(layout)
    findings = [finding for name, text in texts.items() for finding in verify(site, text, name)]
    invalid = [
        finding for finding in findings if not finding.ok or (current and finding.standing not in ("current", ""))
    ]
    if as_json:
        print_document(_json(findings))
    for line in () if as_json else _lines(findings, len(invalid)):
        echo(line)
    if invalid:
        raise SystemExit(1)


def _texts(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each document with its name. Raises StackdocError with all that can't be read."""
    from stackdoc.verification.citations import citations

    problems = []
    for name in files:
        if not Path(name).exists() and name != "-":
            citation = name if citations(name) else f"record {name}"
            if citations(citation):
                yield name, citation
                continue
        try:
            with click.open_file(name, "rb") as stream:
                content = stream.read(MAXIMUM_BYTES + 1)
            if len(content) > MAXIMUM_BYTES:
                problems.append(Problem(name, 0, "", f"is larger than {MAXIMUM_BYTES >> 20} MiB"))
            else:
                yield name, content.decode("utf-8-sig")
        except OSError as error:
            problems.append(Problem(name, 0, "", f"can't be read: {error.strerror}"))
        except UnicodeDecodeError:
            problems.append(Problem(name, 0, "", "is not UTF-8 text", "save it as Markdown, text, HTML or BibTeX"))
    if problems:
        raise StackdocError(problems)


def _lines(findings: list[Finding], invalid: int) -> Iterator[str]:
    yield from map(str, findings)
    if not findings:
        yield "no record is cited"
    else:
        yield f"{len(findings)} cited, {len(findings) - invalid} valid, {invalid} not valid"


def _json(findings: list[Finding]) -> str:
    rows = [{**dataclasses.asdict(finding), "answer": finding.answer, "ok": finding.ok} for finding in findings]
    return json.dumps({"schema": SCHEMA, "findings": rows}, ensure_ascii=False, indent=1) + "\n"
