"""`stackdoc check`: all data, examples, records and pages, and every problem of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.site import Site
from stackdoc.votes import Kind

KINDS: dict[Kind, str] = {
    "unanimous": "unanimous",
    "one": "by one lineage",
    "same": "always in one layer",
    "never": "never compared",
    "split": "split and ruled on",
}


@click.command()
@click.pass_obj
def command(root: Path) -> None:
    """Read everything and say what is wrong, one line a problem; say what was read when nothing is. Runs nothing."""
    from stackdoc.site import load_site

    site = load_site(root)
    problems = [*of_the_future(site, datetime.now(UTC)), *_of_pages(site)]
    if problems:
        raise StackdocError(problems)
    for line in (*old_statuses(site), *summary(site)):
        echo(line)


def old_statuses(site: Site) -> Iterator[str]:
    """A warning for each system whose state nobody has looked at for a year, by the dates in the files."""
    from stackdoc import reading

    newest = max((record.measured_at[:10] for record in site.records.values()), default="")
    for problem in reading.old_statuses(site.root, newest):
        yield f"warning: {problem}"


def of_the_future(site: Site, now: datetime) -> Iterable[Problem]:
    """Of records that count and are dated after `now`. A build has no clock, and shows them."""
    from stackdoc import store

    return store.of_the_future((one for one in site.records.values() if one.id not in site.withdrawn), now).values()


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
        check_pages(site, site.root / "docs")
    except StackdocError as error:
        return error.problems
    return ()


def summary(site: Site) -> Iterator[str]:
    """What was read, in four lines."""
    from stackdoc.merge import merge

    stack, merged = site.stack, merge(site.stack)
    lineages = {taxonomy.source.lineage for taxonomy in stack.taxonomies}
    yield (
        f"{len(stack.layers)} layers, {len(stack.planes)} planes, {len(stack.atoms)} atoms "
        f"from {len(stack.taxonomies)} taxonomies of {len(lineages)} lineages"
    )
    classes = (f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items())
    yield f"{len(merged.pairs)} pairs: {', '.join(classes)}"
    yield (
        f"the order agrees with {merged.agreed} votes and overrules {len(merged.overruled)}; "
        f"equally good: {merged.settled.count} with the dependencies, {merged.voted.count} by votes alone"
    )
    yield (
        f"{len(site.examples)} examples, {len(site.claims)} claims, {len(site.facts)} facts, "
        f"{len(site.systems)} systems, {len(site.terms)} terms, {len(site.records)} records"
    )
