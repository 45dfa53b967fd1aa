"""`stackdoc review BUNDLE|BRANCH`: say what offered records add, change and reproduce, and what looks odd in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.errors import capitalised, printable
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.verification.review import Review, Reviewed


@click.command()
@click.argument("offer", metavar="BUNDLE|BRANCH")
@click.option("--markdown", is_flag=True, help="Print Markdown, such as for a comment on a pull request.")
@click.pass_obj
def command(layout: Layout, offer: str, markdown: bool) -> None:
    """Review records that somebody offers.

    A bundle is a file; a branch is any name that git knows, such as FETCH_HEAD, compared with what is checked out.
    Lists what is new, which pages it changes, what looks odd, and what it reproduces. Nothing is stored, and no code of
    the branch runs.

    The exit code is 1 if an import would refuse the records, if a figure of the project's own would change, or if a
    branch changes other files.
    """
    from stackdoc.adapters.registered import load_site
    from stackdoc.adapters.run_report import pages_with
    from stackdoc.verification.offer import read_offer
    from stackdoc.verification.review import review

    site = load_site(layout)
    with read_offer(layout, offer) as offered:
        reviewed = review(site, offered, datetime.now(UTC), partial(pages_with, layout / layout.docs))
    if markdown:
        print_document("\n".join(as_markdown(reviewed)) + "\n")
    else:
        for line in as_lines(reviewed):
            echo(line)
    click.get_current_context().exit(0 if reviewed.ok else 1)


def as_lines(review: Review) -> Iterator[str]:
    yield f"{review.name}: {counted(review)}"
    for reviewed in review.records:
        yield f"  {described(reviewed)}"
        yield from (f"    {line}" for line in details(reviewed))
    if review.pages:
        yield "pages that change:"
        yield from (f"  {page}" for page in review.pages)
    for heading, lines in conclusions(review):
        yield heading
        yield from (f"  {line}" for line in lines)


def as_markdown(review: Review) -> Iterator[str]:
    """Yield the lines of a comment. What comes from records is shown as code, so that it is never markup."""
    yield f"### {code(review.name)}: {counted(review)}"
    for reviewed in review.records:
        yield f"\n**{code(described(reviewed))}**\n"
        yield from (f"- {code(line)}" for line in details(reviewed))
    if review.pages:
        yield "\n<details><summary>Pages that change</summary>\n"
        yield from (f"- {code(page)}" for page in review.pages)
        yield "\n</details>"
    for heading, lines in conclusions(review):
        yield f"\n**{capitalised(heading)}**\n"
        yield from (f"- {code(line)}" for line in lines)


def counted(review: Review) -> str:
    """Return `2 new records, 1 already here`."""
    new = f"{len(review.records)} new record{'s' * (len(review.records) != 1)}"
    return f"{new}, {review.known} already here" if review.known else new


def described(reviewed: Reviewed) -> str:
    record = reviewed.record
    by = reviewed.by or "nobody who is named"
    place = f"{record.example} on {record.device}, {record.machine.id}"
    return f"{record.id} {place}, {record.profile}, {record.measured_at[:10]}, by {by}"


def details(reviewed: Reviewed) -> Iterator[str]:
    """Yield what an import says of the record, what it reproduces with ratios and intervals, and what looks odd."""
    yield from reviewed.notes
    if reviewed.record.repeats:
        yield from repeated(reviewed)
    yield from (f"odd: {sentence}" for sentence in reviewed.odd)


def repeated(reviewed: Reviewed) -> Iterator[str]:
    from stackdoc.site.repetition import in_words
    from stackdoc.statistics import format_ratio

    named = reviewed.repeats.id if reviewed.repeats else f"{reviewed.record.repeats}"[:16]
    if reviewed.repetition is None:
        yield f"repeats record {named}, which does not count: {reviewed.why_not or 'it is withdrawn'}"
        return
    yield f"record {named}: {next(in_words([reviewed.repetition]))}"
    for comparison in reviewed.repetition.comparisons:
        result = f"not compared: {comparison.refused}" if comparison.refused else comparison.word
        yield "  ".join(filter(None, [f"  {comparison.key}", format_ratio(comparison), result]))


def conclusions(review: Review) -> Iterator[tuple[str, list[str]]]:
    """Yield what decides the exit code, each with its reasons."""
    if review.changed:
        yield "figures of the project's own that would change:", list(review.changed)
    elif review.records:
        yield "none of the project's own figures changes", []
    if review.refused:
        yield "refused:", [str(problem) for problem in review.refused]
    else:
        yield "an import would accept it", []


def code(text: str) -> str:
    """Return the text as code of Markdown, on one line."""
    return f"`{printable(text).replace('`', chr(39))}`"
