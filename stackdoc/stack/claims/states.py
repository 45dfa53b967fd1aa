"""The states of a claim: what each of them needs, what it must not have, and its name for people."""

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
SAYS: Mapping[str, str] = {  # what the fields that a state asks for are there to say
    "test": "how the predicate judges it, with the threshold in words",
    "predicate": "example, quantity, points, op and value",
    "shows": "what the proxy can and cannot show",
    "sum": "the sum in words that it follows from",
    "missing": "what would test it",
}
A = {
    "tested": "a tested claim",
    "proxy": "a proxy",
    "arithmetic": "a claim of arithmetic",
    "restated": "a restated one",
}


def check_state(entry: Document, claim: Claim) -> Iterator[Problem]:
    """What the state of the claim lacks, and what does not go with it."""
    needed = NEEDS[claim.state]
    for field, meaning in SAYS.items():
        given = bool(getattr(claim, field))
        if field in needed and not given:
            yield entry.problem((), f"{A[claim.state]} needs {field!r}", f"say in it {meaning}")
        elif given and field not in needed:
            states = " or ".join(state for state, fields in NEEDS.items() if field in fields)
            yield entry.problem(
                (field,), f"{A[claim.state]} has no {field!r}", f"leave it out, or give state: {states}"
            )
    for field, other in (("doubt", "answer"), ("answer", "doubt")):
        if getattr(claim, field) and not getattr(claim, other):
            yield entry.problem((field,), f"stands without {other!r}", "a doubt and its answer go together")
