"""A record that somebody else measured. It counts like any other, and every place that shows it says so."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "docs/data/contributed.yml"


@dataclass(frozen=True)
class Contribution:
    """`record` is the id of the record, `by` who measured it, `contact` how to reach them; both are published."""

    record: str
    by: str
    contact: str = ""
