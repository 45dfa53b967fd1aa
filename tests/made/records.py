"""Small examples, machines and records made by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from stackdoc.machine import identity
from stackdoc.machine.identity import identify
from stackdoc.model.example import Example
from stackdoc.model.machine import Accelerator, Machine, Software
from stackdoc.model.record import SCHEMA, Launch, Output, Point, Record, Work, method_of
from stackdoc.plan.plan import Host
from stackdoc.records.identity import with_id


def named(machine: Machine) -> Machine:
    """The machine under the id of its fields, without which no record of it is imported."""
    return dataclasses.replace(machine, id=identify(machine))


def named_first(machine: Machine) -> Machine:
    """The same by the first scheme, which hashed the sizes of caches too."""
    return dataclasses.replace(machine, id=identity._id(machine, identity._first_keys(machine)))


MACHINE = named(Machine("", "AMD EPYC", "AMD", "x86_64", "zen4", cores=2, memory_gib=24))
GPU_MACHINE = named(dataclasses.replace(MACHINE, accelerators=(Accelerator("NVIDIA H200", "sm_90", 141),)))
SOFTWARE = Software(
    python="3.11.7",
    system="Linux",
    kernel="6.1",
    stackdoc="0.1.0",
    packages={"torch": "2.12.0", "numpy": "2.3.0", "click": "8.2.0"},
    driver="560.35",
    environment={"OMP_NUM_THREADS": "1"},
)
CLOSURE = (("examples/kernels/gemm.py", "aa"), ("examples/kernels/shapes.py", "bb"))


def made_example(**changes: Any) -> Example:
    values: dict[str, Any] = {
        "id": "kernels/gemm",
        "path": "examples/kernels/gemm.py",
        "layer": "kernels",
        "title": "Matrix multiplication",
        "summary": "",
        "source": "",
        "cells": (),
        "digest": "d1",
        "closure": CLOSURE,
        "dependencies": ("stackdoc", "torch>=2.5"),
        "devices": ("cpu", "cuda"),
    }
    return Example(**{**values, **changes})


def record(*points: Point, **changes: Any) -> Record:
    """A quick record of `made_example` on `MACHINE`; whoever needs the id of its content takes `made_record`."""
    values: dict[str, Any] = {
        "id": "0123456789ab",
        "schema": SCHEMA,
        "method": method_of(changes.get("device", "cpu")),
        "example": "kernels/gemm",
        "device": "cpu",
        "profile": "quick",
        "threads": 1,
        "measured_at": "2026-11-01T00:00:00Z",
        "machine": MACHINE,
        "software": dataclasses.replace(SOFTWARE, packages={"torch": "2.12.0"}),
        "digest": "d1",
        "closure": CLOSURE,
        "commit": "",
        "dirty": False,
        "launched": "fresh",
        "points": points,
    }
    return Record(**{**values, **changes})


def made_record(**changes: Any) -> Record:
    """The same with a point and an output, under its own hash."""
    launch = Launch(0, "2026-01-01T00:00:00Z", 1, 3, (1000, 1010), (990, 1000), (0, 0), psi=0.5)
    point = Point("library", (("n", 512), ("mode", "eager")), "time", (launch,), work=Work(1e6, 1e3))
    output = Output(1, "text/plain", "a < b & “c”\n")
    values = {"points": (point,), "outputs": (output,), "measured_at": "2026-01-01T00:00:00Z", "dirty": True}
    return with_id(record(**{**values, **changes}))


def made_host(*records: Record, **changes: Any) -> Host:
    """`MACHINE`, with these records in its ledger."""
    values: dict[str, Any] = {"machine": MACHINE, "software": SOFTWARE, "ledger": frozenset(r.id for r in records)}
    return Host(**{**values, **changes})


def colliding(monkeypatch: pytest.MonkeyPatch) -> tuple[Record, Record]:
    """Two different records with one id, found among a few hundred since ids have four digits from here on."""
    monkeypatch.setattr("stackdoc.records.identity.ID_DIGITS", 4)
    seen: dict[str, Record] = {}
    for number in range(5000):
        made = made_record(commit=f"{number:040x}", example=f"kernels/made-{number}")
        if made.id in seen:
            return seen[made.id], made
        seen[made.id] = made
    raise AssertionError("no collision")
