"""How a launch, or a whole example, ended. Only `ok` becomes a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

OutcomeName = Literal[
    "ok",
    "failed",
    "signal",
    "timeout",
    "silent",
    "out-of-memory",
    "output-cap",
    "no-result",
    "refused",
    "skipped",
]
OUTCOMES: tuple[str, ...] = get_args(OutcomeName)


@dataclass(frozen=True)
class Outcome:
    """`name` with the reason in words; `line` is the example's own line where it is known, else 0.

    `exit_code` is the process's, negative for a signal, None where no process ended by itself.
    `tail` is the end of what the process printed, cut with a visible mark.
    """

    name: OutcomeName
    reason: str = ""
    exit_code: int | None = None
    line: int = 0
    tail: str = ""

    @property
    def ok(self) -> bool:
        return self.name == "ok"

    @property
    def counts_as_failure(self) -> bool:
        """True for everything but `ok` and `skipped`."""
        return self.name not in ("ok", "skipped")

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.name}: {self.reason}{place}" if self.reason else f"{self.name}{place}"
