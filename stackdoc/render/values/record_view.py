"""Records as pages show them: with the machine's label, staleness and roofs, and texts for each point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from stackdoc.model.machine import Machine
from stackdoc.model.record import Parameter, Point, Ratio, Record
from stackdoc.plan.freshness import stale_by_files
from stackdoc.records.current import CONTRIBUTED, HERE
from stackdoc.render.html.element import line
from stackdoc.site.labels import ParameterLabel
from stackdoc.site.site import Site, cached
from stackdoc.statistics import Figure, Summary, format_figure, quantity, sample, summarise
from stackdoc.statistics.interval import INTERVAL
from stackdoc.statistics.roofs import Roofs

NBSP = "\u00a0"


@dataclass(frozen=True)
class RecordView:
    """A record with what a page needs beside it.

    `key` is the machine's key on this site, `label` its name for people; `stale` are the reasons, from the files alone,
    why the record is out of date; `unrepeated` is the outcome of a newer run that gave no record. `labels` are how
    figures name parameters.
    """

    key: str
    label: str
    record: Record
    roofs: Roofs | None
    stale: tuple[str, ...]
    unrepeated: str = ""
    remarked: bool = False  # a remark was added to the record later
    has_example: bool = True  # the site has a page of its example
    labels: Mapping[str, ParameterLabel] = field(default_factory=dict)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the figures may be out of date."""
        older = tuple(f"out of date: {reason}" for reason in self.stale)
        return (*older, f"not re-measured: {self.unrepeated}") if self.unrepeated else older

    @property
    def date(self) -> str:
        return date_of(self.record)


@cached
def views(site: Site, example: str, device: str = "") -> tuple[RecordView, ...]:
    """Return the current record of the example on each machine and device, in the order of `machine_rank`."""
    stored = (record for record in site.by_example.get(example, ()) if device in ("", record.device))
    places = {(site.machine_key(record), record.device) for record in stored}
    devices = site.examples[example].devices if example in site.examples else ()

    def rank(pair: tuple[str, str]) -> tuple[bool, bool, str, int, str]:
        key, device = pair
        return *machine_rank(site, key), devices.index(device) if device in devices else 99, device

    newest = (site.current(example, key, device) for key, device in sorted(places, key=rank))
    return tuple(view_of(site, record) for record in newest if record is not None)


def machine_rank(site: Site, key: str) -> tuple[bool, bool, str]:
    """Return what sorts machine keys: the site's default first, and machines of contributed records last."""
    return key != site.default_machine, key.endswith(CONTRIBUTED), key


def view_of(site: Site, record: Record) -> RecordView:
    key = site.machine_key(record)
    same_class = key != HERE and record.machine.id in site.classes_here
    label = machine_label(site, record.machine, record.device) + (
        " (same class, another machine)" if same_class else ""
    )
    label += unverified_note(site, [record])
    example = site.examples.get(record.example)
    stale = () if example is None else stale_by_files(record, example)
    unrepeated = site.outcomes.get(f"{record.example}@{record.device}", "") if key == HERE else ""
    remarked = bool(site.remarks_on(record))
    roofs, known = site.roofs(record), example is not None
    return RecordView(key, label, record, roofs, stale, line(unrepeated), remarked, known, site.labels)


def machine_label(site: Site, machine: Machine, device: str) -> str:
    """Return the machine's name for people, with its id if another machine of the site has the same name."""
    label = line(machine.label_on(device))
    return f"{label} ({line(machine.id)})" if len(_ids_by_label(site).get(label, ())) > 1 else label


@cached
def _ids_by_label(site: Site) -> Mapping[str, frozenset[str]]:
    machines = {
        (record.machine, device)
        for (key, device), records in site.by_place.items()
        if not key.endswith(CONTRIBUTED)
        for record in records
    }
    labels = [(line(machine.label_on(device)), machine.id) for machine, device in machines]
    return {label: frozenset(id for other, id in labels if other == label) for label, _ in labels}


def missing(site: Site, example: str, machine: str, device: str = "") -> tuple[tuple[str, str], ...]:
    """Return (device, reason) for each device of the example without a record on the machine of that key."""
    reasons = []
    for name in site.examples[example].devices:
        if device not in ("", name) or site.current(example, machine, name) is not None:
            continue
        outcome = site.outcomes.get(f"{example}@{name}", "") if machine == HERE else ""
        needs = f"needs {name}" if name != "cpu" and not _has_accelerators(site, machine) else ""
        no_record = "no record of this machine" if machine == HERE else "no record"
        reasons.append((name, line(outcome or needs or no_record)))
    return tuple(reasons)


