"""Read the laws and check their layers, their units and their published test values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.laws import read
from stackdoc.laws.check import law_problems
from stackdoc.laws.law import Law
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack

CALL = re.compile(r"\.law\(\s*[\"']([^\"'\n]*)[\"']")


def read_laws(
    layout: Layout, problems: list[Problem], stack: Stack | None = None, examples: Mapping[str, Example] | None = None
) -> dict[str, Law]:
    """Return the laws by id, in the order of the files.

    Appends to `problems` what is wrong with a law, with the layer that it names, or with an example that calls it.
    """
    laws = read.read_laws(layout, problems)
    files = {law.id: entry.file for entry, law in laws.entries}
    for example in (examples or {}).values():
        problems.extend(_check_calls(example, files))
    for entry, law in laws.entries:
        problems.extend(check_place(entry, ("layer",), [law.layer], stack))
        problems.extend(law_problems(entry, law))
    return {law.id: law for law in laws.values}


def _check_calls(example: Example, files: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each call of an unknown law, or of one whose file the header does not list."""
    for call in CALL.finditer(example.source):
        line, id = example.source.count("\n", 0, call.start()) + 1, call[1]
        if id not in files:
            yield Problem(example.path, line, "", f"unknown law {id!r}", did_you_mean(id, files))
        elif files[id] not in example.data:
            yield Problem(
                example.path, line, "", f"law {id!r} is in {files[id]}", "add that file to data in the header"
            )
