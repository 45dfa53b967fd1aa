"""Bring the records of this checkout up to date: plan, run what is stale, store what came out ok."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stackdoc.errors import Problem
from stackdoc.plan import Decision
from stackdoc.record import Record
from stackdoc.run.outcome import Outcome
from stackdoc.run.progress import Progress


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


def bring_up_to_date(
    root: Path,
    *,
    profile: Literal["quick", "full"] = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Runs every example whose record of this machine is missing or stale, one launch at a time.

    `patterns` are shell patterns or prefixes of example ids (none: all), `devices` restricts the
    devices (none: all that the examples declare), `again` runs the fresh ones too. New records are
    on disk and in the ledger as soon as their example ends. Raises StackdocError for a pattern
    that fits no example and when another run holds the checkout; a failing example raises nothing.
    """
    raise NotImplementedError
