"""`stackdoc export`: the crosswalk and the records as JSON, the stack as SKOS."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import click

NAMES = ("crosswalk.json", "records.json", "stack.ttl", "stack.jsonld")


@click.command()
@click.argument("name", type=click.Choice(NAMES), required=False)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this directory.")
@click.option("--address", default="", metavar="URL", help="The published root of the site, for the names in SKOS.")
@click.pass_obj
def command(root: Path, name: str | None, out: Path | None, address: str) -> None:
    """Print one export, NAME, or write all into --out."""
    from stackdoc.render.exports import files
    from stackdoc.site import load_site

    if (name is None) is (out is None):
        raise click.UsageError(f"give a name ({', '.join(NAMES)}) or --out")
    made = {PurePosixPath(path).name: content for path, content in files(load_site(root), address).items()}
    if out is None:
        click.echo(made[str(name)], nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for file, content in made.items():
        (out / file).write_bytes(content)
        click.echo(out / file)
