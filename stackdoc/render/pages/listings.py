"""The table of machines, and parts that several pages share."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.model.machine import Machine
from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.render.figures.axes import unit_for
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.values.arrangement import accelerator_memory
from stackdoc.render.values.record_view import NBSP, date_of, unverified_note
from stackdoc.site.site import Site

ROOFS = ("float32 product", "memory bandwidth", "dispatch")


def machine_ids(site: Site) -> tuple[str, ...]:
    """Return the ids of machines with a record, this one first."""
    here = {record.machine.id for record in site.records.values() if site.machine_key(record) == HERE}
    return tuple(sorted({record.machine.id for record in site.records.values()}, key=lambda id: (id not in here, id)))


def records_of(site: Site, machine: str) -> list[Record]:
    """Return the records of that machine: valid before withdrawn, the project's before contributed, newest first.

    So the description of the machine, taken from the first, is the project's own if possible.
    """
    records = [record for record in site.records.values() if record.machine.id == machine]

    def rank(record: Record) -> tuple[bool, bool, str, str]:
        return (record.id not in site.withdrawn, not site.contributor(record), record.measured_at, record.id)

    return sorted(records, key=rank, reverse=True)


def machines_table(site: Site) -> Markup:
    """Return the table of machines: their roofs, what each has measured, and when it was last measured."""
    rows = []
    for id in machine_ids(site):
        records = records_of(site, id)
        newest, machine = records[0], records[0].machine
        here = any(site.machine_key(record) == HERE for record in records)
        rows.append(
            [
                element("a", line(machine.label) + unverified_note(site, records), href=f"/machines/{id}/"),
                join([id, element("span", "this machine", class_="sd-here")] if here else [id], " "),
                *_roofs(site, records),
                str(len({record.example for record in records if record.id not in site.withdrawn})),
                str(len({record.example for record in records if record.profile == "full"})),
                date(date_of(newest)),
            ]
        )
    words = ("machine", "id", "last measured (UTC)")
    names = ["machine", "id", *ROOFS, "examples", "of them full", "last measured (UTC)"]
    return table([(name, name not in words) for name in names], rows, "Machines measured so far.", stacked=True)


def _roofs(site: Site, records: Iterable[Record]) -> list[str]:
    """Return the newest roofs of the machine, preferring those of an accelerator."""
    known = [(record.device == "cpu", roofs) for record in records if (roofs := site.roofs(record))]
    if not known:
        return [NONE] * len(ROOFS)
    _, roofs = min(known, key=lambda entry: entry[0])
    rate, bandwidth = roofs.flops("float32"), roofs.bandwidths[-1][1] if roofs.bandwidths else None
    values = ((rate, "FLOP/s"), (bandwidth, "B/s"), (roofs.dispatch, "s"))
    return [rounded(value, unit) if value else NONE for value, unit in values]


def rounded(value: float, unit: str) -> str:
    """Return three digits: a bound has no interval that would decide how many are significant."""
    factor, prefixed = unit_for([value], unit)
    return f"{float(f'{value * factor:.3g}'):g}{NBSP}{prefixed}"


def accelerators(machine: Machine) -> str:
    return ", ".join(
        f"{accelerator.count} × {accelerator.name}, {accelerator_memory(accelerator)}"
        for accelerator in machine.accelerators
    )


def date(day: str) -> Markup:
    """Return a date that does not break across lines."""
    return element("span", day, class_="sd-date")


def titled(site: Site, id: str) -> Markup:
    """Return a link to the page of the example, with its title."""
    return element("a", site.examples[id].title if id in site.examples else id, href=f"/examples/{id}/")
