"""The name of a class of machines: the same for twins, and whatever the system lets a process see.

The scheme has a version, which is part of what is hashed. Raise it when a key is added or read otherwise, keep the old
one for `has_computed_id`, and keep `alike` true for the machines of records: their ids never change, and a project goes
on calling a machine as it did.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, replace

from stackdoc.model.machine import Accelerator, Machine

SCHEME = "machine/2"  # the first hashed the caches and the kind of hypervisor too, which a sandbox hides


def identify(machine: Machine) -> str:
    """Return a readable slug and four hex digits of the SHA-256 over the scheme and the keys: `zen4-2c-24g-9f3a`."""
    return _id(machine, [SCHEME, keys_of(machine)])


def has_computed_id(machine: Machine) -> bool:
    """Whether the id is computed from the other fields, by the current scheme or the first.

    A machine that a project knew by an id of the first scheme keeps it, although its fields may have another hash.
    """
    return machine.id in (identify(machine), _id(machine, _first_keys(machine)))


def keys_of(machine: Machine) -> dict[str, object]:
    """What makes a class: no clock, quota, driver or place, and nothing that is read from sysfs alone.

    Of a hypervisor only that there is one, which the processor states itself. Units of accelerators are left out, since
    only torch states them for some.
    """
    return {
        "cpu": machine.cpu,
        "vendor": machine.vendor,
        "architecture": machine.architecture,
        "microarchitecture": machine.microarchitecture,
        "cores": machine.cores,
        "memory_gib": machine.memory_gib,
        "isa": sorted(machine.isa),
        "virtual": bool(machine.virtual),
        "accelerators": [[one.name, one.architecture, one.memory_gib, one.count] for one in machine.accelerators],
    }


def class_of(machine: Machine) -> str:
    """Return the keys as one text, equal for machines of one class."""
    return json.dumps(keys_of(machine), sort_keys=True)


def alike(one: Machine, other: Machine) -> bool:
    """Whether both are of one class, whatever scheme named them."""
    return keys_of(one) == keys_of(other)


def known_as(machine: Machine, recorded: Iterable[Machine]) -> Machine:
    """The machine under the id by which records know its class already; the first in order of two such ids."""
    return replace(machine, id=min((one.id for one in recorded if alike(one, machine)), default=machine.id))


def _first_keys(machine: Machine) -> dict[str, object]:
    """Return what the first scheme hashed, which had no version: all fields of that time, except the id."""
    return {name: value for name, value in asdict(machine).items() if name not in ("id", "topology")}


def _id(machine: Machine, hashed: object) -> str:
    digest = hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()
    design = machine.microarchitecture or machine.vendor or machine.architecture
    parts = [_slug(design), f"{machine.cores}c", f"{machine.memory_gib}g"]
    for part in machine.accelerators:
        parts.append(f"{part.count}x" * (part.count > 1) + _slug(_short(part)))
    return "-".join([*parts, digest[:4]])


def _short(accelerator: Accelerator) -> str:
    """`h200`, and `h200-1g-18gb` for a slice."""
    whole, _, part = accelerator.name.partition(" MIG ")
    return f"{(whole.split() or ['accelerator'])[-1]} {part}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:24].strip("-") or "machine"
