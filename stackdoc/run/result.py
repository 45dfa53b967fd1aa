"""What a run came to, by example and in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision
from stackdoc.run.outcome import Outcome


@dataclass(frozen=True)
class Result:
    """One example on one device after a run: its outcome, and its record when that is ok."""

    example: str
    device: str
    outcome: Outcome
    record: Record | None
    seconds: float
    launches: int


@dataclass(frozen=True)
class Summary:
    """All decisions of a run, the results of those that said run, and what was wrong with stored records."""

    decisions: tuple[Decision, ...]
    results: tuple[Result, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def failures(self) -> tuple[Result, ...]:
        """Results that are neither ok nor skipped; any of them is exit code 1."""
        return tuple(result for result in self.results if result.outcome.counts_as_failure)

    @property
    def outcomes(self) -> Mapping[str, str]:
        """`example@device` to why it has no new record, for `Site.outcomes`: skips and failures."""
        skipped = {f"{d.example}@{d.device}": d.reason for d in self.decisions if d.action == "skip"}
        ended = {f"{r.example}@{r.device}": str(r.outcome) for r in self.results if not r.outcome.ok}
        return skipped | ended
