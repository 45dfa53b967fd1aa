"""`stackdoc cite`: a layer page, an example's newest record or any record, for a paper or a review."""

from __future__ import annotations

from pathlib import Path

import click

from stackdoc.render.citation import FORMATS, cite
from stackdoc.site import load_site


@click.command("cite")
@click.argument("target")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--address", default="", metavar="URL", help="The published root of the site.")
@click.pass_obj
def command(root: Path, target: str, format_: str, address: str) -> None:
    """Print the citation of TARGET: a layer, an example, a record, or RECORD#POINT."""
    click.echo(cite(load_site(root), target, format_, address).encode(), nl=format_ == "text")
