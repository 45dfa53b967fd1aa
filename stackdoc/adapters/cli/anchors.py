"""`stackdoc anchors`: check that no published address of the handbook breaks."""

from __future__ import annotations

from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout


@click.command()
@click.option("--add", is_flag=True, help="Add the new addresses of the built site to the list.")
@click.option("--site", "built", type=click.Path(path_type=Path), help="The built site. Default: site/.")
@click.pass_obj
def command(layout: Layout, add: bool, built: Path | None) -> None:
    """Check that no published address breaks.

    Compares the built site with docs/data/anchors.txt, the list of all published addresses and anchors, and checks that
    redirects lead to pages and that no edition is missing.
    """
    from stackdoc.site.editions import read_editions
    from stackdoc.site.redirects import read_redirects
    from stackdoc.verification import anchors

    place = built or layout / "site"
    if not (place / "index.html").is_file():
        raise StackdocError([Problem(str(place), 0, "", "not a built site", "run `stackdoc build`")])
    published = anchors.listed(layout)
    hint = f"put it back, or redirect it in {layout.collection('redirects')}"
    problems = [
        Problem(anchors.list_of(layout), 0, address, "published, but not in the site", hint)
        for address in anchors.broken(published, place)
    ]
    redirects = read_redirects(layout, problems)
    problems += [
        Problem(layout.collection("redirects"), 0, redirect.old, f"leads to {redirect.new}, which is not in the site")
        for redirect in anchors.astray(redirects, place / layout.prefix)
    ]
    editions = anchors.missing(read_editions(layout, problems), place / layout.prefix)
    hint = "get its archive, then build"
    problems += [
        Problem(f"{layout.edition(edition.name)}/manifest.json", 0, "", "published, but not in the site", hint)
        for edition in editions
    ]
    if problems:
        raise StackdocError(problems)
    echo(f"{len(published)} published addresses found")
    if add:
        echo(f"{anchors.add(layout, place)} added")
