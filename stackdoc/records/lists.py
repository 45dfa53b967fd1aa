"""Which records were withdrawn, and which were contributed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list


def read_withdrawals(
    layout: Layout, problems: list[Problem], records: Iterable[str] | None = None
) -> dict[str, Withdrawal]:
    """The withdrawals by the id of their record, which must be one of `records` when given: a record stays."""
    withdrawals = read_list(layout, "withdrawn", Withdrawal, problems)
    found: dict[str, Withdrawal] = {}
    known = None if records is None else set(records)
    for entry, one in withdrawals.entries:
        if known is not None and one.record not in known:
            hint = did_you_mean(one.record, known)
            problems.append(entry.problem(("record",), f"unknown record {one.record[:60]!r}", hint))
        if one.record in found:
            problems.append(entry.problem(("record",), f"record {one.record[:60]!r} is withdrawn twice"))
        if not is_day(one.date):
            problems.append(entry.problem(("date",), f"{one.date[:60]!r} is no day", "write YYYY-MM-DD"))
        found[one.record] = one
    return found


def read_contributions(layout: Layout, problems: list[Problem]) -> dict[str, Contribution]:
    """Who contributed a record, by its id. A record that is not there yet may be in the list."""
    contributions = read_list(layout, "contributed", Contribution, problems)
    found: dict[str, Contribution] = {}
    for entry, one in contributions.entries:
        if one.record in found:
            problems.append(entry.problem(("record",), f"record {one.record[:60]!r} stands twice"))
        found[one.record] = one
    return found


def is_day(text: str) -> bool:
    """Whether the text is a date as `YYYY-MM-DD`."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
