"""Records in their setting: whose they are, in words, and what can be said of each of their points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from stackdoc.model.machine import Machine
from stackdoc.model.record import Parameter, Point, Ratio, Record
from stackdoc.plan.freshness import stale_by_files
from stackdoc.records.current import HERE
from stackdoc.render.html.element import line
from stackdoc.site.site import Site, once
from stackdoc.statistics import Figure, Summary, format_figure, quantity, sample, summarise
from stackdoc.statistics.roofs import Roofs

NBSP = "\u00a0"


@dataclass(frozen=True)
class RecordView:
    """A record on its machine. `key` is the machine's key on this site, `label` its name for people,
    `stale` are the reasons that the files give why it may no longer hold, `unrepeated` is how a new run ended without
    a record."""

    key: str
    label: str
    record: Record
    roofs: Roofs | None
    stale: tuple[str, ...]
    unrepeated: str = ""
    remarked: bool = False  # something was learnt of the record later

    @property
    def doubts(self) -> tuple[str, ...]:
        """In words, why the figures may not be those of here and now."""
        older = tuple(f"measured on an older state: {reason}" for reason in self.stale)
        return (*older, f"not re-measured: {self.unrepeated}") if self.unrepeated else older

    @property
    def date(self) -> str:
        return date_of(self.record)


@once
def views(site: Site, example: str, device: str = "") -> tuple[RecordView, ...]:
    """The newest record of the example on each machine and device, those of the site's default machine first."""
    stored = (record for record in site.by_example.get(example, ()) if device in ("", record.device))
    found = {(site.machine_key(record), record.device) for record in stored}
    devices = site.examples[example].devices if example in site.examples else ()

    def place(pair: tuple[str, str]) -> tuple[bool, str, int, str]:
        key, device = pair
        return key != site.default_machine, key, devices.index(device) if device in devices else 99, device

    newest = (site.current(example, key, device) for key, device in sorted(found, key=place))
    return tuple(view_of(site, record) for record in newest if record is not None)


def view_of(site: Site, record: Record) -> RecordView:
    key = site.machine_key(record)
    twin = key != HERE and record.machine.id in site.classes_here
    label = machine_label(site, record.machine, record.device) + (" (same class, another machine)" if twin else "")
    label += unverified_note(site, [record])
    example = site.examples.get(record.example)
    stale = () if example is None else stale_by_files(record, example)
    unrepeated = site.outcomes.get(f"{record.example}@{record.device}", "") if key == HERE else ""
    remarked = bool(site.remarks_on(record))
    return RecordView(key, label, record, site.roofs(record), stale, line(unrepeated), remarked)


def machine_label(site: Site, machine: Machine, device: str) -> str:
    """The machine's name for people, with its id where another machine on the site has the same name."""
    label = line(machine.label_on(device))
    return f"{label} ({line(machine.id)})" if len(_ids_by_label(site).get(label, ())) > 1 else label


@once
def _ids_by_label(site: Site) -> Mapping[str, frozenset[str]]:
    machines = {(record.machine, device) for (_, device), records in site.by_place.items() for record in records}
    labels = [(line(machine.label_on(device)), machine.id) for machine, device in machines]
    return {label: frozenset(id for one, id in labels if one == label) for label, _ in labels}


def missing(site: Site, example: str, machine: str, device: str = "") -> tuple[tuple[str, str], ...]:
    """(device, reason) for each device of the example without a record on the machine of that key."""
    gaps = []
    for name in site.examples[example].devices:
        if device not in ("", name) or site.current(example, machine, name) is not None:
            continue
        outcome = site.outcomes.get(f"{example}@{name}", "") if machine == HERE else ""
        needs = f"needs {name}" if name != "cpu" and not _has_accelerators(site, machine) else ""
        none = "no record of this machine" if machine == HERE else "no record of it"
        gaps.append((name, line(outcome or needs or none)))
    return tuple(gaps)


def _has_accelerators(site: Site, machine: str) -> bool:
    own = (records for (key, _), records in site.by_place.items() if key == machine)
    return any(record.machine.accelerators for records in own for record in records)


def unverified_note(site: Site, records: Iterable[Record]) -> str:
    """What stands behind a machine's name where all of the records shown were handed in."""
    found = list(records)
    return " (contributed, unverified)" if found and all(map(site.contributor, found)) else ""


