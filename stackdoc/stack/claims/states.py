"""The states of a claim: the fields that each requires or forbids, and its display name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem
from stackdoc.reading.document import Document
from stackdoc.stack.claims.types import Claim, State

NAMES: Mapping[State, str] = {
    "tested": "Tested here",
    "proxy": "Tested by proxy",
    "arithmetic": "Follows from arithmetic",
    "restated": "Restated, not tested",
}
NEEDS: Mapping[State, tuple[str, ...]] = {
    "tested": ("test", "predicate"),
    "proxy": ("test", "predicate", "shows"),
    "arithmetic": ("sum",),
    "restated": ("missing",),
}
MEANINGS: Mapping[str, str] = {  # what each field states
    "test": "how the predicate judges it, with the threshold in words",
    "predicate": "example, quantity, points, op and value",
    "shows": "what the proxy can and cannot show",
    "sum": "the sum in words that it follows from",
    "missing": "what would test it",
}
NOUNS = {
    "tested": "a tested claim",
    "proxy": "a proxy claim",
    "arithmetic": "an arithmetic claim",
    "restated": "a restated claim",
}


def check_state(entry: Document, claim: Claim) -> Iterator[Problem]:
    """Yield the fields that the state of the claim requires and lacks, and those that it does not allow."""
    needed = NEEDS[claim.state]
    for field, meaning in MEANINGS.items():
        given = bool(getattr(claim, field))
        if field in needed and not given:
            yield entry.problem((), f"{NOUNS[claim.state]} needs {field!r}", f"state {meaning}")
        elif given and field not in needed:
            states = " or ".join(state for state, fields in NEEDS.items() if field in fields)
            yield entry.problem(
                (field,), f"{NOUNS[claim.state]} has no {field!r}", f"leave it out, or give state: {states}"
            )
    for field, other in (("doubt", "answer"), ("answer", "doubt")):
        if getattr(claim, field) and not getattr(claim, other):
            yield entry.problem((field,), f"is given without {other!r}", "a doubt and its answer go together")
