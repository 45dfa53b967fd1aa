"""What would run, be reused or be skipped, each with its reason in words. Decides; does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["run", "reuse", "skip"]


@dataclass(frozen=True)
class Decision:
    """One example on one device. `record` is the id of the record it reuses or replaces, else empty."""

    example: str
    device: str
    action: Action
    reason: str
    record: str = ""
