"""A small project in a directory: three layers from two made-up sources, without a fault."""

from __future__ import annotations

from pathlib import Path

from stackdoc.adapters.registered import load_site
from stackdoc.errors import Problem, StackdocError

STACK = """\
title: A kitchen
layers:
- {id: hearth, name: Hearth, height: 1, stage: 1, question: What heats?, summary: Fire.}
- {id: pot, name: Pot, height: 2, stage: 1, question: What holds?, summary: Iron.}
- {id: dish, name: Dish, height: 3, stage: 1, question: What is eaten?, summary: Soup.}
planes:
- {id: order, name: Order, height: 0, stage: 1, question: Who washes?, summary: All.}
atoms:
- {id: wood, name: Wood, layer: hearth}
- {id: iron, name: Iron, layer: pot}
- {id: soup, name: Soup, layer: dish}
- {id: broom, name: Broom, layer: order}
dependencies:
- {above: pot, below: hearth, reason: A pot hangs over a fire.}
"""

TAXONOMY = """\
source:
  id: cook
  name: The cook
  title: What a cook sees
  author: A cook
  document: a note
  accessed: "2026-11-22"
  lineage: a
  axis: by nearness
  direction: Bottom up.
  number_semantics: by rank
layers:
- label: "1"
  position: 1
  name: Fire
  description: Wood that burns.
  atoms: [wood]
  mappings: [{layer: hearth, relation: exact}]
- label: "2"
  position: 2
  name: Vessel
  description: Iron that holds.
  atoms: [iron]
  mappings: [{layer: pot, relation: close}]
- label: "3"
  position: 3
  name: Meal
  description: Soup that is eaten, and a broom.
  tools: [ladle]
  atoms: [soup, broom]
  mappings: [{layer: dish, relation: broad}, {layer: order, relation: related}]
"""

EXAMPLE = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "pot"
# title = "How long it boils"
# claims = ["it-boils"]
# ///
"""Boils water.

Then waits.
"""

# %%
import helper

# %% [markdown]
# What comes next.

# %%
helper.boil()
'''

FILES = {
    "docs/data/stack.yml": STACK,
    "docs/data/taxonomies/cook.yml": TAXONOMY,
    "docs/data/taxonomies/guest.yml": TAXONOMY.replace("id: cook", "id: guest").replace("lineage: a", "lineage: b"),
    "docs/data/claims.yml": """\
- id: it-boils
  layer: pot
  text: It boils.
  state: tested
  test: Judged by a second.
  sources: ["cook:2"]
  predicate: {example: pot/boiling, quantity: time, points: [boil], op: "<", value: 1}
""",
    "docs/data/facts.yml": """\
- {id: boiling-point, layer: pot, quantity: Boiling point, value: "100", unit: °C, conditions: sea level, kind: paper,
   source: A book, as_of: "2026-01-01", url: "https://example.org/water"}
""",
    "docs/data/systems.yml": """\
- {id: ladle, name: Ladle, kind: tool, layer: dish, mentions: ["cook:3"], runs: a thing}
""",
    "docs/data/glossary.yml": "- {term: soup, definition: A liquid dish.}\n",
    "examples/pot/boiling.py": EXAMPLE,
    "examples/pot/helper.py": "def boil() -> None: ...\n",
}


def make_project(root: Path, **changes: str) -> Path:
    """The project below `root`; `changes` maps the stem of a file to its new text, an empty one leaves the file out."""
    for path, text in FILES.items():
        text = changes.pop(Path(path).stem, text)
        if text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
    assert not changes, f"no such file: {changes}"
    return root


def problems_of(root: Path) -> list[Problem]:
    """What `stackdoc check` would print."""
    try:
        load_site(root)
    except StackdocError as error:
        return list(error.problems)
    return []
