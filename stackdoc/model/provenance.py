"""What is known about a record besides its content: its withdrawal, later remarks, and who contributed it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Withdrawal:
    """`record` is the id of the withdrawn record, `date` the day (`YYYY-MM-DD`), `reason` a sentence for its page."""

    record: str
    date: str
    reason: str


@dataclass(frozen=True)
class Remark:
    """What was learnt later about `records` (ids): `text`, on the day `date` (`YYYY-MM-DD`).

    `points` are names or keys of the points concerned; empty: the records as a whole.
    """

    records: tuple[str, ...]
    date: str
    text: str
    points: tuple[str, ...] = ()

    def concerns(self, record: str, key: str) -> bool:
        """Whether the remark is about that point, or about the record as a whole."""
        return record in self.records and (not self.points or key in self.points or key.split(";")[0] in self.points)


@dataclass(frozen=True)
class Contribution:
    """`record` is the record's id, `by` who measured it, `contact` how to reach them; both are published."""

    record: str
    by: str
    contact: str = ""
