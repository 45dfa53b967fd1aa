"""A project of any size: so many examples, each with a page of its own, and records on five machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stackdoc.examples.read import read_examples
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from tests.made import two_machines

MACHINES = 5
PART = 50  # examples of one directory
SCRIPT = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Product number {number}"
# ///
"""A product, number {number}."""

# %%
from stackdoc import example

ex = example()
print({number})
'''
PAGE = """\
# Page {number}

```stackdoc
example: {id}
figure: sweep
points: library
x: n
quantity: rate
table: true
caption: The rate by size.
```

One takes {{measured}}`{id} library n=512 time`
and reaches {{measured}}`{id} library n=512 rate`.

{words}
"""
BARE_PAGE = """\
# Page {number}

```yaml
example: {id}
```

One takes `a time` and reaches `a rate`.

{words}
"""
WORDS = "\n\n".join(["A paragraph of text that says little, with *emphasis* and a [link](index.md). " * 5] * 8)
CONFIGURATION = """\
site_name: Grown
theme: {name: material, font: false, features: [navigation.prune]}
markdown_extensions:
  - tables
  - pymdownx.superfences
  - pymdownx.details
plugins:
  - search
%s
  - mkdocs-jupyter: {include: ["*.ipynb"], execute: false}
"""


def grow(root: Path, examples: int) -> None:
    """Writes the project: `examples` pages, as many examples and notebooks, five times as many records."""
    write(root / "mkdocs.yml", CONFIGURATION % '  - stackdoc: {prefix: "", measure: never}')
    write(root / "docs/index.md", "# Grown\n")
    for number in range(examples):
        write(root / f"examples/{named(number)}.py", SCRIPT.format(number=number))
        write(root / f"docs/pages/{named(number)}.md", PAGE.format(id=named(number), number=number, words=WORDS))
    problems: list[object] = []
    for example in read_examples(root, problems).values():  # type: ignore[arg-type]
        for machine in range(MACHINES):
            where = replace(two_machines.ZEN, id=f"zen4-{machine + 2}c-24g-9f3{machine}", cores=machine + 2)
            points = two_machines.gemm_points(80e9 * (machine + 1))
            made = two_machines.record("", example.id, where, points, digest=example.digest, closure=example.closure)
            store.write(Layout(root), with_id(made))
    assert not problems


def named(number: int) -> str:
    return f"part{number // PART:02}/product{number}"


def bare(root: Path, examples: int, notebooks: Path) -> int:
    """The author's pages and notebooks without us: fences are code, roles are code spans. Gives how many."""
    write(root / "mkdocs.yml", CONFIGURATION % "")
    write(root / "docs/index.md", "# Grown\n")
    for number in range(examples):
        write(root / f"docs/pages/{named(number)}.md", BARE_PAGE.format(id=named(number), number=number, words=WORDS))
    found = sorted(notebooks.rglob("*.ipynb"))
    for notebook in found:
        write(root / "docs/examples" / notebook.parent.name / notebook.name, notebook.read_text("utf-8"))
    return 1 + examples + len(found)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
