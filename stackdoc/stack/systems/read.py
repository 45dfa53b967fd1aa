"""Read `docs/data/systems.yml`, and check it against the stack, the examples and the environments."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.collections import Listed, read_list
from stackdoc.reading.decode import WEB
from stackdoc.reading.document import Document
from stackdoc.stack.layers.references import check_place, check_rows
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.systems.types import DAY, PLANNED, System, outdated


def read_systems(
    layout: Layout,
    problems: list[Problem],
    stack: Stack | None = None,
    examples: Mapping[str, Example] | None = None,
    environments: Collection[str] = (),
) -> dict[str, System]:
    """Return the systems by id; `mentions` also has every row of a merged source whose tools name the system."""
    systems = read_list(layout, "systems", System, problems)
    for entry, system in systems.entries:
        problems.extend(check_place(entry, ("layer",), [system.layer] if system.layer else [], stack))
        problems.extend(check_place(entry, ("also",), system.also, stack))
        problems.extend(check_rows(entry, ("mentions",), system.mentions, stack))
        problems.extend(_check_runs(entry, system, examples))
        problems.extend(_check_fields(entry, system, environments))
        if system.homonym_of and system.homonym_of not in systems.ids:
            hint = did_you_mean(system.homonym_of, systems.ids)
            problems.append(entry.problem(("homonym_of",), f"unknown system {system.homonym_of!r}", hint))
    if stack is None:
        return {system.id: system for system in systems.values}
    if systems.ids:
        problems.extend(_check_tools(systems, stack))
    return {system.id: _with_mentions(system, stack) for system in systems.values}


def _check_runs(entry: Document, system: System, examples: Mapping[str, Example] | None) -> Iterator[Problem]:
    """Check that the system has examples or a reason why none runs it, but not both."""
    for number, name in enumerate(system.examples):
        if examples is not None and name not in examples:
            hint = did_you_mean(name, examples)
            yield entry.problem(("examples", number), f"unknown example {name!r}", hint)
    if system.examples and system.runs:
        yield entry.problem(("runs",), "has examples and a reason why none runs it", "keep one of the two")
    if not system.examples and not system.runs:
        message = "has neither examples nor a reason why none runs it"
        yield entry.problem((), message, "name examples, or give the reason in runs")


def _check_fields(entry: Document, system: System, environments: Collection[str]) -> Iterator[Problem]:
    """Check home page, state and environment of the system."""
    if system.home and not WEB.fullmatch(system.home):
        hint = "it starts with https:// or http://"
        yield entry.problem(("home",), f"{system.home[:60]!r} is not a web address", hint)
    if system.status and not DAY.fullmatch(system.status.as_of):
        message = f"{system.status.as_of[:60]!r} is not a day or month"
        yield entry.problem(("status", "as_of"), message, "write YYYY-MM-DD or YYYY-MM")
    if system.status and not system.status.source.strip():
        yield entry.problem(("status", "source"), "is empty", "name the document that states it")
    if system.compared and system.mentions:
        message = "is true, although a source names the system"
        yield entry.problem(("compared",), message, "remove compared")
    known = {*environments, *PLANNED}
    if system.environment and system.environment not in known:
        hint = did_you_mean(system.environment, known)
        yield entry.problem(("environment",), f"unknown environment {system.environment!r}", hint)


def _with_mentions(system: System, stack: Stack) -> System:
    rows = [row.qualified for taxonomy in stack.taxonomies for row in taxonomy.layers if system.id in row.tools]
    return dataclasses.replace(system, mentions=tuple(dict.fromkeys([*system.mentions, *rows])))


def _check_tools(systems: Listed[System], stack: Stack) -> Iterator[Problem]:
    """Yield rows that name an unknown system, and mentions that the row does not confirm."""
    rows = {row.qualified: row for taxonomy in stack.sources for row in taxonomy.layers}
    files = {taxonomy.source.id: taxonomy.file for taxonomy in stack.sources}
    for row in rows.values():
        for tool in row.tools:
            if tool not in systems.ids:
                message = f"unknown system {tool!r} in row {row.qualified}"
                yield Problem(files[row.source], row.line, "tools", message, did_you_mean(tool, systems.ids))
    for entry, system in systems.entries:
        for number, mention in enumerate(system.mentions):
            if mention in rows and system.id not in rows[mention].tools:
                message = f"row {mention} does not name {system.id!r} among its tools"
                yield entry.problem(("mentions", number), message)


def old_statuses(layout: Layout, newest: str = "") -> list[Problem]:
    """Return a problem for each state last checked more than a year before `newest` or the newest one read."""
    systems = read_list(layout, "systems", System, [])
    entries = {system.id: entry for entry, system in systems.entries}
    return [
        entries[system.id].problem(
            ("status", "as_of"),
            f"the state of {system.id} was last checked on {system.status.as_of}, more than a year before {reference}",
            "check it, and give the new date and source",
        )
        for system, reference in outdated(systems.values, newest)
        if system.status
    ]
