"""`stackdoc machine`: show this machine and what was measured on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.project import Layout
from stackdoc.render.values.arrangement import allotment_text, topology_text

if TYPE_CHECKING:
    from stackdoc.model.machine import Machine, Software
    from stackdoc.model.record import Record
    from stackdoc.statistics.roofs import Roofs

KIB, MIB = 1 << 10, 1 << 20
IMPORTED = ("numpy", "torch")  # an example that times an import labels the point `import torch`


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the identity as JSON, as stored in records.")
@click.pass_obj
def command(layout: Layout, as_json: bool) -> None:
    """Show this machine and what was measured on it.

    Prints its identity and software, and the roofs and import times measured here. For what was not measured, the
    command that measures it is shown. The identity is that of a class of machines: it contains no host name,
    address or serial number. The id is the one that the records of the project use for this class.
    """
    import json

    from stackdoc.machine import this_allotment, this_machine, this_software
    from stackdoc.machine.identity import known_as
    from stackdoc.records import store
    from stackdoc.records.ledger import measured_here
    from stackdoc.records.vouched import contributions

    records = store.read_all(layout, [])
    contributed = contributions(layout, [], records, measured_here(layout, records))
    own = (record.machine for id, record in records.items() if id not in contributed)
    machine = known_as(this_machine(), own)
    if as_json:
        print_document(json.dumps(asdict(machine), indent=1) + "\n")
        return
    software = software_lines(this_software(("numpy", "scipy", "torch")))
    for line in (*identity(machine), f"  may use       {allotment_text(this_allotment())}", "", *software):
        echo(line)
    echo(f"  network   {network()}")
    for line in (*measurements(layout, records), ""):
        echo(line)


def identity(machine: Machine) -> Iterator[str]:
    yield f"{machine.id}: {machine.label}"
    caches = [("L1d", machine.l1d_bytes), ("L2", machine.l2_bytes), ("L3", machine.l3_bytes)]
    yield from _aligned(
        [
            ("processor", f"{machine.cpu} ({machine.microarchitecture or 'unknown design'}, {machine.architecture})"),
            ("caches", ", ".join(f"{name} {size // KIB} KiB" for name, size in caches if size)),
            ("extensions", " ".join(machine.isa)),
            ("arrangement", topology_text(machine)),
            ("virtual", machine.virtual or "no"),
            ("accelerators", ", ".join(f"{each.count} × {each.name}" for each in machine.accelerators) or "none"),
        ]
    )


def software_lines(software: Software) -> list[str]:
    packages = [(name, version) for name, version in software.packages.items()]
    return _aligned(
        [
            ("python", software.python),
            ("system", f"{software.system}, kernel {software.kernel}"),
            ("stackdoc", software.stackdoc),
            *packages,
            ("driver", software.driver),
            *software.environment.items(),
        ]
    )


def network() -> str:
    """Return whether launches are isolated from the network."""
    from stackdoc.run.process.confinement import can_confine

    return "isolated: launches reach only 127.0.0.1" if can_confine() else "not isolated: launches can reach it"


def measurements(layout: Layout, records: Mapping[str, Record]) -> Iterator[str]:
    """Yield what was measured in this checkout: the roofs of each device and the import times."""
    from stackdoc.examples.read import read_examples
    from stackdoc.records.current import current
    from stackdoc.records.ledger import measured_here
    from stackdoc.records.lists import read_withdrawals

    examples = read_examples(layout.root, [])
    valid_ids = measured_here(layout, records) - read_withdrawals(layout, []).keys()
    valid = [record for record in records.values() if record.id in valid_ids]
    measured = sorted(valid, key=lambda record: (record.measured_at, record.id))
    for example in (example for example in examples.values() if example.roofs):
        of_example = [record for record in measured if record.example == example.id]
        for device in sorted({"cpu", *(record.device for record in of_example)}):
            roofs = current([record for record in of_example if record.device == device], example)
            yield ""
            yield from roofs_lines(roofs) if roofs else [not_measured(f"roofs of {device}", example.id)]
    for module in IMPORTED:
        label = f"import {module}"
        newest = next((record for record in reversed(measured) if import_time(record, label)), None)
        source = next((example.id for example in examples.values() if f'"{label}"' in example.source), "")
        if newest is not None:
            yield ""
            yield f"{label}: {import_time(newest, label)}, {origin(newest)}"
        elif source:
            yield ""
            yield not_measured(label, source)


def not_measured(what: str, example: str) -> str:
    return f"{what}: not measured here; `stackdoc measure {example}` measures it"


def origin(record: Record) -> str:
    return f"{record.measured_at[:10]}, record {record.id}"


def import_time(record: Record, label: str) -> str:
    """Return the time of the point with that label as text, or an empty string if the record has none."""
    from stackdoc.statistics import format_figure, quantity

    point = next((point for point in record.points if point.label == label and point.unit == "s"), None)
    figure = quantity(record, point.key, "time" if point.kind == "time" else "value") if point else None
    return format_figure(figure) if figure else ""


def roofs_lines(record: Record) -> Iterator[str]:
    """Yield, by number of threads, the rate of products by dtype, bandwidth by working set, and dispatch."""
    from stackdoc.statistics.roofs import Roofs, threads_of

    yield f"roofs of {record.device}, {origin(record)}"
    counts = sorted({record.threads, *(threads_of(point, record) for point in record.points)})
    for threads in counts:
        yield from _aligned(list(_bounds(Roofs.from_record(record, threads), threads)))
    if record.device == "cpu" and record.machine.cores > 1 and len(counts) == 1:
        yield f"  {not_measured('more threads', record.example)}"


def _bounds(roofs: Roofs, threads: int) -> Iterator[tuple[str, str]]:
    from stackdoc.statistics import Figure, format_figure

    def text(value: float, unit: str) -> str:
        return format_figure(Figure(value, None, None, unit))

    prefix = f"{threads} thread{'s' * (threads > 1)}"
    for dtype, rate in roofs.rates:
        yield f"{prefix}, {dtype} product", text(rate, "FLOP/s")
    for size, rate in roofs.bandwidths:
        yield f"{prefix}, memory, {size / MIB:.4g} MiB", text(rate, "B/s")
    if roofs.dispatch:
        yield f"{prefix}, dispatch", text(roofs.dispatch, "s")


def _aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return the rows with their names padded, without the empty ones."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {text}" for name, text in rows if text]
