"""`stackdoc new`: write a commented skeleton of a stack, a taxonomy or an example."""

from __future__ import annotations

import re
from pathlib import Path

import click

from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.prose import name_as_title
from stackdoc.project import Layout

TAXONOMY = """\
# A published taxonomy as it is printed, with its order, labels and mistakes. Descriptions are in your own words.
# Labels, versions and dates are quoted texts. `stackdoc check` names what is still missing.
source:
  id: {id}                     # the name of this file; rows are cited as {id}:1
  name: ""                      # short, for tables
  title: ""                     # as printed
  author: not stated
  document: ""                  # which document, edition or page
  # published: "2024-05-31"     # its own date: a day, a month or a year
  # sha256: 64 digits           # of the file that was read
  accessed: "{today}"        # the day on which you read it
  lineage: {id}                # documents that copy one another share a lineage and have one vote
  axis: ""                      # what its order means: what calls what, who pays whom, what is made from what
  direction: Bottom up.
  number_semantics: ""          # what its numbers count
  url: ""
  licence: none stated
  # guest: true                 # shown for comparison, without a vote

layers:                         # one entry per row, from the bottom up
- label: "1"                    # the number as printed; it may be "2a" or "X"
  position: 1                   # from the bottom; rows of one tier share it; null for a row outside the tower
  name: ""
  description: ""
  inputs: []
  outputs: []
  tools: []                     # ids of systems, if the project lists any in {data}/systems.yml
  atoms: []                     # ids of atoms in {data}/stack.yml: the subjects of this row
  mappings: []                  # how it relates to each layer that has one of its atoms (SKOS), such as
                                # - {{layer: ID, relation: close, note: "why"}}
                                # relation: exact, close, related, or broad (this row is the broader one), narrow

errata: []                      # - {{id: SLUG, kind: name, printed: "…", meant: "…", labels: ["1"]}}
"""

STACK = """\
# The stack into which the taxonomies in {data}/taxonomies/ are merged. This one is made up: replace what it says.
# `stackdoc check` compares it with the votes of the taxonomies, and names what disagrees.
title: Our stack

layers:                         # height counts from the bottom; layers of one height are stages, from left to right
- id: storage                   # the address of its page: /layers/storage/
  name: Storage
  height: 1
  stage: 1
  question: How long does it take to keep a value and to read it again?    # the question of the page
  summary: Storage keeps values after a program has ended.                 # its answer, in a sentence or two
  takes: [Blocks]               # what it needs from below, what it offers above, and what belongs elsewhere
  gives: [Files]
  not_here: [Who may read them (operations)]
- id: service
  name: Service
  height: 2
  stage: 1
  question: How many requests can it answer in a second?
  summary: A service answers requests from what is stored.
- id: interface
  name: Interface
  height: 3
  stage: 1
  question: How long does a person wait?
  summary: The interface is what a person sees.

planes:                         # what concerns every layer; a plane has no place in the order
- id: operations
  name: Operations
  height: 0
  stage: 1
  question: Who notices when it breaks?
  summary: Operations keep all layers running.

atoms:                          # the smallest subjects that a taxonomy separates; each belongs to one layer or plane
- {{id: disk, name: Disks, layer: storage}}
- {{id: database, name: Databases, layer: storage}}
- {{id: server, name: Servers, layer: service}}
- {{id: screen, name: Screens, layer: interface}}
- {{id: monitoring, name: Monitoring, layer: operations}}

dependencies:                   # `above` needs `below`; they constrain the order
- {{above: service, below: storage, reason: It reads what is stored.}}

rulings: []                     # decisions where the votes split; `pairs` name the lower layer first:
                                # - {{id: SLUG, pairs: [[storage, service]], decision: "…", reason: "…"}}
"""

HEADER = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = [{dependencies}]
# [tool.stackdoc]
{layer}# title = "{title}"
# devices = ["cpu"]
# ///
"""{summary}"""

