"""The most telling result of a layer, and the reader of `docs/data/results.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackdoc.errors import Problem, did_you_mean
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.claims.verdict import ANSWERS, required_answers
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack

ALWAYS = "always"  # the only key of `says` if no claim judges the result


@dataclass(frozen=True)
class LayerResult:
    """`id` is the layer's. `number` answers `question`, and `of` says in a few words what it is a number of.

    `says` has a sentence for each outcome of `claim`, or one for `always` without a claim. `number`, `of` and the
    sentences are Markdown with roles. `section` is an anchor on the layer's page.
    """

    id: str
    question: str
    number: str
    of: str
    says: Mapping[str, str]
    section: str
    claim: str = ""

    @property
    def address(self) -> str:
        return f"/layers/{self.id}/#{self.section}"


def read_results(
    layout: Layout, problems: list[Problem], stack: Stack | None, claims: Mapping[str, Claim]
) -> dict[str, LayerResult]:
    """Return the results by layer."""
    results = read_list(layout, "results", LayerResult, problems)
    for entry, result in results.entries:
        problems.extend(check_place(entry, ("id",), [result.id], stack))
        problems.extend(_check_outcomes(entry, result, claims))
    return {result.id: result for result in results.values}


def _check_outcomes(entry: Document, result: LayerResult, claims: Mapping[str, Claim]) -> Iterator[Problem]:
    """Check that the claim has verdicts, and that each outcome of it has a sentence."""
    allowed: tuple[str, ...] = (ALWAYS,)
    required: tuple[str, ...] = (ALWAYS,)
    if result.claim:
        claim = claims.get(result.claim)
        if claim is None:
            yield entry.problem(("claim",), f"unknown claim {result.claim!r}", did_you_mean(result.claim, claims))
            return
        if claim.predicate is None:
            yield entry.problem(("claim",), f"{result.claim!r} has no verdict: its state is {claim.state}")
            return
        allowed, required = ANSWERS, required_answers(claim)
    for key in result.says:
        if key not in allowed:
            yield entry.problem(("says", key), f"unknown outcome {key!r}", did_you_mean(key, allowed))
    if missing := [key for key in required if key not in result.says]:
        yield entry.problem(("says",), f"lacks the outcome {', '.join(map(repr, missing))}", "write a sentence for it")
