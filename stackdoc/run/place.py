"""Looks at where one stands: the machine, what is installed, which programs are there."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable

from stackdoc.machine import this_machine, this_software
from stackdoc.model.example import Example
from stackdoc.plan.plan import Place, programs_needed
from stackdoc.plan.project import Project
from stackdoc.run.make_environment import installed_in, look_at, usable_devices


def look_around(project: Project, examples: Iterable[Example]) -> Place:
    """Asks the operating system and the files, never an example; imports no package it looks for."""
    software = dataclasses.replace(this_software(), packages=installed_in())
    machine = this_machine()
    return Place(
        machine=machine,
        software=software,
        devices=usable_devices(machine, software.packages),
        programs=frozenset(program for program in programs_needed(examples) if shutil.which(program)),
        environments={name: look_at(project.layout.root, one, machine) for name, one in project.environments.items()},
        ledger=project.ledger,
    )