def date_of(record: Record) -> str:
    """The UTC day of the record, `YYYY-MM-DD`; empty when it names none."""
    found = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", record.measured_at)
    return found[0] if found else ""


def record_path(id: str) -> str:
    return f"/r/{quote(id, safe='')}/"


def point_id(key: str) -> str:
    """A point's key as the `id` of an element: without white space."""
    return "_".join(line(key).split())


def anchor(key: str) -> str:
    """The fragment of an address that leads to `point_id(key)`."""
    return quote(point_id(key), safe=";=._-+,")


def items(record: Record) -> Iterator[Point | Ratio]:
    yield from record.points
    yield from record.ratios


def point_label(record: Record, key: str) -> str:
    """`torch.mm, n = 1024`: the label, or the name, with the parameters."""
    found = record.item(key)
    if found is None:
        return line(key)
    return ", ".join([line(found.label or found.name), *(parameter_text(*pair) for pair in found.parameters)])


def parameter_text(name: str, value: Parameter) -> str:
    """`n = 1024`, on one line; thousands apart from five digits on."""
    shown = f"{value:,}".replace(",", "\u202f") if isinstance(value, int) and abs(value) >= 10_000 else value
    return f"{line(name)} = {line(shown)}".replace(" ", NBSP)


def main_quantity(found: Point | Ratio) -> str:
    """What a point is about when nobody says: its time, its value, or the ratio."""
    if isinstance(found, Ratio):
        return "ratio"
    return "time" if found.kind == "time" else "value"


def figure_of(view: RecordView, key: str, name: str = "") -> Figure | None:
    """The figure of a point, or None where the record does not hold it (no work stated, no roof measured)."""
    found = view.record.item(key)
    if found is None:
        return None
    return quantity(view.record, key, name or main_quantity(found), view.roofs)


def summary_of(found: Point | Ratio) -> Summary | None:
    return summarise(found) if isinstance(found, Point) and found.launches else None


def sample_text(summary: Summary) -> str:
    """`9 launches × 40 blocks × 1 call`: how many times the thing was run for this figure."""
    counts = [
        (summary.launches, "launch", "launches"),
        (summary.blocks, "block", "blocks"),
        (summary.calls, "call", "calls"),
    ]
    return " × ".join(f"{count}{NBSP}{one if count == 1 else many}" for count, one, many in counts if count)


def value_sentence(view: RecordView, key: str, name: str = "") -> str:
    """`3.29 ms (95 % interval 3.21 to 3.40 ms; 9 launches × 40 blocks × 1 call)`."""
    found, figure = view.record.item(key), figure_of(view, key, name)
    if found is None or figure is None:
        return ""
    summary = summary_of(found)
    notes = [interval_text(figure), sample_text(summary) if summary else ""]
    noted = "; ".join(note for note in notes if note)
    return f"{format_figure(figure)} ({noted})" if noted else format_figure(figure)


def interval_text(figure: Figure) -> str:
    """`95 % interval 3.21 to 3.40 ms`, or why there is none."""
    bounds = _range(figure, " to ")
    if figure.low is not None and figure.low == figure.high:
        return "all launches agree"
    if bounds:
        return f"95{NBSP}% interval {bounds}"
    return "best seen, as the machine was shared" if figure.estimate == "best" else "no interval"


def range_text(view: RecordView, key: str, name: str = "") -> str:
    """`3.21 – 3.40 ms`, a dash where there is no interval."""
    figure = figure_of(view, key, name)
    return (_range(figure, " – ") if figure else "") or "–"


def _range(figure: Figure, between: str) -> str:
    """Both bounds to the digits of the figure, the unit once where they share it."""
    if figure.low is None or figure.high is None:
        return ""
    if figure.low == figure.high:
        return "all agree"
    low, high = (format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    unit = re.sub(r"^[^a-zA-Zµ%×]*", "", high)
    return f"{low.removesuffix(unit).rstrip() if unit else low}{between}{high}"


def launch_values(point: Point) -> tuple[float, ...]:
    """What each launch says, in seconds or the point's own unit; the dots of a figure."""
    return tuple(sample(launch).value for launch in point.launches)
