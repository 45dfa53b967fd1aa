"""How a launch, or a whole example, ended. Only `ok` becomes a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True)
class Outcome:
    """How a launch or an example ended, with the reason in words.

    `line` is the line of the example where it failed, 0 if unknown. `exit_code` is that of the process, negative for
    a signal, None if no process exited. `tail` is the end of the process's output, with a mark where it was cut.
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
