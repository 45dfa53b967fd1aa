"""`stackdoc new`: write a commented skeleton of a taxonomy or an example."""

from __future__ import annotations

import re
from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout

TAXONOMY = """\
# A published taxonomy as it is printed, with its order, labels and mistakes. Descriptions are in our own words.
# Labels, versions and dates are quoted texts. `stackdoc check` names what is still missing.
source:
  id: {id}                     # the name of this file; rows are cited as {id}:1
  name: ""                      # short, for tables
  title: ""                     # as printed
  author: not stated
  document: ""                  # which document, edition or page
  sha256: ""                    # of the file that was read
  accessed: "{year}-01-01"
  lineage: {id}                # documents that copy one another share a lineage and have one vote
  axis: ""                      # what its order means: what calls what, who pays whom, what is made from what
  direction: Bottom up.
  number_semantics: ""          # what its numbers count
  url: ""
  licence: none stated

layers:                         # one entry per row, from the bottom up
- label: "1"                    # the number as printed; it may be "X"
  position: 1                   # from the bottom; null for a row outside the tower
  name: ""
  description: ""
  inputs: []
  outputs: []
  tools: []                     # ids in docs/data/systems.yml
  atoms: []                     # ids in docs/data/stack.yml: the subjects this row holds
  mappings: []                  # how it relates to each layer that holds one of its atoms (SKOS), such as
                                # - {{layer: ID, relation: close, note: "why"}}
                                # relation: exact, close, related, or broad (this row is the broader one), narrow

errata: []                      # - {{id: SLUG, kind: name, printed: "…", meant: "…", labels: ["1"]}}
"""

EXAMPLE = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "{layer}"
# title = "What is measured, against what"
# devices = ["cpu"]
# ///
"""What is computed, in one sentence: the summary.

Why it is as fast as it is. Caveats.
"""

# %%
import torch

from stackdoc import Work, close, example

ex = example()

# %% [markdown]
# What the next cell does, and what is expected.

# %%
for n in ex.sweep("n", [256, 512, 1024], quick=[256]):
    a = torch.rand(n, n, device=ex.device)
    total = a.double().sum()
    ex.predict("sum", n=n, seconds=ex.roofs.time(bytes=4 * n * n), formula="4n² bytes / bandwidth roof")
    work = Work(flop=n * n, bytes=4 * n * n)
    ex.measure("sum", a.sum, n=n, work=work, dtype="float32", check=lambda out, total=total: close(out, total))
'''


@click.group()
def command() -> None:
    """Write a skeleton to fill in. Existing files are never overwritten."""


@command.command()
@click.argument("id")
@click.pass_obj
def taxonomy(layout: Layout, id: str) -> None:
    """Write docs/data/taxonomies/ID.yml."""
    from datetime import UTC, datetime

    from stackdoc.reading.decode import SLUG, SLUG_HINT

    if not SLUG.fullmatch(id):
        raise StackdocError([Problem("new", 0, id, "is not a valid id", SLUG_HINT)])
    text = TAXONOMY.format(id=id, year=datetime.now(UTC).year)
    _write(layout, Path(layout.data) / "taxonomies" / f"{id}.yml", text)


@command.command()
@click.argument("name", metavar="LAYER/NAME")
@click.pass_obj
def example(layout: Layout, name: str) -> None:
    """Write examples/LAYER/NAME.py."""
    from stackdoc.reading.decode import SLUG

    if not re.fullmatch(rf"{SLUG.pattern}/[a-z][a-z0-9_]*", name):
        raise StackdocError([Problem("new", 0, name, "is not LAYER/NAME", "such as kernels/softmax")])

    _write(layout, Path(layout.examples) / f"{name}.py", EXAMPLE.format(layer=name.partition("/")[0]))


def _write(layout: Layout, path: Path, text: str) -> None:
    if (layout / path).exists():
        raise StackdocError([Problem(path.as_posix(), 0, "", "already exists")])
    (layout / path).parent.mkdir(parents=True, exist_ok=True)
    (layout / path).write_text(text, "utf-8")
    echo(f"{path.as_posix()}: fill it in, then stackdoc check")
