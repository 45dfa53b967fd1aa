"""Read the claims, and check the layers, sources and examples that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.examples.read import header_problem, is_example
from stackdoc.machine.backends import DEVICES
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.collections import Listed, read_list
from stackdoc.reading.document import Document
from stackdoc.stack.claims.states import check_state
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.layers.references import check_place, check_rows
from stackdoc.stack.layers.types import Stack
from stackdoc.statistics.quantities import QUANTITIES


def read_claims(
    layout: Layout, problems: list[Problem], stack: Stack | None = None, examples: Mapping[str, Example] | None = None
) -> dict[str, Claim]:
    """Return the claims by id.

    With `stack` and `examples`, the names in them are checked, and so are the claims that the examples list.
    """
    claims = read_list(layout, "claims", Claim, problems)
    for entry, claim in claims.entries:
        problems.extend(check_place(entry, ("layer",), [claim.layer], stack))
        problems.extend(check_rows(entry, ("sources",), claim.sources, stack))
        problems.extend(check_state(entry, claim))
        problems.extend(_check_devices(entry, claim))
        if claim.predicate:
            problems.extend(_check_predicate(entry, claim.predicate))
            if examples is not None:
                problems.extend(_check_example(layout, entry, claim.predicate.example, examples))
    for example in (examples or {}).values():
        problems.extend(_check_header(example, claims))
    return {claim.id: claim for claim in claims.values}


def _check_header(example: Example, claims: Listed[Claim]) -> Iterator[Problem]:
    """Check that the header lists exactly the claims that the example judges."""
    predicates = {claim.id: claim.predicate for claim in claims.values}
    judged = {id for id, predicate in predicates.items() if predicate and predicate.example == example.id}
    for name in example.claims:
        if name not in claims.ids:
            hint = did_you_mean(name, claims.ids)
            yield header_problem(example, "claims", f"unknown claim {name!r}", hint)
        elif name in predicates and name not in judged:
            yield header_problem(example, "claims", f"claim {name!r} is not judged by this example", "remove it")
    for name in sorted(judged - {*example.claims}):
        yield header_problem(example, "claims", f"lacks the claim {name!r}, which this example judges", "add it")


def _check_predicate(entry: Document, predicate: Predicate) -> Iterator[Problem]:
    path = ("predicate",)
    if predicate.quantity not in QUANTITIES:
        hint = did_you_mean(predicate.quantity, QUANTITIES)
        yield entry.problem((*path, "quantity"), f"unknown quantity {predicate.quantity!r}", hint)
    if not predicate.points:
        yield entry.problem((*path, "points"), "is empty", "name the points it is judged on")
    if predicate.possible is not None:
        low, high = predicate.possible
        if not low < high:
            yield entry.problem((*path, "possible"), f"{low:g} is not below {high:g}", "write possible: [low, high]")
        elif not low < predicate.value < high:
            message = f"{predicate.value:g} is not strictly between {low:g} and {high:g}"
            yield entry.problem((*path, "possible"), message, "no outcome could be on one side of it")


def _check_devices(entry: Document, claim: Claim) -> Iterator[Problem]:
    for index, device in enumerate(claim.devices):
        if device not in DEVICES:
            yield entry.problem(("devices", index), f"unknown device {device!r}", did_you_mean(device, DEVICES))


def _check_example(layout: Layout, entry: Document, name: str, examples: Mapping[str, Example]) -> Iterator[Problem]:
    """Report an unknown example, except a script that could not be read: its own problems are reported."""
    path = f"{layout.examples}/{name}.py"
    if name not in examples and not ((layout / path).is_file() and is_example(layout.root, path)):
        hint = did_you_mean(name, examples)
        yield entry.problem(("predicate", "example"), f"unknown example {name!r}", hint)
