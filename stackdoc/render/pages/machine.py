"""The pages of the machines: what each is, what it reached, what was not measured there and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.render.figures import svg
from stackdoc.render.figures.axes import unit_for
from stackdoc.render.html import document, tables
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages import comparisons
from stackdoc.render.pages.listings import machine_ids, machines_table, records_of
from stackdoc.render.values.machine_switch import Choice, choices, variants
from stackdoc.render.values.points import selected_keys
from stackdoc.render.values.record_view import (
    NBSP,
    RecordView,
    date_of,
    items,
    main_quantity,
    missing,
    point_label,
    range_text,
    record_path,
    unverified_note,
    views,
)
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """`machines/index.md` and `machines/<id>.md` for each machine with a record."""
    return (_index(site), *(_page(site, id, assets) for id in machine_ids(site)))


def _index(site: Site) -> Page:
    blocks = [
        document.paragraph(
            "A machine is a class of hardware: its page holds what was measured on any machine of that class. "
            "A driver or library update is new software on the same machine."
        ),
        machines_table(site) if site.records else document.paragraph("No machine was measured yet."),
    ]
    return document.page("machines/index.md", "Machines", "Every machine that was measured, side by side.", blocks)


def _page(site: Site, id: str, assets: Assets | None) -> Page:
    found = records_of(site, id)
    newest, machine = found[0], found[0].machine
    alike = [one for one in machine_ids(site) if records_of(site, one)[0].machine.label == machine.label]
    name = machine.label if alike == [id] else f"{machine.label} ({id})"
    label = re.sub(r"[<>&\"']+", " ", name + unverified_note(site, found))  # themes print titles as they are
    here = any(site.machine_key(record) == HERE for record in found)
    every = [view for example in _examples(found) for view in views(site, example) if view.record.machine.id == id]
    blocks = [
        document.paragraph("This is the machine that built these pages.") if here else None,
        document.definitions(_identity(machine), TERSE),
        document.heading("Software", "software"),
        document.definitions(_software(newest.software), TERSE),
        document.heading("Roofs", "roofs"),
        *_roofs(site, every, assets),
        document.heading("What was measured", "measured"),
        _measured(every),
        document.heading("What it can be compared with", "compared"),
        comparisons.of_machine(site, HERE if here else id),
        document.heading("What was not measured", "not-measured"),
        _not_measured(site, HERE if here else id),
    ]
    withdrawn = sum(record.id in site.withdrawn for record in found)
    marked = f", {withdrawn} of them withdrawn" if withdrawn else ""
    description = f"{label}: {len(found)} records{marked}, newest {date_of(newest)}."
    return document.page(f"machines/{id}.md", label, description, blocks)


def _examples(found: Iterable[Record]) -> list[str]:
    return sorted({record.example for record in found})


def _identity(machine: Machine) -> list[tuple[object, object]]:
    caches = [("L1d", machine.l1d_bytes), ("L2", machine.l2_bytes), ("L3", machine.l3_bytes)]
    rows: list[tuple[object, object]] = [
        ("Id", element("code", machine.id)),
        (
            "Processor",
            f"{machine.cpu} ({line(f'{machine.vendor} {machine.microarchitecture}')}, {machine.architecture})",
        ),
        ("Cores", str(machine.cores)),
        ("Memory", f"{machine.memory_gib} GiB"),
        ("Caches", ", ".join(f"{name} {_bytes(size)}" for name, size in caches if size)),
        ("Vector instructions", ", ".join(machine.isa)),
        ("Virtual machine", machine.virtual),
    ]
    for one in machine.accelerators:
        units = f", {one.units} units" if one.units else ""
        rows.append(("Accelerator", f"{one.count} × {one.name}, {one.architecture}, {one.memory_gib} GiB{units}"))
    return rows


def _bytes(size: int) -> str:
    return f"{size / 2**20:g} MiB" if size >= 2**20 else f"{size / 2**10:g} KiB"


def _software(software: Software) -> list[tuple[object, object]]:
    packages = ", ".join(f"{name} {version}" for name, version in sorted(software.packages.items()))
    environment = ", ".join(f"{name}={value}" for name, value in sorted(software.environment.items()))
    return [
        ("System", f"{software.system}, kernel {software.kernel}"),
        ("Python", software.python),
        ("Driver", software.driver),
        ("Packages", packages),
        ("Environment", environment),
        ("stackdoc", software.stackdoc),
    ]


def card(site: Site) -> Markup | None:
    """The roofs of the machine chosen, for the margin of a page; nothing where none was measured on any."""
    shown = variants(site, _card(site, choices(site)[0]), lambda choice: _card(site, choice), "div")
    return element("div", shown, class_="sd-card") if "<dd>" in shown else None


def _card(site: Site, choice: Choice) -> Markup:
    own = site.by_place.get((choice.machine, choice.device), ())
    roofs = next((found for record in own if (found := site.roofs(record))), None)
    if roofs is None:
        return element("p", f"No roof was measured on {choice.label}.")
    rows = [(f"{dtype} product", _rounded(rate, "FLOP/s")) for dtype, rate in roofs.rates]
    rows += [("memory", _rounded(rate, "B/s")) for _, rate in roofs.bandwidths[-1:]]
    rows += [("dispatch", _rounded(roofs.dispatch, "s"))] if roofs.dispatch else []
    link = element("a", "The roofs", href=record_path(roofs.record))
    threads = document.count(site.records[roofs.record].threads, "thread")
    said = element("p", link, f" of {choice.label}, {threads}:")
    return join([said, document.definitions(rows, "sd-card__roofs")])


def _rounded(value: float, unit: str) -> str:
    """Three digits: a bound has no interval that would say how many count."""
    factor, prefixed = unit_for([value], unit)
    return f"{float(f'{value * factor:.3g}'):g}{NBSP}{prefixed}"


def _roofs(site: Site, every: Sequence[RecordView], assets: Assets | None) -> list[Markup]:
    """The measured ceilings; every share of a roof on this machine refers to them."""
    own = [view for view in every if view.record.example in site.examples and site.examples[view.record.example].roofs]
    if not own:
        return [document.paragraph("No roof was measured on this machine.")]
    shown = []
    for view in own:
        keys = selected_keys(view.record, ())
        worked = [point.key for point in view.record.points if point.work is not None and point.work.flop]
        if worked:
            options = svg.Options(caption="Rates reached by the roof measurements.", quantity="rate")
            shown.append(svg.figure(site.root, view, "bars", worked, options, assets))
        shown.append(element("div", tables.points(view, keys), class_="sd-measurements"))
    return shown


def _measured(every: Sequence[RecordView]) -> Markup:
    """Every figure of the machine, each with its interval and its record; an example a fold."""
    return join(element("details", *_of_example(view), class_="sd-data") for view in every)


def _of_example(view: RecordView) -> tuple[Markup, Markup]:
    rows: list[list[object]] = []
    for one in items(view.record):
        name = main_quantity(one)
        number = linked(view, one.key, name) or NONE
        rows.append([point_label(view.record, one.key), number, range_text(view, one.key, name)])
    record = view.record
    example = element("a", record.example, href=f"/examples/{record.example}/")
    source = element("a", f"record {record.id}", href=record_path(record.id))
    caption = join([example, ", ", source, f", {'; '.join(view.doubts) or 'current'}."])
    said = f"{record.example}, {record.device}, {view.date}: {document.count(len(rows), 'figure')}"
    shown = table([("what", False), ("value", True), ("95 % interval", True)], rows, caption)
    return element("summary", said), shown


def _not_measured(site: Site, key: str) -> Markup:
    rows = [
        [element("a", example.title, href=f"/examples/{example.id}/"), device, reason]
        for example in sorted(site.examples.values(), key=lambda example: example.id)
        for device, reason in missing(site, example.id, key)
    ]
    if not rows:
        return document.paragraph("Every example was measured here on every device it supports.")
    return table([("example", False), ("device", False), ("reason", False)], rows, "What has no record here, and why.")
