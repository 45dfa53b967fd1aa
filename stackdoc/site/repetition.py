"""Which records repeat another one, by whom, and how their figures compare.

A record only names the one it repeats. Everything else is computed from the two records, so that no file can claim it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from stackdoc.machine.identity import alike
from stackdoc.model.record import Record
from stackdoc.records.vouched import UNKNOWN
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site, cached
from stackdoc.statistics import Comparison, compare
from stackdoc.statistics.comparison import MOVED

FEWEST_BLOCKS = 8  # of a launch whose times can't be the same by chance
Relation = Literal["reproduction", "repetition", "other machine"]


@dataclass(frozen=True)
class Repetition:
    """A `record` that repeats another one, made `by` somebody, with a comparison for each point of that one.

    It is a reproduction if another contributor, or another known key, ran the same source on the same class of machine;
    a repetition if the same one did, or somebody unknown.
    """

    record: Record
    by: str
    relation: Relation
    comparisons: tuple[Comparison, ...]

    @property
    def agrees(self) -> bool | None:
        """Whether no figure differs by more than the interval and 5 %; None if no two can be compared."""
        words = [comparison.word for comparison in self.comparisons if not comparison.refused]
        return not any(word in MOVED for word in words) if words else None

    @property
    def is_confirmation(self) -> bool:
        """Whether somebody else measured the same on the same class of machine."""
        return self.relation == "reproduction" and self.agrees is True

    @property
    def phrase(self) -> tuple[str, str]:
        """What was done, in the words before and after the name of who did it."""
        if self.relation == "other machine":
            return "run on another class of machine by", ""
        if self.relation == "repetition":
            return "repeated by", ""
        if self.agrees is None:
            return "run again by", ", without figures that can be compared"
        return ("reproduced by", "") if self.agrees else ("run again by", ", with a different result")


@cached
def repetitions(site: Site, id: str) -> tuple[Repetition, ...]:
    """Return the repetitions of a stored record, the oldest first.

    Withdrawn ones, those of another source and copies do not count.
    """
    record = site.records[id]
    counting = (other for other in _naming(site).get(record.sha256, ()) if not why_not_counted(site, record, other))
    return tuple(
        Repetition(other, maker(site, other), relation(site, record, other), compared(site, record, other))
        for other in sorted(counting, key=lambda other: (other.measured_at, other.id))
    )


def why_not_counted(site: Site, record: Record, other: Record) -> str:
    """Return why another record that names this one is not a repetition of it; empty if it is."""
    if not ran_same_source(site, record, other):
        return "it ran another source"
    return "it contains a launch of that record" if shares_samples(record, other) else ""


def original(site: Site, record: Record) -> Record | None:
    """Return the record that this one repeats; None if it names none, or one that the site does not have."""
    return site.record(record.repeats) if record.repeats else None


def maker(site: Site, record: Record) -> str:
    """Return who measured the record, as pages name them; nobody can take the name of the project's own people."""
    contributor = site.contributor(record)
    if contributor.casefold() == site.people.casefold():
        return f"{contributor} (contributor)"
    return contributor or site.people


def compared(site: Site, record: Record, other: Record) -> tuple[Comparison, ...]:
    """Compare each point of the record with that of another of the same source, whose digest may be of another kind."""
    base, history = replace(record.in_full(), digest=other.digest), run_history(site)
    return tuple(compare(base, other, point.key, history) for point in record.points)


def ran_same_source(site: Site, record: Record, other: Record) -> bool:
    """Whether both records ran the same files on the same kind of device.

    Early records have digests of another kind. Those are compared with the example as it is now.
    """
    if (record.example, record.device) != (other.example, other.device):
        return False
    if record.digest == other.digest:
        theirs = dict(other.closure)
        return all(theirs.get(path, digest) == digest for path, digest in record.closure)
    example = site.examples.get(record.example)
    return example is not None and all(example.matches(each.digest, each.closure) for each in (record, other))


def shares_samples(record: Record, other: Record) -> bool:
    """Whether a launch of one record is a copy of a launch of the other: no two processes take the same times."""
    ours, theirs = _samples(record), _samples(other)
    return not ours.isdisjoint(theirs)


def _samples(record: Record) -> set[tuple[int, ...]]:
    launches = (launch for point in record.in_full().points for launch in point.launches)
    return {launch.wall_ns for launch in launches if len(launch.wall_ns) >= FEWEST_BLOCKS}


def relation(site: Site, record: Record, other: Record) -> Relation:
    """Return what another record of the same source is to the record."""
    if not alike(record.machine, other.machine):
        return "other machine"
    return "repetition" if _is_same_maker(site, record, other) else "reproduction"


def _is_same_maker(site: Site, record: Record, other: Record) -> bool:
    """Whether the same one measured both, or somebody unknown one of them.

    A key tells more than a name, which anyone can write: who has signed both is the same one under any name.
    """
    names = [site.contributor(each).casefold() for each in (record, other)]
    first, second = (site.signature(each) for each in (record, other))
    if first.key and first.key == second.key:
        return True
    if first.counts and second.counts:
        return first.signer == second.signer
    return names[0] == names[1] or UNKNOWN in names


@cached
def _naming(site: Site) -> Mapping[str, tuple[Record, ...]]:
    """Return the records that are not withdrawn by the digest of the record that they name."""
    naming: dict[str, list[Record]] = defaultdict(list)
    for record in site.records.values():
        if record.repeats and record.id not in site.withdrawn:
            naming[record.repeats].append(record)
    return {digest: tuple(records) for digest, records in naming.items()}


def in_words(repeated: Iterable[Repetition]) -> Iterator[str]:
    """Yield who ran a record again and with what result: `reproduced by A. Person and B. Other`."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in repeated:
        names[each.phrase].append(each.by)
    for (before, after), people in names.items():
        *others, last = dict.fromkeys(people)
        yield f"{before} {' and '.join(filter(None, [', '.join(others), last]))}{after}"
