"""Check references to layers and to rows of sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.examples.header import is_declared
from stackdoc.examples.read import header_problem
from stackdoc.model.example import Example
from stackdoc.reading.document import Document
from stackdoc.reading.document import Path as Place
from stackdoc.stack.layers.types import Stack


def check_place(document: Document, path: Place, layers: Iterable[str], stack: Stack | None) -> Iterator[Problem]:
    """Yield a problem for each unknown layer or plane; nothing is checked without a stack."""
    known = {place.id for place in stack.places} if stack else set()
    for layer in layers:
        if stack and layer not in known:
            yield document.problem(path, f"unknown layer {layer!r}", did_you_mean(layer, known))


def check_rows(document: Document, path: Place, rows: Iterable[str], stack: Stack | None) -> Iterator[Problem]:
    """Yield a problem for each unknown row; nothing is checked without a stack."""
    known: Mapping[str, object] = (
        {row.qualified: row for taxonomy in stack.sources for row in taxonomy.layers} if stack else {}
    )
    for index, row in enumerate(rows):
        if stack and row not in known:
            yield document.problem((*path, index), f"unknown source layer {row!r}", did_you_mean(row, known))


def check_layers(examples: Mapping[str, Example], stack: Stack, problems: list[Problem]) -> None:
    """Append a problem for each example whose header names no layer or an unknown one."""
    places = {place.id for place in stack.places}
    for example in examples.values():
        if example.layer not in places and is_declared(example.source):
            message = f"unknown layer {example.layer!r}" if example.layer else "is missing"
            problems.append(header_problem(example, "layer", message, did_you_mean(example.layer, places)))
