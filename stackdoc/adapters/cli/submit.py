"""`stackdoc submit`: measure what is missing, show what would be published, and offer it to the project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.cli.measure import ConsoleProgress, report
from stackdoc.adapters.cli_options import SIGN
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, printable
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.adapters.contributing.submission import Submission
    from stackdoc.model.record import Record
    from stackdoc.plan.plan import Profile
    from stackdoc.plan.project import Project


@click.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@click.option("--by", metavar="NAME", help="Who measured. Published. Default: the user.name of git.")
@click.option("--contact", default="", help="How to reach them. Published too.")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="full", show_default=True)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="N",
    help="Measure nothing that would take longer than this in all.",
)
@click.option("--no-measure", is_flag=True, help="Submit what is measured already.")
@SIGN
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(
    layout: Layout,
    patterns: tuple[str, ...],
    by: str | None,
    contact: str,
    profile: str,
    minutes: float,
    no_measure: bool,
    key: Path | None,
    yes: bool,
) -> None:
    """Offer the records of this machine to the project.

    Measures what is missing of the examples that match PATTERN, or of all; shows every field that would be published;
    asks; then writes a bundle and, in a clone by git, commits the new records on a branch contribute/<machine>-<date>.
    Your branch, index and files stay as they are. Where `gh` is installed and logged in, a pull request is opened;
    elsewhere a patch is written, and what to do with it is printed.
    """
    from stackdoc.adapters.contributing.submission import base_of, submission
    from stackdoc.plan.project import read_project
    from stackdoc.records.signatures.signature import check_key

    contributor = name_of(layout, by, contact)
    if key:
        check_key(key)
    project = read_project(layout, summarised=True)
    if not no_measure:
        measure_missing(project, patterns, "full" if profile == "full" else "quick", minutes)
        project = read_project(layout, project.records, summarised=True)
    base = base_of(layout.root)
    submitted = submission(project, patterns, base)
    for line in shown(project, submitted, base, contributor, contact, key):
        echo(line)
    if not submitted.records:
        raise StackdocError([nothing_new(submitted)])
    if not yes:
        click.confirm("Publish this?", abort=True)
    for line in offer(project, submitted, base, contributor, contact, key):
        echo(line)


def name_of(layout: Layout, by: str | None, contact: str) -> str:
    """Return the contributor's name. Raises StackdocError if there is none, or for more than a short line."""
    from stackdoc.git import git
    from stackdoc.records.bundle import LONGEST_LINE

    name = (by if by is not None else git(layout.root, "config", "user.name") or "").strip()
    if not name:
        hint = "say who measured, by --by NAME; the name is published with the records"
        raise StackdocError([Problem("submit", 0, "by", "no name of a contributor is known", hint)])
    if any(len(text) > LONGEST_LINE or printable(text) != text for text in (name, contact)):
        message = f"name and contact have one line each, of {LONGEST_LINE} characters at most"
        raise StackdocError([Problem("submit", 0, "by", message)])
    return name


def measure_missing(project: Project, patterns: Sequence[str], profile: Profile, minutes: float) -> None:
    from stackdoc.adapters.registered import priorities
    from stackdoc.run.measuring import bring_up_to_date

    with ConsoleProgress() as progress:
        summary = bring_up_to_date(
            project,
            profile=profile,
            patterns=patterns,
            progress=progress,
            minutes=minutes,
            priorities=priorities(project),
        )
    report(summary, project.layout)


