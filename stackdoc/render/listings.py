"""Tables of what is not measured by an example: machines, cited facts, systems."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.current import HERE
from stackdoc.fact import Fact
from stackdoc.machine import Machine
from stackdoc.record import Record
from stackdoc.render.document import row_anchor
from stackdoc.render.html import element, join, line, link
from stackdoc.render.measured import date_of, unverified
from stackdoc.render.tables import NONE, table
from stackdoc.site import Site
from stackdoc.system import System

KINDS = {"datasheet": "data sheet", "paper": "paper", "report": "report", "derived": "derived"}


def machine_ids(site: Site) -> tuple[str, ...]:
    """Machines with a record, this checkout's own first."""
    own = {record.machine.id for record in site.records.values() if site.machine_key(record) == HERE}
    return tuple(sorted({record.machine.id for record in site.records.values()}, key=lambda id: (id not in own, id)))


def records_of(site: Site, machine: str) -> list[Record]:
    """Records of that class of machine, the newest first."""
    found = [record for record in site.records.values() if record.machine.id == machine]
    return sorted(found, key=lambda record: (record.measured_at, record.id), reverse=True)


def machines_table(site: Site) -> Markup:
    """All machines side by side: hardware, software of the newest record, how much was measured and when."""
    rows = []
    for id in machine_ids(site):
        found = records_of(site, id)
        newest, machine = found[0], found[0].machine
        here = any(site.machine_key(record) == HERE for record in found)
        rows.append(
            [
                element("a", line(machine.label) + unverified(site, found), href=f"/machines/{id}/"),
                join([id, element("span", "this machine", class_="sd-here")] if here else [id], " "),
                accelerators(machine) or NONE,
                f"{machine.memory_gib} GiB",
                newest.software.packages.get("torch", NONE),
                str(len({record.example for record in found})),
                date(date_of(newest)),
            ]
        )
    names = ["machine", "id", "accelerator", "memory", "PyTorch", "examples", "last measured (UTC)"]
    return table(
        [(name, name in ("memory", "examples")) for name in names], rows, "Machines measured so far.", stacked=True
    )


def accelerators(machine: Machine) -> str:
    return ", ".join(f"{one.count} × {one.name}, {one.memory_gib} GiB" for one in machine.accelerators)


def facts_table(facts: Iterable[Fact]) -> Markup:
    """Cited numbers: value and unit as printed, under which conditions, who says so and when."""
    rows = [
        [
            fact.quantity,
            element("span", fact_value(fact), id=f"fact-{fact.id}"),
            fact.conditions or NONE,
            join([link(fact.source, fact.url), f"({KINDS.get(fact.kind, fact.kind)})"], " "),
            date(fact.as_of),
        ]
        for fact in facts
    ]
    names = ["quantity", "value", "conditions", "source", "as of"]
    return table([(name, name == "value") for name in names], rows, "Cited, not measured here.", stacked=True)


def fact_value(fact: Fact) -> Markup:
    """The number as the source prints it, with its unit, marked as cited."""
    shown = f"{fact.value}\u00a0{fact.unit}" if fact.unit and fact.unit != "1" else fact.value
    return element("data", shown, class_="sd-fact", value=fact.value, data_fact=fact.id)


def systems_table(site: Site, layer: str) -> Markup:
    """Systems of the layer, those at home in it first: what they are, where else they stand, their dated state."""
    found = [system for system in site.systems.values() if layer in (system.layer, *system.also)]
    names = {place.id: place.name for place in site.stack.places}
    rows = []
    for system in sorted(found, key=lambda system: (system.layer != layer, system.name.lower())):
        others = [id for id in (system.layer, *system.also) if id != layer and id in names]
        rows.append(
            [
                element("a", system.name, href=address(site, system), id=f"system-{system.id}"),
                f"{system.kind}, {system.subkind}" if system.subkind else system.kind,
                join([qualified_link(mention) for mention in system.mentions], ", ") or NONE,
                join([element("a", names[id], href=f"/layers/{id}/") for id in others], ", ") or NONE,
                _status(system),
            ]
        )
    heads = [(name, False) for name in ("system", "kind", "named by", "also at", "state")]
    return table(heads, rows, f"Systems that the sources place in {names[layer]}.", stacked=True)


def qualified_link(qualified: str) -> Markup:
    """`8-layer:6`, leading to that row on the source's page."""
    source, _, label = qualified.partition(":")
    return element(
        "a", qualified, href=f"/sources/{source}/" + (f"#{row_anchor(label)}" if label else ""), class_="sd-code"
    )


def _status(system: System) -> Markup | str:
    if system.status is None:
        return NONE
    return join([link(system.status.state, system.status.source), date(f"({system.status.as_of})")], " ")


def has_page(site: Site, one: System) -> bool:
    """What an example runs, and what somebody wrote about, has a page of its own."""
    return bool(one.examples) or one.id in site.texts


def address(site: Site, one: System) -> str:
    return f"/systems/{one.id}/" if has_page(site, one) else f"/systems/#{one.id}"


def date(written: str) -> Markup:
    """A date, which stays on one line."""
    return element("span", written, class_="sd-date")
