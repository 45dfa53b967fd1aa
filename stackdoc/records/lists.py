"""Reads the lists of withdrawn and contributed records."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.project import Layout
from stackdoc.reading.collections import LISTED, read_list

DATE_HINT = "write YYYY-MM-DD"


def read_withdrawals(
    layout: Layout, problems: list[Problem], records: Iterable[str] | None = None
) -> dict[str, Withdrawal]:
    """Return the withdrawals by the id of their record, which must be in `records` if given."""
    withdrawals: dict[str, Withdrawal] = {}
    known = None if records is None else set(records)
    for entry, withdrawal in read_list(layout, "withdrawn", Withdrawal, problems).entries:
        id = withdrawal.record
        if known is not None and id not in known:
            problems.append(entry.problem(("record",), f"unknown record {id[:60]!r}", did_you_mean(id, known)))
        if id in withdrawals:
            problems.append(entry.problem(("record",), f"record {id[:60]!r} is withdrawn twice"))
        if not is_date(withdrawal.date):
            problems.append(entry.problem(("date",), f"{withdrawal.date[:60]!r} is not a date", DATE_HINT))
        withdrawals[id] = withdrawal
    return withdrawals


def read_contributions(layout: Layout, problems: list[Problem]) -> dict[str, Contribution]:
    """Return the contributions by the id of their record, which need not be stored yet."""
    contributions: dict[str, Contribution] = {}
    for entry, contribution in read_list(layout, "contributed", Contribution, problems, LISTED).entries:
        id = contribution.record
        if id in contributions:
            problems.append(entry.problem(("record",), f"duplicate record {id[:60]!r}"))
        contributions[id] = contribution
    return contributions


def is_date(text: str) -> bool:
    """Whether the text is a date as `YYYY-MM-DD`."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
