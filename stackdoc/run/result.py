"""The results of a run: of each example, and of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision
from stackdoc.run.outcome import Outcome


@dataclass(frozen=True)
class ExampleResult:
    """The outcome of one example on one device; `record` is None unless the outcome is ok."""

    example: str
    device: str
    outcome: Outcome
    record: Record | None
    seconds: float
    launches: int


@dataclass(frozen=True)
class RunSummary:
    """All decisions of a run, the results of the examples that ran, and the faults of stored records."""

    decisions: tuple[Decision, ...]
    results: tuple[ExampleResult, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def failures(self) -> tuple[ExampleResult, ...]:
        """The results that are neither ok nor skipped; with any of them the command exits with code 1."""
        return tuple(result for result in self.results if result.outcome.counts_as_failure)

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Why an `example@device` has no new record, for `Site.outcomes`: skips and failures."""
        skipped = {
            f"{decision.example}@{decision.device}": decision.reason
            for decision in self.decisions
            if decision.action == "skip"
        }
        not_ok = {
            f"{result.example}@{result.device}": str(result.outcome) for result in self.results if not result.outcome.ok
        }
        return skipped | not_ok
