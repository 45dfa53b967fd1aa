"""`stackdoc check`: all data, examples, records and pages, and every problem of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import click
from click.core import ParameterSource

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.site.site import Site


@click.command()
@click.option("--sceptic", is_flag=True, help="Say also what a sceptic would reject, and fail when there is something.")
@click.option(
    "--machine", default="", envvar="STACKDOC_MACHINE", help="The machine whose full records the sceptic reads."
)
@click.pass_context
def command(context: click.Context, sceptic: bool, machine: str) -> None:
    """Read everything and say what is wrong, one line a problem; say what was read when nothing is. Runs nothing."""
    from stackdoc.adapters.registered import load_site

    if not sceptic and context.get_parameter_source("machine") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--machine needs --sceptic, which reads the records of that machine")
    site = load_site(context.obj)
    problems = [*future_problems(site, datetime.now(UTC)), *_of_pages(site)]
    if problems:
        raise StackdocError(problems)
    for line in summary(site):
        echo(line)
    if sceptic:
        _doubted(site, machine)


def _doubted(site: Site, machine: str) -> None:
    """Raises StackdocError with what a sceptic finds in the records of the machine, the site's default if none."""
    from stackdoc.site.first_machine import first_machine

    try:
        from stackdoc.adapters.prechecking import fences
        from stackdoc.render.domain import domain
    except ModuleNotFoundError as error:
        if (error.name or "stackdoc").startswith("stackdoc"):
            raise
        echo("a sceptic reads pages: pip install 'stackdoc[mkdocs]'")
        return

    shown = replace(site, default_machine=first_machine(site, machine))
    found = list(domain(shown).sceptic(shown, fences(shown, site.layout / site.layout.docs)))
    for line in domain(shown).sceptic_notes(shown):
        echo(line)
    if found:
        raise StackdocError(found)


def future_problems(site: Site, now: datetime) -> Iterable[Problem]:
    """Of records that count and are dated after `now`. A build has no clock, and shows them."""
    from stackdoc.records import store

    counting = (one for one in site.records.values() if one.id not in site.withdrawn)
    return store.future_problems(site.layout, counting, now).values()


def _of_pages(site: Site) -> Iterable[Problem]:
    """Of the fences and roles in the pages, where Markdown is installed."""
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
    """What was read, the domain's first, after what it warns of."""
    for problem in site.subject.warnings(site):
        yield f"warning: {problem}"
    yield from site.subject.summary(site)
    yield f"{len(site.examples)} examples, {len(site.records)} records"
