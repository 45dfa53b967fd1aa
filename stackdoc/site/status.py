"""The status of a record: current, superseded, of an older source, or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stackdoc.model.record import Record
from stackdoc.plan.freshness import stale_by_files
from stackdoc.records.current import withdrawal
from stackdoc.site.repetition import repetitions
from stackdoc.site.site import Site

Word = Literal["current", "superseded", "older source", "no example", "withdrawn"]


@dataclass(frozen=True)
class RecordStatus:
    """`word` with its `reason` in a sentence; `newest` is the record that counts instead of this one, if there is one.

    `older source` is a record that nothing superseded, but whose example has changed since.
    """

    word: Word
    reason: str
    newest: Record | None = None


def status_of(site: Site, record: Record) -> RecordStatus:
    """Return the status of the record among all records of its example, machine and device."""
    newest = site.current(record.example, site.machine_key(record), record.device)
    other = newest if newest is not None and newest.id != record.id else None
    if why := withdrawal(record, site.withdrawn):
        return RecordStatus("withdrawn", f"withdrawn on {why}", other)
    if other is not None:
        return RecordStatus("superseded", f"superseded by record {other.id} of {other.measured_at[:10]}", other)
    if record.example not in site.examples:
        return RecordStatus("no example", f"the example {record.example} is no longer part of the site")
    stale = stale_by_files(record, site.examples[record.example])
    if stale:
        return RecordStatus("older source", f"the one that counts, but measured on an older source: {'; '.join(stale)}")
    if site.contributor(record):
        return RecordStatus("current", "the contributed record that is shown for its example on its machine")
    return RecordStatus("current", "the record that counts for its example on its machine")


def attribution(site: Site, record: Record) -> str:
    """Return who measured the record, and whether this site's people have verified a contributed one."""
    contributor = site.contributor(record)
    if not contributor:
        return f"measured by {site.people}"
    agreeing = (each.record for each in repetitions(site, record.id) if each.is_confirmation)
    verified = "reproduced by" if any(not site.contributor(other) for other in agreeing) else "not verified by"
    return f"contributed by {contributor}, {verified} {site.people}"
