"""The pages of the machines: hardware, software, roofs, measurements, and what was not measured and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.render.figures import svg
from stackdoc.render.html import document, tables
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages.compare.sides import of_machine
from stackdoc.render.pages.listings import machine_ids, machines_table, records_of, rounded
from stackdoc.render.values.arrangement import accelerator_memory, topology_text
from stackdoc.render.values.machine_switch import PART, Choice, choices, roofs_on, variants
from stackdoc.render.values.points import selected_keys
from stackdoc.render.values.record_view import (
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
from stackdoc.statistics.interval import INTERVAL


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """Return `machines/index.md`, and `machines/<id>.md` for each machine with a record."""
    return (_index(site), *(_page(site, id, assets) for id in machine_ids(site)))


def _index(site: Site) -> Page:
    blocks = [
        document.paragraph(
            "A machine is a class of hardware: its page shows what was measured on any machine of that class. "
            "An update of a driver or library does not make it another machine."
        ),
        machines_table(site) if site.records else document.paragraph("No machine has been measured yet."),
    ]
    return document.page("machines/index.md", "Machines", "All machines with measurements, side by side.", blocks)


def _page(site: Site, id: str, assets: Assets | None) -> Page:
    records = records_of(site, id)
    newest, machine = records[0], records[0].machine
    same_label = [other for other in machine_ids(site) if records_of(site, other)[0].machine.label == machine.label]
    name = machine.label if same_label == [id] else f"{machine.label} ({id})"
    label = re.sub(r"[<>&\"']+", " ", name + unverified_note(site, records))  # themes don't escape titles
    here = any(site.machine_key(record) == HERE for record in records)
    key = HERE if here else site.machine_key(newest)
    every = [view for example in _examples(records) for view in views(site, example) if view.record.machine.id == id]
    shown = [view for view in every if not site.contributor(view.record)] or every
    blocks = [
        document.paragraph("This is the machine that built these pages.") if here else None,
        document.definitions(_identity(machine), TERSE),
        document.heading("Software", "software"),
        document.definitions(_software(newest.software), TERSE),
        document.heading("Roofs", "roofs"),
        *_roofs(site, shown, assets),
        document.heading("What was measured", "measured"),
        _measured(shown),
        document.heading("Comparisons with it", "compared"),
        of_machine(site, key),
        document.heading("What was not measured", "not-measured"),
        _not_measured(site, key),
    ]
    withdrawn = sum(record.id in site.withdrawn for record in records)
    note = f", {withdrawn} of them withdrawn" if withdrawn else ""
    description = f"{label}: {document.count(len(records), 'record')}{note}, newest {date_of(newest)}."
    return document.page(f"machines/{id}.md", label, description, blocks)


def _examples(records: Iterable[Record]) -> list[str]:
    return sorted({record.example for record in records})


def _identity(machine: Machine) -> list[tuple[object, object]]:
    caches = [("L1d", machine.l1d_bytes), ("L2", machine.l2_bytes), ("L3", machine.l3_bytes)]
    rows: list[tuple[object, object]] = [
        ("Id", element("code", machine.id)),
        (
            "Processor",
            f"{machine.cpu} ({line(f'{machine.vendor} {machine.microarchitecture}')}, {machine.architecture})",
        ),
        ("Cores", str(machine.cores)),
        ("Arrangement", topology_text(machine)),
        ("Memory", f"{machine.memory_gib} GiB"),
        ("Caches", ", ".join(f"{name} {_bytes(size)}" for name, size in caches if size)),
        ("Vector instructions", ", ".join(machine.isa)),
        ("Virtual machine", machine.virtual),
    ]
    for accelerator in machine.accelerators:
        units = f", {accelerator.units} units" if accelerator.units else ""
        parts = (
            f"{accelerator.count} × {accelerator.name}",
            accelerator.architecture,
            f"{accelerator_memory(accelerator)}{units}",
        )
        rows.append(("Accelerator", line(", ".join(filter(None, parts)))))
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
    """Return the roofs of the chosen machine, for the margin of a page, or None if no machine has any."""
    shown = variants(site, _card(site, choices(site)[0]), lambda choice: _card(site, choice), "div")
    return element("div", shown, class_="sd-card") if "<dd>" in shown else None


def _card(site: Site, choice: Choice) -> Markup:
    roofs = roofs_on(site, choice)
    if roofs is None:
        return element("p", f"No roof was measured on {choice.label}.")
    rows = [(f"{dtype} product", rounded(rate, "FLOP/s")) for dtype, rate in roofs.rates]
    rows += [("memory", rounded(rate, "B/s")) for _, rate in roofs.bandwidths[-1:]]
    rows += [("dispatch", rounded(roofs.dispatch, "s"))] if roofs.dispatch else []
    link = element("a", "The roofs", href=record_path(roofs.record))
    threads = document.count(site.records[roofs.record].threads, "thread")
    caption = element("p", link, f" of {choice.label}, {threads}:")
    return join([caption, document.definitions(rows, "sd-card__roofs")])


def _roofs(site: Site, views: Sequence[RecordView], assets: Assets | None) -> list[Markup]:
    """Return the measured roofs, which every share of a roof on this machine refers to."""
    of_roofs = [
        view for view in views if view.record.example in site.examples and site.examples[view.record.example].roofs
    ]
    if not of_roofs:
        return [document.paragraph("No roof was measured on it.")]
    blocks = []
    for view in of_roofs:
        keys = selected_keys(view.record, ())
        worked = [point.key for point in view.record.points if point.work is not None and point.work.flop]
        if worked:
            caption = "Rates reached by the roof measurements."
            options = svg.FigureOptions(caption=caption, quantity="rate", tabled=True)
            blocks.append(svg.figure(site.root, view, "bars", worked, options, assets))
        blocks.append(element("div", tables.points(view, keys), class_="sd-measurements"))
    return blocks


def _measured(views: Sequence[RecordView]) -> Markup:
    """Return every figure of the machine with its interval and record, a fold for each example."""
    return join(element("details", *_of_example(view), class_="sd-data") for view in views)


def _of_example(view: RecordView) -> tuple[Markup, Markup]:
    rows: list[list[object]] = []
    for item in items(view.record):
        name = main_quantity(item)
        number = linked(view, item.key, name) or NONE
        rows.append([point_label(view.record, item.key), number, range_text(view, item.key, name)])
    record = view.record
    example = element("a", record.example, href=f"/examples/{record.example}/")
    source = element("a", f"record {record.id}", href=record_path(record.id))
    caption = join([example, ", ", source, f", {'; '.join(view.doubts) or 'current'}."])
    summary = f"{record.example}, {record.device}, {view.date}: {document.count(len(rows), 'figure')}"
    figures = table([("what", False), ("value", True), (INTERVAL, True)], rows, caption)
    return element("summary", summary), PART.format(figures)


def _not_measured(site: Site, key: str) -> Markup:
    rows = [
        [element("a", example.title, href=f"/examples/{example.id}/"), device, reason]
        for example in sorted(site.examples.values(), key=lambda example: example.id)
        for device, reason in missing(site, example.id, key)
    ]
    if not rows:
        return document.paragraph("Every example has been measured here on every device it supports.")
    return table(
        [("example", False), ("device", False), ("reason", False)],
        rows,
        "Examples without a record of it, and the reason.",
    )
