"""A review of records that somebody offers: what is new, what it changes, what looks odd, what it reproduces.

The records are imported into a temporary copy of the project, so that a review refuses what an import would refuse.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from stackdoc.errors import Problem, StackdocError
from stackdoc.git import checked_out, commit_named
from stackdoc.model.record import Record
from stackdoc.project import SUMMARIES, Layout
from stackdoc.records.arrival import import_bundle
from stackdoc.records.current import CONTRIBUTED
from stackdoc.records.sanity import CLOCK_SKEW
from stackdoc.records.signatures.signature import BUNDLE, checked
from stackdoc.records.signatures.signed import allowed_signers
from stackdoc.render.trial import try_records
from stackdoc.site.repetition import Repetition, original, repetitions, why_not_counted
from stackdoc.site.site import Site
from stackdoc.verification.oddity import oddities
from stackdoc.verification.offer import Offer


@dataclass(frozen=True)
class Reviewed:
    """One record offered: what an import says of it, what looks odd, and the repetition that it is, if it is one.

    `repeats` is the record that it repeats; `why_not` says why it is not counted as a repetition, empty if it is.
    """

    record: Record
    by: str
    notes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    repeats: Record | None = None
    repetition: Repetition | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Review:
    """The review of an offer. `refused` is what an import refuses, `changed` which figures of the project it changes.

    `known` counts the records that are stored already; `pages` are the pages that change.
    """

    name: str
    records: tuple[Reviewed, ...]
    known: int
    pages: tuple[str, ...]
    refused: tuple[Problem, ...]
    changed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.refused and not self.changed


def review(site: Site, offer: Offer, now: datetime, pages_with: Callable[[str], list[str]]) -> Review:
    """Review the offer. `pages_with` returns the pages that authors wrote and that mention an example.

    Nothing is computed from records that an import refuses.
    """
    notes, refused = _imported(site, offer, now)
    new = {id: record for id, record in offer.records.items() if id not in site.records}
    contributed = {id: offer.contributed[id] for id in new if id in offer.contributed}
    after = replace(site, records={**site.records, **new}, contributed={**site.contributed, **contributed})
    return Review(
        offer.name,
        tuple(_reviewed(after, record, notes.get(id)) for id, record in new.items()),
        len(offer.records) - len(new),
        tuple(sorted(set(_pages(site, after, new, pages_with)))),
        (*offer.problems, *refused, *_expired(site.layout, offer, now)),
        tuple(_changed(site, after)),
    )


def _imported(site: Site, offer: Offer, now: datetime) -> tuple[dict[str, tuple[str, ...]], tuple[Problem, ...]]:
    """Import the bundles into copies of the project; return what is noted of each record, and why some are refused."""
    notes: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for bundle in offer.bundles:
        try:
            with _copy(site.layout) as there:
                arrivals = import_bundle(there, bundle, site.examples, now, try_records)
                notes |= {it.record.id: (f"bundle {it.signature}", *it.notes) for it in arrivals}
        except StackdocError as error:
            problems += error.problems
    return notes, tuple(problems)


def _expired(layout: Layout, offer: Offer, now: datetime) -> Iterator[Problem]:
    """Yield the signatures on a branch that count another time than now: its author chose the time of their import."""
    allowed = allowed_signers(layout, [])
    for stored in offer.signed:
        then, today = (checked(*stored.statement, allowed, BUNDLE, at) for at in (stored.at, now))
        if (then.state, then.signer) != (today.state, today.signer) or stored.at > now + CLOCK_SKEW:
            message = f"{then} at the time of its name, but {today} now"
            yield Problem(stored.file, 0, "", message, "import the bundle instead of merging the branch")


@contextmanager
def _copy(layout: Layout) -> Iterator[Layout]:
    """Yield a temporary copy of the project's records and lists, with the history of its repository if it has one."""
    with checked_out(layout.root, commit_named(layout.root, "HEAD")) as root:
        if root is not None:
            with suppress(OSError):  # the digests of files that passed all checks save a minute
                (root / SUMMARIES).parent.mkdir(exist_ok=True)
                shutil.copyfile(layout / SUMMARIES, root / SUMMARIES)
            yield replace(layout, root=root)
            return
    with TemporaryDirectory(prefix="stackdoc-") as directory:
        if (layout / layout.own).is_dir():
            shutil.copytree(layout / layout.own, Path(directory) / layout.own, symlinks=True)
        yield replace(layout, root=Path(directory))


def _reviewed(site: Site, record: Record, notes: tuple[str, ...] | None) -> Reviewed:
    """Return the review of one record; `notes` is None if an import refuses it."""
    if notes is None:
        return Reviewed(record, site.contributor(record))
    reviewed = Reviewed(record, site.contributor(record), notes, tuple(oddities(site, record)))
    if not record.repeats:
        return reviewed
    if (repeated := original(site, record)) is None:
        return replace(reviewed, why_not="the record that it repeats is not stored here")
    found = [each for each in repetitions(site, repeated.id) if each.record.id == record.id]
    why = why_not_counted(site, repeated, record)
    return replace(reviewed, repeats=repeated, repetition=found[0] if found else None, why_not=why)


def _pages(site: Site, after: Site, new: Mapping[str, Record], pages_with: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield the pages that change: of the records, of what they are about, and those that show their example."""
    for record in new.values():
        yield f"/r/{record.id}/"
        yield f"/machines/{record.machine.id}/"
        if record.example in site.examples:
            yield f"/examples/{record.example}/"
        if repeated := original(after, record):
            yield f"/r/{repeated.id}/"
    for example in {record.example for record in new.values()}:
        yield from pages_with(example)


def _changed(site: Site, after: Site) -> Iterator[str]:
    """Yield the figures of the project's own that another record would replace, or whose roofs would be others."""
    for record in site.records.values():
        key = site.machine_key(record)
        if key.endswith(CONTRIBUTED):
            continue
        place = (record.example, key, record.device)
        before, now = site.current(*place), after.current(*place)
        if before is record and now is not before:
            other = now.id if now else "nothing"
            yield f"{record.example} on {record.device}: {other} would replace record {record.id}"
        if record.roofs not in site.records and record.roofs in after.records:
            yield f"{record.example} on {record.device}: record {record.id} would refer to the roofs of {record.roofs}"
