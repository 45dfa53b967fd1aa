"""What looks odd in a record that somebody offers: nothing here proves it wrong, and a reviewer may ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from stackdoc.git import git, has_commit
from stackdoc.machine.identity import alike
from stackdoc.model.record import TIME_FORMAT, Record
from stackdoc.run.assemble import above_roof
from stackdoc.site.repetition import compared, ran_same_source, shares_samples
from stackdoc.site.site import Site
from stackdoc.statistics import Comparison, format_ratio, summarise
from stackdoc.statistics.comparison import MOVED
from stackdoc.statistics.samples import sample

CLOCK_SLACK_SECONDS = 2.0  # times in records are whole seconds
MOST_DISTURBED = 0.25  # of the launches of a point


def oddities(site: Site, record: Record) -> Iterator[str]:
    """Yield sentences about a record of the site: roofs, clocks, copies, outliers, disturbed launches."""
    for reason in above_roof(record, site.roofs(record)):
        yield f"faster than the machine: {reason}"
    if record.points and site.roofs(record) is None and any(example.roofs for example in site.examples.values()):
        yield "no roofs of its machine are known, so its figures can't be compared with them"
    yield from _of_clocks(site, record)
    for other in _others(site, record):
        if shares_samples(record, other):
            yield f"contains a launch of record {other.id}"
    yield from _outliers(site, record)
    yield from _disturbed(record)


def _of_clocks(site: Site, record: Record) -> Iterator[str]:
    """Yield times that contradict each other: of the record, of its launches, of its commit."""
    starts = sorted(launch.started for point in record.points for launch in point.launches)
    if not starts:
        return
    if starts[0] < record.measured_at:
        yield f"a launch started at {starts[0]}, before the record's date, {record.measured_at}"
    launches = [launch for point in record.points for launch in point.launches]
    last = sum(sum(launch.wall_ns) for launch in launches if launch.started == starts[-1]) * 1e-9
    busy = sum(sum(launch.wall_ns) for launch in launches) * 1e-9 - last
    between = (_time(starts[-1]) - _time(starts[0])).total_seconds()
    if busy > between + CLOCK_SLACK_SECONDS:
        yield f"its blocks take {busy:.0f} s, but its launches started within {between:.0f} s"
    known = has_commit(site.root, record.commit)
    committed = git(site.root, "show", "--no-patch", "--format=%ct", record.commit) if known else None
    if committed and (at := datetime.fromtimestamp(int(committed), UTC).strftime(TIME_FORMAT)) > record.measured_at:
        yield f"is dated {record.measured_at}, before its commit, {at}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _others(site: Site, record: Record) -> Iterator[Record]:
    """Yield the other records of the same source and device."""
    others = (other for other in site.by_example.get(record.example, ()) if other.id != record.id)
    return (other for other in others if ran_same_source(site, record, other))


def _outliers(site: Site, record: Record) -> Iterator[str]:
    """Yield figures that differ from the newest of the project's own on the same class of machine."""
    own = [
        other
        for other in _others(site, record)
        if not site.contributor(other) and other.id not in site.withdrawn and alike(other.machine, record.machine)
    ]
    newest = max(own, key=lambda other: (other.measured_at, other.id), default=None)
    for comparison in compared(site, newest, record) if newest else ():
        if comparison.word in MOVED:
            yield f"{_against(comparison)} than in record {newest.id if newest else ''} of the same class of machine"


def _against(comparison: Comparison) -> str:
    return f"{comparison.key}: {format_ratio(comparison)}, {comparison.word}"


def _disturbed(record: Record) -> Iterator[str]:
    for point in record.points:
        if not point.launches:
            continue
        share = 1 - sum(sample(launch).counts for launch in point.launches) / len(point.launches)
        if share > MOST_DISTURBED or summarise(point).quality == "shared":
            yield f"{point.key}: {100 * share:.0f} % of the launches were disturbed"
