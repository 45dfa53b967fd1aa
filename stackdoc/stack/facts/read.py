"""The rows of the page of numbers, looked up in examples, facts and one another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.number import Number
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack
from stackdoc.statistics.figure import QUANTITIES


def read_numbers(
    layout: Layout,
    problems: list[Problem],
    stack: Stack | None,
    examples: Mapping[str, Example],
    facts: Mapping[str, Fact],
) -> dict[str, Number]:
    """The rows by id, in the file's order. Whether an example has the point is known only beside its records."""
    numbers, document = read_list(layout, "numbers", Number, problems)
    rows = {number.id: number for _, number in numbers}
    for index, number in numbers:
        problems.extend(check_place(document, (index, "layer"), [number.layer], stack))
        problems.extend(_check(document, index, number, rows))
        for key, known in (("example", examples), ("fact", facts), ("against", rows)):
            name = str(getattr(number, key))
            if name and name not in known:
                problems.append(document.problem((index, key), f"unknown {key} {name!r}", did_you_mean(name, known)))
    return {
        number.id: dataclasses.replace(number, line=document.line((index, "point" if number.point else "id")))
        for index, number in numbers
    }


def _check(document: Document, index: int, number: Number, rows: Mapping[str, Number]) -> Iterator[Problem]:
    if number.line:
        yield document.problem((index, "line"), "unknown key 'line'")
    if not number.example and not number.fact:
        yield document.problem((index,), "has neither an example nor a fact", "name at least one")
    if bool(number.example) is not bool(number.point and number.quantity):
        yield document.problem((index,), "needs all of example, point and quantity", "give them, or a fact alone")
    if number.quantity and number.quantity not in QUANTITIES:
        hint = did_you_mean(number.quantity, QUANTITIES)
        yield document.problem((index, "quantity"), f"unknown quantity {number.quantity!r}", hint)
    base = rows.get(number.against)
    if base and not base.as_unit:
        yield document.problem((index, "against"), f"row {base.id!r} is no unit", "give it as_unit")


def read_facts(layout: Layout, problems: list[Problem], stack: Stack | None = None) -> dict[str, Fact]:
    """The facts by id."""
    facts, document = read_list(layout, "facts", Fact, problems)
    for index, fact in facts:
        problems.extend(check_place(document, (index, "layer"), [fact.layer], stack))
    return {fact.id: fact for _, fact in facts}
