"""`stackdoc check`: report every problem in data, examples, records and pages at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click
from click.core import ParameterSource

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, count
from stackdoc.records.signatures.signature import UNSIGNED
from stackdoc.site.site import Site


@click.command()
@click.option("--sceptic", is_flag=True, help="Also list what a sceptic would reject, and fail if there is anything.")
@click.option(
    "--machine", default="", envvar="STACKDOC_MACHINE", help="The machine whose full records --sceptic judges."
)
@click.pass_context
def command(context: click.Context, sceptic: bool, machine: str) -> None:
    """Check data, examples, records and pages.

    Prints one line per problem, or what was read if there is none. Runs no example.
    """
    from stackdoc.adapters.registered import load_site
    from stackdoc.records.signatures.signed import signature_problems, vouched_signature
    from stackdoc.records.vouched import unlisted_problems

    if not sceptic and context.get_parameter_source("machine") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--machine needs --sceptic, which judges the records of that machine")
    site = load_site(context.obj)
    unlisted = unlisted_problems(site.layout, site.records)
    foreign = [problem for id, problem in unlisted.items() if id not in site.measured_here]
    now = datetime.now(UTC)
    signed = [*signature_problems(site.layout, now), *_edition_problems(site)]
    problems = [*_record_problems(site, now), *foreign, *signed, *_page_problems(site)]
    if problems:
        raise StackdocError(problems)
    for line in summary(site):
        echo(line)
    if (signature := vouched_signature(site.layout, now, [])) != UNSIGNED:
        echo(f"{site.layout.vouched}: {signature}")
    if unlisted:
        message = f"does not list {len(unlisted)} of the records measured here"
        hint = "run `stackdoc records --vouch` before you commit them"
        echo(f"warning: {Problem(site.layout.vouched, 0, '', message, hint)}")
    if sceptic:
        _check_as_sceptic(site, machine)


def _check_as_sceptic(site: Site, machine: str) -> None:
    """Raise StackdocError with what a sceptic rejects in the records of the machine, by default the site's."""
    from stackdoc.site.first_machine import first_machine

    try:
        from stackdoc.adapters.prechecking import fences
        from stackdoc.render.domain import domain
    except ModuleNotFoundError as error:
        if (error.name or "stackdoc").startswith("stackdoc"):
            raise
        echo("--sceptic needs pages: pip install 'stackdoc[mkdocs]'")
        return

    judged = replace(site, default_machine=first_machine(site, machine))
    problems = list(domain(judged).sceptic(judged, fences(judged, site.layout / site.layout.docs)))
    for line in domain(judged).sceptic_notes(judged):
        echo(line)
    if problems:
        raise StackdocError(problems)


def _record_problems(site: Site, now: datetime) -> Iterable[Problem]:
    """Return what no record shows alone: a date after `now`, a machine with an id that is not its own.

    Withdrawn records are left out. A build has no clock, and shows them.
    """
    from stackdoc.records import store

    valid = [record for record in site.records.values() if record.id not in site.withdrawn]
    early = store.future_problems(site.layout, valid, now)
    machines = (record.machine for record in site.records.values())
    return [*early.values(), *store.misnamed_problems(site.layout, valid, machines)]


def _edition_problems(site: Site) -> Iterator[Problem]:
    """Yield the problems of editions: texts or a manifest that were changed."""
    from stackdoc.site.editions import signature_of, text_problems

    for edition in site.editions:
        problems: list[Problem] = []
        signature_of(site.layout, edition, problems)
        yield from problems
        yield from text_problems(site.layout, edition)


def _page_problems(site: Site) -> Iterable[Problem]:
    """Return the problems of fences and roles in the pages, if Markdown is installed."""
    try:
        from stackdoc.adapters.prechecking import check_pages
    except ModuleNotFoundError as error:
        if (error.name or "stackdoc").startswith("stackdoc"):
            raise
        echo("pages not checked: pip install 'stackdoc[mkdocs]'")
        return ()
    try:
        check_pages(site, site.layout / site.layout.docs)
    except StackdocError as error:
        return error.problems
    return ()


def summary(site: Site) -> Iterator[str]:
    """Yield the domain's warnings, then what was read, the domain's data first."""
    for problem in site.subject.warnings(site):
        yield f"warning: {problem}"
    for example in site.examples.values():
        if example.fault:
            yield f"warning: {Problem(example.path, example.fault_line, '', example.fault, 'it is not run')}"
    yield from site.subject.summary(site)
    yield f"{count(len(site.examples), 'example')}, {count(len(site.records), 'record')}"
