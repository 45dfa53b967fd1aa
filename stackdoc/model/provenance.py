"""A record that no longer counts. It keeps its address, and its page says why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Withdrawal:
    """`record` is the id of the record withdrawn, `date` the day (`YYYY-MM-DD`), `reason` a sentence for its page."""

    record: str
    date: str
    reason: str


@dataclass(frozen=True)
class Contribution:
    """`record` is the id of the record, `by` who measured it, `contact` how to reach them; both are published."""

    record: str
    by: str
    contact: str = ""
