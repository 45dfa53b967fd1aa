"""What can be compared: machines and devices in pairs, and the two profiles of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from markupsafe import Markup

from stackdoc.model.record import Point, Record
from stackdoc.records.current import current_records
from stackdoc.render.html import document
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import choices
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site, cached
from stackdoc.statistics import Comparison, compare


@dataclass(frozen=True, eq=False)
class ComparedSide:
    """One side of a comparison: a machine and device, or one profile of it; `records` are by example."""

    key: str
    label: str
    records: Mapping[str, Record]


@dataclass(frozen=True)
class ComparedExample:
    """An example that both sides measured, with the points that both records have."""

    id: str
    base: Record
    other: Record
    comparisons: tuple[Comparison, ...]

    def point(self, comparison: Comparison) -> Point:
        point = self.base.point(comparison.key)
        assert point is not None
        return point

    @property
    def timings(self) -> tuple[Comparison, ...]:
        """The comparisons of times that have a ratio."""
        return tuple(
            comparison
            for comparison in self.comparisons
            if comparison.ratio is not None and self.point(comparison).kind == "time"
        )


@dataclass(frozen=True)
class ComparedPair:
    """Two sides; `other` is compared with `base`."""

    base: ComparedSide
    other: ComparedSide

    @property
    def address(self) -> str:
        return f"compare/{self.other.key}-against-{self.base.key}"

    @property
    def title(self) -> str:
        machine = self.base.label.removesuffix(", quick runs")
        if self.other.label == f"{machine}, full runs":
            return f"{machine}: full runs against quick runs"
        return f"{self.other.label}, against {self.base.label}"

    @property
    def common(self) -> tuple[str, ...]:
        """The examples that both sides measured."""
        return tuple(sorted(self.base.records.keys() & self.other.records.keys()))


def pairs(site: Site) -> tuple[ComparedPair, ...]:
    """Return every pair of machines that share an example, then both profiles of each machine."""
    return (*machine_pairs(site), *profile_pairs(site))


@cached
def machine_pairs(site: Site) -> tuple[ComparedPair, ...]:
    """Return every pair of machines and devices that share an example. The first of the choices is the base."""
    sides = [_side(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site)]
    return tuple(pair for base, other in combinations(sides, 2) if (pair := ComparedPair(base, other)).common)


@cached
def profile_pairs(site: Site) -> tuple[ComparedPair, ...]:
    """Return the quick and the full runs of each machine and device that has both of some example."""
    profiles = (_profiles(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site))
    return tuple(pair for pair in profiles if pair.common)


def _side(site: Site, machine: str, device: str, key: str, label: str) -> ComparedSide:
    current = ((example, site.current(example, machine, device)) for example in sorted(site.examples))
    return ComparedSide(key, label, {example: record for example, record in current if record is not None})


def _profiles(site: Site, machine: str, device: str, key: str, label: str) -> ComparedPair:
    def side(profile: str) -> ComparedSide:
        of_profile = {id: record for id, record in site.records.items() if record.profile == profile}
        current = current_records(of_profile, site.examples, site.measured_here, site.withdrawn, site.contributed)
        records = {example: record for (example, *place), record in current.items() if place == [machine, device]}
        return ComparedSide(f"{key}.{profile}", f"{label}, {profile} runs", records)

    return ComparedPair(side("quick"), side("full"))


@cached
def examples_of(site: Site, pair: ComparedPair) -> tuple[ComparedExample, ...]:
    """Return each example that both sides measured."""
    return tuple(_compared(site, id, pair.base.records[id], pair.other.records[id]) for id in pair.common)


def _compared(site: Site, id: str, base: Record, other: Record) -> ComparedExample:
    measured = {point.key for point in other.points if point.launches}
    keys = [point.key for point in base.points if point.launches and point.key in measured]
    return ComparedExample(id, base, other, tuple(compare(base, other, key, run_history(site)) for key in keys))


def of_machine(site: Site, machine: str) -> Markup:
    """Return links to the comparisons of the machine with others and of its profiles."""
    own_pairs = [
        pair for pair in pairs(site) if any(side.key.startswith(f"{machine}.") for side in (pair.base, pair.other))
    ]
    links = [element("a", pair.title, href=f"/{pair.address}/") for pair in own_pairs]
    return document.listing(links) or document.paragraph(
        "None yet: no other machine has a record of the same examples."
    )
