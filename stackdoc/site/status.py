"""Whether a record still is what the site says today, and if not, what took its place or why it was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stackdoc.model.record import Record
from stackdoc.plan.freshness import stale_by_files
from stackdoc.records.current import withdrawal
from stackdoc.site.site import Site

Word = Literal["current", "superseded", "older source", "no example", "withdrawn"]


@dataclass(frozen=True)
class Standing:
    """`reason` is for people; `newest` is the record that counts instead of this one, where there is one.

    A record that nothing superseded, but whose example has changed since, has the word `older source`.
    """

    word: Word
    reason: str
    newest: Record | None = None


def standing(site: Site, record: Record) -> Standing:
    """How the record stands among all records of its example, machine and device."""
    newest = site.current(record.example, site.machine_key(record), record.device)
    other = newest if newest is not None and newest.id != record.id else None
    if why := withdrawal(record, site.withdrawn):
        return Standing("withdrawn", f"withdrawn on {why}", other)
    if other is not None:
        return Standing("superseded", f"superseded by record {other.id} of {other.measured_at[:10]}", other)
    if record.example not in site.examples:
        return Standing("no example", f"the example {record.example} is no longer part of the site")
    stale = stale_by_files(record, site.examples[record.example])
    if stale:
        return Standing("older source", f"the one that counts, but measured on an older source: {'; '.join(stale)}")
    return Standing("current", "the record that counts for its example on its machine")


def vouched(site: Site, record: Record) -> str:
    """Who stands for the record."""
    contributor = site.contributor(record)
    return (
        f"contributed by {contributor}, not verified by {site.people}" if contributor else f"measured by {site.people}"
    )
