"""`stackdoc verify FILE…`: whether what a document cites is genuine, still holds, and is quoted rightly."""

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
@click.option("--current", is_flag=True, help="Fail as well when a figure is superseded or its source has changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--history", is_flag=True, help="Fail as well when a commit changed or removed a record.")
@click.pass_obj
def command(layout: Layout, files: tuple[str, ...], current: bool, as_json: bool, history: bool) -> None:
    """Check the records cited in documents: Markdown, text, HTML, BibTeX, RIS, or a saved record.

    A FILE may also be a record's id or address, and `-` is the standard input. The exit code is 0 when every
    citation may stand, and 1 when one is altered, unknown, withdrawn, or quotes a figure that its record does not hold.
    """
    from stackdoc.adapters.registered import load_site
    from stackdoc.verification import touched_records, verify

    if not files and not history:
        raise click.UsageError("name a FILE, or ask for --history")
    if history and (problems := touched_records(layout)):
        raise StackdocError(problems)
    if not files:
        echo("no record was ever changed or removed")
        return
    texts = dict(_texts(files))
    site = load_site(layout)
    findings = [finding for name, text in texts.items() for finding in verify(site, text, name)]
    bad = [finding for finding in findings if not finding.ok or (current and finding.standing != "current")]
    if as_json:
        print_document(_json(findings))
    for line in () if as_json else _lines(findings, len(bad)):
        echo(line)
    if bad:
        raise SystemExit(1)


def _texts(files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each document with its name. Raises StackdocError naming all that can't be read."""
    from stackdoc.verification.citations import citations

    problems = []
    for name in files:
        if not Path(name).exists() and name != "-":
            meant = name if citations(name) else f"record {name}"
            if citations(meant):
                yield name, meant
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


def _lines(findings: list[Finding], bad: int) -> Iterator[str]:
    yield from map(str, findings)
    if not findings:
        yield "no record is cited"
    else:
        yield f"{len(findings)} cited, {len(findings) - bad} may stand, {bad} may not"


def _json(findings: list[Finding]) -> str:
    found = [{**dataclasses.asdict(one), "answer": one.answer, "ok": one.ok} for one in findings]
    return json.dumps({"schema": SCHEMA, "findings": found}, ensure_ascii=False, indent=1) + "\n"
