"""`stackdoc schema`: print JSON Schemas of the data files, for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from stackdoc.adapters.terminal import print_document


@click.command()
@click.argument("name", required=False)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write NAME.schema.json files into this directory."
)
def command(name: str | None, out: Path | None) -> None:
    """Print the JSON Schema of a data file.

    NAME is a kind of data file, or `record`. Without NAME, lists the names.
    """
    from stackdoc.adapters.registered import stack
    from stackdoc.errors import Problem, StackdocError, did_you_mean
    from stackdoc.model.provenance import Contribution
    from stackdoc.model.record import Record
    from stackdoc.reading.schema import Kind, schema
    from stackdoc.site.labels import ParameterLabel
    from stackdoc.site.redirects import Redirect

    kinds = {
        **stack().kinds,
        "contributed": Kind(tuple[Contribution, ...]),
        "labels": Kind(tuple[ParameterLabel, ...]),
        "redirects": Kind(tuple[Redirect, ...]),
        "record": Kind(Record, patterned=False),
    }
    if name is not None and name not in kinds:
        raise StackdocError([Problem("schema", 0, name, "unknown name", did_you_mean(name, kinds))])
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for kind in [name] if name else kinds:
            (out / f"{kind}.schema.json").write_text(_text(schema(kinds[kind])), "utf-8")
    elif name:
        print_document(_text(schema(kinds[name])))
    else:
        print_document("".join(f"{kind}\n" for kind in kinds))


def _text(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
