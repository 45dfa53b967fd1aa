"""Read the facts, and the rows of the page of numbers, and check what they refer to."""

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
from stackdoc.statistics.quantities import QUANTITIES


def read_numbers(
    layout: Layout,
    problems: list[Problem],
    stack: Stack | None,
    examples: Mapping[str, Example],
    facts: Mapping[str, Fact],
) -> dict[str, Number]:
    """Return the rows by id, in the order of the file. Whether a point exists is checked later, with the records."""
    numbers = read_list(layout, "numbers", Number, problems)
    rows = {number.id: number for number in numbers.values}
    for entry, number in numbers.entries:
        problems.extend(check_place(entry, ("layer",), [number.layer], stack))
        problems.extend(_check_number(entry, number, rows))
        for key, known in (("example", examples), ("fact", facts), ("against", rows)):
            name = str(getattr(number, key))
            if name and name not in known:
                problems.append(entry.problem((key,), f"unknown {key} {name!r}", did_you_mean(name, known)))
    return {
        number.id: dataclasses.replace(number, line=entry.line(("point" if number.point else "id",)))
        for entry, number in numbers.entries
    }


def _check_number(entry: Document, number: Number, rows: Mapping[str, Number]) -> Iterator[Problem]:
    if number.line:
        yield entry.problem(("line",), "unknown key 'line'")
    if not number.example and not number.fact:
        yield entry.problem((), "has neither an example nor a fact", "name at least one")
    if bool(number.example) is not bool(number.point and number.quantity):
        yield entry.problem((), "needs all of example, point and quantity", "give them, or a fact alone")
    if number.quantity and number.quantity not in QUANTITIES:
        hint = did_you_mean(number.quantity, QUANTITIES)
        yield entry.problem(("quantity",), f"unknown quantity {number.quantity!r}", hint)
    base = rows.get(number.against)
    if base and not base.as_unit:
        yield entry.problem(("against",), f"row {base.id!r} has no as_unit", "add as_unit to that row")


def read_facts(layout: Layout, problems: list[Problem], stack: Stack | None = None) -> dict[str, Fact]:
    """Return the facts by id."""
    facts = read_list(layout, "facts", Fact, problems)
    for entry, fact in facts.entries:
        problems.extend(check_place(entry, ("layer",), [fact.layer], stack))
    return {fact.id: fact for fact in facts.values}
