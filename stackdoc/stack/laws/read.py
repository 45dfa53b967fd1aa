"""The laws by id, each looked up in the layers and checked against its published numbers."""

from __future__ import annotations

from stackdoc.errors import Problem
from stackdoc.laws import read
from stackdoc.laws.check import faults
from stackdoc.laws.law import Law
from stackdoc.project import Layout
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack


def read_laws(layout: Layout, problems: list[Problem], stack: Stack | None = None) -> dict[str, Law]:
    """In the order of the files. What is wrong with a law, or with the layer it names, goes to `problems`."""
    laws = read.read_laws(layout, problems)
    for entry, law in laws.entries:
        problems.extend(check_place(entry, ("layer",), [law.layer], stack))
        problems.extend(faults(entry, law))
    return {law.id: law for law in laws.values}
