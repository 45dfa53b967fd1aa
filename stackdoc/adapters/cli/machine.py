"""`stackdoc machine`: what this machine is, and what it reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stackdoc.machine import Machine, Software
    from stackdoc.record import Record

KIB = 1 << 10


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The identity as JSON, as records hold it.")
@click.pass_obj
def command(root: Path, as_json: bool) -> None:
    """Show the identity of this machine, its software, and the roofs measured here.

    The identity is that of a class: no name, address or serial number is in it.
    """
    import json

    from stackdoc.machine import this_machine, this_software

    machine = this_machine()
    if as_json:
        click.echo(json.dumps(asdict(machine), indent=1))
        return
    for line in (*identity(machine), "", *software_lines(this_software(("numpy", "scipy", "torch")))):
        click.echo(line)
    click.echo(f"  network    {network()}")
    for record in roofs_measured_here(root):
        for line in ("", *roofs_lines(record)):
            click.echo(line)


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
    from stackdoc.run.confinement import can_confine

    return "kept off launches, but for 127.0.0.1" if can_confine() else "not isolated: within reach of launches"


def roofs_measured_here(root: Path) -> list[Record]:
    """The newest record of the example of the roofs on each device, among those measured in this checkout."""
    from stackdoc import store
    from stackdoc.reading import read_examples

    roofs = {example.id for example in read_examples(root, []).values() if example.roofs}
    here = store.read_ledger(root)
    found = [one for one in store.read_all(root, []).values() if one.id in here and one.example in roofs]
    newest = {record.device: record for record in sorted(found, key=lambda record: (record.measured_at, record.id))}
    return [newest[device] for device in sorted(newest)]


def roofs_lines(record: Record) -> list[str]:
    from stackdoc.roofs import Roofs
    from stackdoc.statistics import Figure, format_figure

    def shown(value: float, unit: str) -> str:
        return format_figure(Figure(value, None, None, unit))

    roofs = Roofs.from_record(record)
    rows = [(f"{dtype} product", shown(rate, "FLOP/s")) for dtype, rate in roofs.rates]
    rows += [(f"memory, {shown(size, 'B')}", shown(rate, "B/s")) for size, rate in roofs.bandwidths]
    rows += [("dispatch", shown(roofs.dispatch, "s"))] if roofs.dispatch else []
    threads = f"{record.threads} thread{'s' * (record.threads > 1)}"
    return [f"roofs of {record.device}, {threads}, {record.measured_at[:10]}, record {record.id}", *_aligned(rows)]


def _aligned(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Without the rows that say nothing."""
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:<{width}}  {text}" for name, text in rows if text]