def shown(project: Project, submitted: Submission, base: str, by: str, contact: str, key: Path | None) -> Iterator[str]:
    """Yield the records, those left out with the reason, and every field that would be published."""
    from stackdoc.adapters.contributing.submission import author
    from stackdoc.reading.configuration import read_configuration
    from stackdoc.records.disclosure import disclosed

    for record in submitted.records:
        yield f"new       {described(record)}"
    for id, why in submitted.left_out.items():
        yield f"left out  {described(project.records[id])}: {why}"
    if not submitted.records:
        return
    yield "published permanently, with these values in any of the records:"
    licence = read_configuration(project.layout.root).licence
    about = [("contributor", by), ("contact", contact or "nothing"), ("licence", licence or "none is stated")]
    if base:
        name, address = author(project.layout.root, by, contact)
        about.append(("author of the commit", f"{name} <{address}>"))
    if key:
        about.append(("signature", f"by {key}; it contains the public key, or the certificate"))
    for name, values in (*about, *disclosed(submitted.records)):
        yield f"  {name}: {values}"


def described(record: Record) -> str:
    again = f", repeats {record.repeats[:16]}" if record.repeats else ""
    return f"{record.id} {record.example} on {record.device}, {record.profile}, {record.measured_at[:10]}{again}"


def nothing_new(submitted: Submission) -> Problem:
    if count := len(submitted.left_out):
        return Problem("submit", 0, "", f"nothing to submit: {count} new records are left out, for the reasons above")
    hint = "run it without --no-measure, or `stackdoc measure --like RECORD`"
    return Problem("submit", 0, "", "nothing to submit: the project has all that was measured here", hint)


def offer(project: Project, submitted: Submission, base: str, by: str, contact: str, key: Path | None) -> Iterator[str]:
    """Write the bundle, make the branch, and open a pull request or write a patch. Yields what was done."""
    from stackdoc.adapters.contributing.pull_request import NoPullRequest, open_pull_request, write_patch
    from stackdoc.adapters.contributing.submission import commit_on_branch

    layout = project.layout
    bundle = write_bundle(layout, submitted, by, contact, key)
    yield f"bundle: {bundle}" + (", signed" if key else "")
    if not base:
        yield "this is not a clone by git, so there is no branch"
        yield f"send the bundle to the project, which looks at it by `stackdoc review {bundle.name}`"
        return
    branch = commit_on_branch(project, base, layout / bundle, submitted, by, contact)
    yield f"branch: {branch}, one commit on {base[:12]}"
    try:
        title = f"Add {len(submitted.records)} records of {submitted.records[0].machine.id}"
        yield f"pull request: {open_pull_request(layout.root, branch, title, body(submitted, by))}"
    except NoPullRequest as reason:
        yield f"no pull request: {reason}"
        patch = write_patch(layout, branch)
        yield f"patch: {patch}"
        yield f"push the branch to your fork by `git push FORK {branch}` and open a pull request there,"
        yield "or send the patch or the bundle: the project looks at the branch or the bundle by `stackdoc review`,"
        yield f"and takes it by `git am {patch.name}` or `stackdoc bundle import {bundle.name}`"


def write_bundle(layout: Layout, submitted: Submission, by: str, contact: str, key: Path | None) -> Path:
    """Write the bundle below the state of the checkout, and return its path relative to the root.

    Raises StackdocError if it can't be written, or the key can't sign.
    """
    from stackdoc.files import write_atomically
    from stackdoc.project import CONTRIBUTIONS, make_state_folder
    from stackdoc.records.bundle import pack

    path = CONTRIBUTIONS / f"{submitted.name.rpartition('/')[2]}.zip"
    content = pack(submitted.records, by, contact, key=key)
    try:
        make_state_folder(layout.root)
        write_atomically(layout / path, content)
    except OSError as error:
        message = f"can't be written: {error.strerror or error}"
        raise StackdocError([Problem(path.as_posix(), 0, "", message)]) from None
    return path


def body(submitted: Submission, by: str) -> str:
    """Return the text of the pull request. Names are shown as code, so that none becomes markup or a mention."""
    who = printable(by).replace("`", "'")
    rows = [f"- `{described(record)}`" for record in submitted.records]
    note = "Made by `stackdoc submit`. `stackdoc review` of the branch says what it changes and what looks odd."
    return "\n".join([f"Measured by `{who}`.", "", *rows, "", note])
