"""Tables of what is not measured by an example: machines, cited facts, systems."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.model.machine import Machine
from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.values.record_view import date_of, unverified_note
from stackdoc.site.site import Site


def machine_ids(site: Site) -> tuple[str, ...]:
    """Machines with a record, this checkout's own first."""
    own = {record.machine.id for record in site.records.values() if site.machine_key(record) == HERE}
    return tuple(sorted({record.machine.id for record in site.records.values()}, key=lambda id: (id not in own, id)))


def records_of(site: Site, machine: str) -> list[Record]:
    """Records of that class of machine: those that count first, then what the project vouches for, then the newest.

    So the first one's account of the machine is not that of a stranger where there is another.
    """
    found = [record for record in site.records.values() if record.machine.id == machine]

    def rank(one: Record) -> tuple[bool, bool, str, str]:
        return (one.id not in site.withdrawn, not site.contributor(one), one.measured_at, one.id)

    return sorted(found, key=rank, reverse=True)


def machines_table(site: Site) -> Markup:
    """All machines side by side: hardware, software of the newest record, how much was measured and when."""
    rows = []
    for id in machine_ids(site):
        found = records_of(site, id)
        newest, machine = found[0], found[0].machine
        here = any(site.machine_key(record) == HERE for record in found)
        rows.append(
            [
                element("a", line(machine.label) + unverified_note(site, found), href=f"/machines/{id}/"),
                join([id, element("span", "this machine", class_="sd-here")] if here else [id], " "),
                accelerators(machine) or NONE,
                f"{machine.memory_gib} GiB",
                newest.software.packages.get("torch", NONE),
                str(len({record.example for record in found if record.id not in site.withdrawn})),
                date(date_of(newest)),
            ]
        )
    names = ["machine", "id", "accelerator", "memory", "PyTorch", "examples", "last measured (UTC)"]
    return table(
        [(name, name in ("memory", "examples")) for name in names], rows, "Machines measured so far.", stacked=True
    )


def accelerators(machine: Machine) -> str:
    return ", ".join(f"{one.count} × {one.name}, {one.memory_gib} GiB" for one in machine.accelerators)


def date(written: str) -> Markup:
    """A date, which stays on one line."""
    return element("span", written, class_="sd-date")


def titled(site: Site, id: str) -> Markup:
    """The example by its title, a link to its page."""
    return element("a", site.examples[id].title if id in site.examples else id, href=f"/examples/{id}/")
