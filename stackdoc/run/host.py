"""What this host offers to examples: its machine, packages, programs and named environments."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable
from importlib.util import find_spec

from stackdoc.machine import this_allotment, this_machine, this_software
from stackdoc.machine.identity import known_as
from stackdoc.model.example import Example
from stackdoc.plan.plan import Host, programs_needed
from stackdoc.plan.project import Project
from stackdoc.run.make_environment import inspect_environment, installed_packages
from stackdoc.run.usable_devices import reasons_against

UNIX_MODULES = ("fcntl", "resource")  # of the standard library, which launches need


def inspect_host(project: Project, examples: Iterable[Example]) -> Host:
    """Inspect the operating system and the installed files. Runs no example and imports no package.

    If an example asks for an accelerator, torch is asked about it in a separate process. The machine has the id that
    the records of the project use for its class.
    """
    selected = tuple(examples)
    software = dataclasses.replace(this_software(), packages=installed_packages())
    wanted: dict[str, set[str]] = {"": set()}
    for example in selected:
        wanted.setdefault(example.environment, set()).update(example.devices)
    return Host(
        machine=known_as(
            this_machine(), (record.machine for id, record in project.records.items() if id not in project.contributed)
        ),
        software=software,
        devices=reasons_against(wanted[""], software.packages),
        programs=frozenset(program for program in programs_needed(selected) if shutil.which(program)),
        environments={
            name: inspect_environment(project.layout.root, environment, wanted.get(name, ()))
            for name, environment in project.environments.items()
        },
        ledger=project.ledger,
        allotment=this_allotment(),
        problem=system_problem(),
    )


def system_problem() -> str:
    """Return why nothing can be measured on this operating system; empty if it can."""
    return "" if all(map(find_spec, UNIX_MODULES)) else "stackdoc measures on Linux and macOS; use WSL2"
