"""`stackdoc machine`: what this machine is, and what it reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo, print_document
from stackdoc.project import Layout

if TYPE_CHECKING:
    from stackdoc.model.machine import Machine, Software
    from stackdoc.model.record import Record
    from stackdoc.statistics.roofs import Roofs

KIB, MIB = 1 << 10, 1 << 20
IMPORTED = ("numpy", "torch")  # examples that time an import label the point so: `import torch`


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The identity as JSON, as records hold it.")
@click.pass_obj
def command(layout: Layout, as_json: bool) -> None:
    """Show the identity of this machine, its software, the roofs and the import times measured here.

    What was not measured says which command would. The identity is that of a class: no name, address or serial
    number is in it.
    """
    import json

    from stackdoc.machine import this_machine, this_software

    machine = this_machine()
    if as_json:
        print_document(json.dumps(asdict(machine), indent=1) + "\n")
        return
    for line in (*identity(machine), "", *software_lines(this_software(("numpy", "scipy", "torch")))):
        echo(line)
    echo(f"  network   {network()}")
    for line in (*reached(layout), ""):
        echo(line)


def identity(machine: Machine) -> Iterator[str]:
    yield f"{machine.id}: {machine.label}"
    caches = [("L1d", machine.l1d_bytes), ("L2", machine.l2_bytes), ("L3", machine.l3_bytes)]
    yield from _aligned(
        [
            ("processor", f"{machine.cpu} ({machine.microarchitecture or 'unknown design'}, {machine.architecture})"),
            ("caches", ", ".join(f"{name} {size // KIB} KiB" for name, size in caches if size)),
            ("extensions", " ".join(machine.isa)),
            ("virtual", machine.virtual or "no"),
            ("accelerators", ", ".join(f"{one.count} × {one.name}" for one in machine.accelerators) or "none"),
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
    """Whether launches are kept off it."""
    from stackdoc.run.process.confinement import can_confine

    return "kept off launches, but for 127.0.0.1" if can_confine() else "not isolated: within reach of launches"


def reached(layout: Layout) -> Iterator[str]:
    """What was measured in this checkout: the roofs of each device, and how long imports take."""
    from stackdoc.examples.read import read_examples
    from stackdoc.records import store
    from stackdoc.records.current import current
    from stackdoc.records.lists import read_withdrawals

    examples, counting = read_examples(layout.root, []), store.read_ledger(layout) - read_withdrawals(layout, []).keys()
    found = [one for one in store.read_all(layout, []).values() if one.id in counting]
    measured = sorted(found, key=lambda record: (record.measured_at, record.id))
    for example in (example for example in examples.values() if example.roofs):
        own = [record for record in measured if record.example == example.id]
        for device in sorted({"cpu", *(record.device for record in own)}):
            roofs = current([record for record in own if record.device == device], example)
            yield ""
            yield from roofs_lines(roofs) if roofs else [missing(f"roofs of {device}", example.id)]
    for module in IMPORTED:
        label = f"import {module}"
        last = next((record for record in reversed(measured) if imported(record, label)), None)
        source = next((example.id for example in examples.values() if f'"{label}"' in example.source), "")
        if last is not None:
            yield ""
            yield f"{label}: {imported(last, label)}, {origin(last)}"
        elif source:
            yield ""
            yield missing(label, source)


def missing(what: str, example: str) -> str:
    return f"{what}: not measured here; `stackdoc measure {example}` measures it"


def origin(record: Record) -> str:
    return f"{record.measured_at[:10]}, record {record.id}"


def imported(record: Record, label: str) -> str:
    """The seconds of the point with that label, as figures are written; empty where the record has none."""
    from stackdoc.statistics import format_figure, quantity

    point = next((point for point in record.points if point.label == label and point.unit == "s"), None)
    figure = quantity(record, point.key, "time" if point.kind == "time" else "value") if point else None
    return format_figure(figure) if figure else ""


def roofs_lines(record: Record) -> Iterator[str]:
    """By number of threads: the rate of products by dtype, bandwidth by working set, dispatch."""
    from stackdoc.statistics.roofs import Roofs, threads_of

    yield f"roofs of {record.device}, {origin(record)}"
    counts = sorted({record.threads, *(threads_of(point, record) for point in record.points)})
    for threads in counts:
        yield from _aligned(list(_bounds(Roofs.from_record(record, threads), threads)))
    if record.device == "cpu" and record.machine.cores > 1 and len(counts) == 1:
        yield f"  {missing('more threads', record.example)}"


def _bounds(roofs: Roofs, threads: int) -> Iterator[tuple[str, str]]:
    from stackdoc.statistics import Figure, format_figure

    def shown(value: float, unit: str) -> str:
        return format_figure(Figure(value, None, None, unit))

    said = f"{threads} thread{'s' * (threads > 1)}"
    for dtype, rate in roofs.rates:
        yield f"{said}, {dtype} product", shown(rate, "FLOP/s")
    for size, rate in roofs.bandwidths:
        yield f"{said}, memory, {size / MIB:.4g} MiB", shown(rate, "B/s")
    if roofs.dispatch:
        yield f"{said}, dispatch", shown(roofs.dispatch, "s")


def _aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Without the rows that say nothing."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {text}" for name, text in rows if text]
