"""Looks at where one stands: the machine, what is installed, which programs are there."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from stackdoc import store
from stackdoc.example import Example
from stackdoc.machine import Machine, this_machine, this_software
from stackdoc.plan import Place, programs_needed

ENVIRONMENTS = Path(".stackdoc/environments")


def look_around(root: Path, examples: Iterable[Example]) -> Place:
    """Asks the operating system and the files, never an example; imports no package it looks for."""
    software = dataclasses.replace(this_software(), packages=installed_packages())
    machine = this_machine()
    return Place(
        machine=machine,
        software=software,
        devices=usable_devices(machine, software.packages),
        programs=frozenset(program for program in programs_needed(examples) if shutil.which(program)),
        environments=made_environments(root),
        ledger=store.read_ledger(root),
    )


def installed_packages() -> dict[str, str]:
    """Versions by normalised name; of two installations the one that imports first."""
    packages: dict[str, str] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name:
            packages.setdefault(canonicalize_name(name), distribution.version)
    return packages


def usable_devices(machine: Machine, packages: Mapping[str, str]) -> frozenset[str]:
    """`cpu`, and what the installed torch was built for: `cuda` (its name for ROCm too) beside an accelerator
    that was found, `xpu` by its build alone, `mps` on a processor of Apple."""
    torch = packages.get("torch", "")
    if not torch or torch.endswith("+cpu"):
        return frozenset({"cpu"})
    if machine.vendor == "Apple":
        return frozenset({"cpu", "mps"})
    if torch.endswith("+xpu"):
        return frozenset({"cpu", "xpu"})
    return frozenset({"cpu", "cuda"} if machine.accelerators else {"cpu"})


def made_environments(root: Path) -> frozenset[str]:
    """Names of the environments with an interpreter of their own in this checkout."""
    return frozenset(path.parent.parent.name for path in (root / ENVIRONMENTS).glob("*/bin/python"))