'''

EXAMPLE = """\
# %%
import random
from itertools import pairwise

from stackdoc import example

ex = example()
random.seed(1)

# %% [markdown]
# Lists of random numbers. The check compares each number of the result with the next.

# %%
for n in ex.sweep("n", [1_000, 10_000, 100_000], quick=[1_000, 10_000]):
    values = [random.random() for _ in range(n)]
    ex.measure(
        "sort",
        lambda values=values: sorted(values),
        n=n,
        check=lambda out: all(low <= high for low, high in pairwise(out)),
    )
"""

TORCH = """\
# %%
import torch

from stackdoc import Work, close, example

ex = example()

# %% [markdown]
# A sum reads each number once, so the bandwidth of memory is expected to limit it.

# %%
for n in ex.sweep("n", [256, 512, 1024], quick=[256]):
    a = torch.rand(n, n, device=ex.device)
    total = a.double().sum()
    ex.predict("sum", n=n, seconds=ex.roofs.time(bytes=4 * n * n), formula="4n² bytes / bandwidth roof")
    work = Work(flop=n * n, bytes=4 * n * n)
    ex.measure("sum", a.sum, n=n, work=work, dtype="float32", check=lambda out, total=total: close(out, total))
"""


@click.group()
def command() -> None:
    """Write a skeleton to fill in. Existing files are never overwritten."""


@command.command()
@click.pass_obj
def stack(layout: Layout) -> None:
    """Write docs/data/stack.yml: a made-up stack of three layers and a plane."""
    _write(layout, Path(layout.collection("stack")), STACK.format(data=layout.data))


@command.command()
@click.argument("id")
@click.pass_obj
def taxonomy(layout: Layout, id: str) -> None:
    """Write docs/data/taxonomies/ID.yml."""
    from datetime import UTC, datetime

    from stackdoc.reading.decode import SLUG, SLUG_HINT

    if not SLUG.fullmatch(id):
        raise StackdocError([Problem("new", 0, id, "is not a valid id", SLUG_HINT)])
    if not _has_stack(layout):
        raise StackdocError([Problem(layout.collection("stack"), 0, "", "is missing", "stackdoc new stack writes one")])
    text = TAXONOMY.format(id=id, today=datetime.now(UTC).date(), data=layout.data)
    _write(layout, Path(layout.data) / "taxonomies" / f"{id}.yml", text)


@command.command()
@click.argument("name", metavar="FOLDER/NAME")
@click.option("--torch", is_flag=True, help="Measure PyTorch instead of the standard library.")
@click.pass_obj
def example(layout: Layout, name: str, torch: bool) -> None:
    """Write examples/FOLDER/NAME.py. In a project with a stack, FOLDER is a layer."""
    from stackdoc.reading.decode import SLUG

    if not re.fullmatch(rf"{SLUG.pattern}/[a-z][a-z0-9_]*", name):
        raise StackdocError([Problem("new", 0, name, "is not FOLDER/NAME", "such as kernels/softmax")])
    _write(layout, Path(layout.examples) / f"{name}.py", example_text(layout, name, torch=torch))


def example_text(layout: Layout, name: str, *, torch: bool = False) -> str:
    """Return a script that runs as it is, and whose title and text are true of it.

    Its header names a layer if the project has a stack.
    """
    layer = f'# layer = "{name.partition("/")[0]}"\n' if _has_stack(layout) else ""
    dependencies = '"stackdoc", "torch>=2.5"' if torch else '"stackdoc"'
    what = "the sum of a matrix takes, by its size" if torch else "sorting takes, by the length of the list"
    title = name_as_title(name.partition("/")[2])
    header = HEADER.format(layer=layer, title=title, dependencies=dependencies, summary=f"How long {what}.")
    return header + (TORCH if torch else EXAMPLE)


def _has_stack(layout: Layout) -> bool:
    return (layout / layout.collection("stack")).exists()


def _write(layout: Layout, path: Path, text: str) -> None:
    if (layout / path).exists():
        raise StackdocError([Problem(path.as_posix(), 0, "", "already exists")])
    (layout / path).parent.mkdir(parents=True, exist_ok=True)
    (layout / path).write_text(text, "utf-8")
    echo(f"{path.as_posix()}: fill it in, then stackdoc check")
