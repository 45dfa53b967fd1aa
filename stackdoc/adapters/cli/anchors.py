"""`stackdoc anchors`: no published address of the handbook may break."""

from __future__ import annotations

from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout


@click.command()
@click.option("--add", is_flag=True, help="Add to the list what the built site has and it has not.")
@click.option("--site", "built", type=click.Path(path_type=Path), help="The built site; by default site/.")
@click.pass_obj
def command(layout: Layout, add: bool, built: Path | None) -> None:
    """Hold the built site against docs/data/anchors.txt: every address and anchor ever published is still there."""
    from stackdoc.verification import anchors

    place = built or layout / "site"
    if not (place / "index.html").is_file():
        raise StackdocError([Problem(str(place), 0, "", "is no built site", "run `stackdoc build`")])
    wanted = anchors.listed(layout)
    hint = "put it back, or lead it on in docs/data/redirects.yml"
    problems = [
        Problem(anchors.list_of(layout), 0, address, "is published and leads nowhere", hint)
        for address in anchors.broken(wanted, place)
    ]
    if problems:
        raise StackdocError(problems)
    echo(f"{len(wanted)} published addresses lead where they led")
    if add:
        echo(f"{anchors.add(layout, place)} added")
