"""What was learnt of a record after it was made: that it no longer counts, what it measured, who handed it in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Withdrawal:
    """`record` is the id of the record withdrawn, `date` the day (`YYYY-MM-DD`), `reason` a sentence for its page."""

    record: str
    date: str
    reason: str


@dataclass(frozen=True)
class Remark:
    """`text` says of `records` (ids) what was learnt later of some of their points, on the day `date` (`YYYY-MM-DD`).

    `points` are names of points or whole keys; none: the record as a whole.
    """

    records: tuple[str, ...]
    date: str
    text: str
    points: tuple[str, ...] = ()

    def concerns(self, record: str, key: str) -> bool:
        """Whether it speaks of that point, or of the record as a whole."""
        return record in self.records and (not self.points or key in self.points or key.split(";")[0] in self.points)


@dataclass(frozen=True)
class Contribution:
    """`record` is the id of the record, `by` who measured it, `contact` how to reach them; both are published."""

    record: str
    by: str
    contact: str = ""
