"""The laws by id, each looked up in the layers and checked against its published numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.laws import read
from stackdoc.laws.check import faults
from stackdoc.laws.law import Law
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack

CALL = re.compile(r"\.law\(\s*[\"']([^\"'\n]*)[\"']")


def read_laws(
    layout: Layout, problems: list[Problem], stack: Stack | None = None, examples: Mapping[str, Example] | None = None
) -> dict[str, Law]:
    """In the order of the files. What is wrong with a law, the layer it names, or an example's call of one goes to
    `problems`."""
    laws = read.read_laws(layout, problems)
    files = {law.id: entry.file for entry, law in laws.entries}
    for example in (examples or {}).values():
        problems.extend(_called(example, files))
    for entry, law in laws.entries:
        problems.extend(check_place(entry, ("layer",), [law.layer], stack))
        problems.extend(faults(entry, law))
    return {law.id: law for law in laws.values}


def _called(example: Example, files: Mapping[str, str]) -> Iterator[Problem]:
    """Laws that the script calls and that are not known, or whose file its header does not name."""
    for found in CALL.finditer(example.source):
        line, id = example.source.count("\n", 0, found.start()) + 1, found[1]
        if id not in files:
            yield Problem(example.path, line, "", f"unknown law {id!r}", did_you_mean(id, files))
        elif files[id] not in example.data:
            yield Problem(example.path, line, "", f"law {id!r} is in {files[id]}", "name that file in data")
