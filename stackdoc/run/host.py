"""What this host offers to examples: its machine, packages, programs and named environments."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable

from stackdoc.machine import this_machine, this_software
from stackdoc.model.example import Example
from stackdoc.plan.plan import Host, programs_needed
from stackdoc.plan.project import Project
from stackdoc.run.make_environment import inspect_environment, installed_packages, usable_devices


def inspect_host(project: Project, examples: Iterable[Example]) -> Host:
    """Inspect the operating system and the installed files. Runs no example and imports no package."""
    software = dataclasses.replace(this_software(), packages=installed_packages())
    machine = this_machine()
    return Host(
        machine=machine,
        software=software,
        devices=usable_devices(machine, software.packages),
        programs=frozenset(program for program in programs_needed(examples) if shutil.which(program)),
        environments={
            name: inspect_environment(project.layout.root, environment, machine)
            for name, environment in project.environments.items()
        },
        ledger=project.ledger,
    )