def _has_accelerators(site: Site, machine: str) -> bool:
    own = (records for (key, _), records in site.by_place.items() if key == machine)
    return any(record.machine.accelerators for records in own for record in records)


def unverified_note(site: Site, records: Iterable[Record]) -> str:
    """Return the note after a machine's name if all records shown are contributed."""
    shown = list(records)
    return " (contributed, unverified)" if shown and all(map(site.contributor, shown)) else ""


def date_of(record: Record) -> str:
    """Return the UTC date of the record, `YYYY-MM-DD`, or an empty string if it is malformed."""
    match = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", record.measured_at)
    return match[0] if match else ""


def record_path(id: str) -> str:
    return f"/r/{quote(id, safe='')}/"


def point_id(key: str) -> str:
    """Return a point's key as the `id` of an element, without white space."""
    return "_".join(line(key).split())


def anchor(key: str) -> str:
    """Return the fragment of an address for `point_id(key)`."""
    return quote(point_id(key), safe=";=._-+,")


def items(record: Record) -> Iterator[Point | Ratio]:
    yield from record.points
    yield from record.ratios


def point_label(record: Record, key: str) -> str:
    """Return `torch.mm, n = 1024`: the label, or else the name, with the parameters."""
    item = record.item(key)
    if item is None:
        return line(key)
    return ", ".join([line(item.label or item.name), *(parameter_text(*pair) for pair in item.parameters)])


def parameter_text(name: str, value: Parameter) -> str:
    """Return `n = 1024`, on one line; thousands are separated from five digits on."""
    return f"{line(name)} = {line(number_text(value))}".replace(" ", NBSP)


def number_text(value: Parameter) -> str:
    is_long = isinstance(value, int) and abs(value) >= 10_000
    return f"{value:,}".replace(",", "\u202f") if is_long else str(value)


def main_quantity(item: Point | Ratio) -> str:
    """Return the default quantity of a point: its time, its value, or the ratio."""
    if isinstance(item, Ratio):
        return "ratio"
    return "time" if item.kind == "time" else "value"


def figure_of(view: RecordView, key: str, name: str = "") -> Figure | None:
    """Return a figure of a point, or None if the record lacks it (no work stated, no roof measured)."""
    item = view.record.item(key)
    if item is None:
        return None
    return quantity(view.record, key, name or main_quantity(item), view.roofs)


def summary_of(item: Point | Ratio) -> Summary | None:
    return summarise(item) if isinstance(item, Point) and item.launches else None


def sample_text(summary: Summary) -> str:
    """Return the sample size, `9 launches × 40 blocks × 1 call`."""
    counts = [
        (summary.launches, "launch", "launches"),
        (summary.blocks, "block", "blocks"),
        (summary.calls, "call", "calls"),
    ]
    return " × ".join(
        f"{count}{NBSP}{singular if count == 1 else plural}" for count, singular, plural in counts if count
    )


def value_sentence(view: RecordView, key: str, name: str = "") -> str:
    """Return `3.29 ms (95 % interval 3.21 to 3.40 ms; 9 launches × 40 blocks × 1 call)`."""
    item, figure = view.record.item(key), figure_of(view, key, name)
    if item is None or figure is None:
        return ""
    summary = summary_of(item)
    notes = [interval_text(figure), sample_text(summary) if summary else ""]
    note_text = "; ".join(note for note in notes if note)
    return f"{format_figure(figure)} ({note_text})" if note_text else format_figure(figure)


def interval_text(figure: Figure) -> str:
    """Return `95 % interval 3.21 to 3.40 ms`, or why there is none."""
    bounds = _range(figure, " to ")
    if figure.low is not None and figure.low == figure.high:
        return "all launches agree"
    if bounds:
        return f"{INTERVAL.replace(' ', NBSP, 1)} {bounds}"
    return "best block, as the machine was shared" if figure.estimate == "best" else "no interval"


def range_text(view: RecordView, key: str, name: str = "") -> str:
    """Return `3.21 – 3.40 ms`, or a dash if there is no interval."""
    figure = figure_of(view, key, name)
    return (_range(figure, " – ") if figure else "") or "–"


def _range(figure: Figure, between: str) -> str:
    """Return both bounds to the digits of the figure, the unit once if they share it."""
    if figure.low is None or figure.high is None:
        return ""
    if figure.low == figure.high:
        return "all agree"
    low, high = (format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    unit = re.sub(r"^[^a-zA-Zµ%×]*", "", high)
    return f"{low.removesuffix(unit).rstrip() if unit else low}{between}{high}"


def launch_values(point: Point) -> tuple[float, ...]:
    """Return the value of each launch, in seconds or the point's own unit."""
    return tuple(sample(launch).value for launch in point.launches)
