"""The pages of the machines: what each is, what it reached, what was not measured there and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from stackdoc.machine import Machine, Software
from stackdoc.record import Record
from stackdoc.render import document, figures, tables
from stackdoc.render.html import element, line
from stackdoc.render.listings import machine_ids, machines_table, records_of
from stackdoc.render.measured import (
    Bench,
    benches,
    date_of,
    items,
    main_quantity,
    missing,
    point_label,
    range_text,
    record_path,
    unverified,
)
from stackdoc.render.page import Assets, Page
from stackdoc.render.points import chosen
from stackdoc.render.sources import TERSE
from stackdoc.render.tables import NONE, table
from stackdoc.render.value import linked
from stackdoc.site import HERE, Site


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
    label = re.sub(r"[<>&\"']+", " ", machine.label + unverified(site, found))  # themes print titles as they are
    here = any(site.machine_key(record) == HERE for record in found)
    every = [bench for example in _examples(found) for bench in benches(site, example) if bench.record.machine.id == id]
    blocks = [
        document.paragraph("This is the machine that built these pages.") if here else None,
        document.definitions(_identity(machine), TERSE),
        document.heading("Software", "software"),
        document.definitions(_software(newest.software), TERSE),
        document.heading("Roofs", "roofs"),
        *_roofs(site, every, assets),
        document.heading("What was measured", "measured"),
        _measured(every),
        document.heading("What was not measured", "not-measured"),
        _not_measured(site, HERE if here else id),
    ]
    return document.page(
        f"machines/{id}.md", label, f"{label}: {len(found)} records, newest {date_of(newest)}.", blocks
    )


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


def _roofs(site: Site, every: Sequence[Bench], assets: Assets | None) -> list[Markup]:
    """The measured ceilings; every share of a roof on this machine refers to them."""
    own = [
        bench for bench in every if bench.record.example in site.examples and site.examples[bench.record.example].roofs
    ]
    if not own:
        return [document.paragraph("No roof was measured on this machine.")]
    shown = []
    for bench in own:
        keys = chosen(bench.record, ())
        worked = [point.key for point in bench.record.points if point.work is not None and point.work.flop]
        if worked:
            options = figures.Options(caption="Rates reached by the roof measurements.", quantity="rate")
            shown.append(figures.figure(site.root, bench, "bars", worked, options, assets))
        shown.append(tables.points(bench, keys))
    return shown


def _measured(every: Sequence[Bench]) -> Markup:
    """Every figure of the machine, each with its interval and its record."""
    rows: list[list[object]] = []
    for bench in every:
        example = element("a", bench.record.example, href=f"/examples/{bench.record.example}/")
        record = element("a", bench.record.id, href=record_path(bench.record.id))
        for one in items(bench.record):
            name = main_quantity(one)
            number = linked(bench, one.key, name) or NONE
            label = point_label(bench.record, one.key)
            rows.append(
                [label, example, bench.record.device, number, range_text(bench, one.key, name), _stale(bench), record]
            )
    names = ["what", "example", "device", "value", "95 % interval", "state", "record"]
    return table([(name, name in ("value", "95 % interval")) for name in names], rows, "All figures of this machine.")


def _stale(bench: Bench) -> str:
    return "; ".join(bench.stale) or "current"


def _not_measured(site: Site, key: str) -> Markup:
    rows = [
        [element("a", example.title, href=f"/examples/{example.id}/"), device, reason]
        for example in sorted(site.examples.values(), key=lambda example: example.id)
        for device, reason in missing(site, example.id, key)
    ]
    if not rows:
        return document.paragraph("Every example was measured here on every device it supports.")
    return table([("example", False), ("device", False), ("reason", False)], rows, "What has no record here, and why.")
