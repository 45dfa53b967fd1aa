"""Decide which examples to run, which records to reuse and what to skip, each with its reason. Starts nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.environment import Installation
from stackdoc.model.example import Example
from stackdoc.model.machine import Allotment, Machine, Software
from stackdoc.model.record import Record
from stackdoc.plan.freshness import requirements, stale
from stackdoc.records.current import current

Action = Literal["run", "reuse", "skip"]
Profile = Literal["quick", "full"]

# Requirements other than packages: how a message names each, and the programs of which any one suffices.
NEEDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "c": ("c compiler", ("cc", "gcc", "clang")),
    "c++": ("c++ compiler", ("c++", "g++", "clang++")),
    "cuda-compiler": ("cuda compiler", ("nvcc",)),
    "fortran": ("fortran compiler", ("gfortran",)),
    "java": ("java", ("java",)),
    "node": ("node", ("node",)),
}


@dataclass(frozen=True)
class Decision:
    """What to do with one example on one device. `record` is the id of the record reused or replaced, else empty."""

    example: str
    device: str
    action: Action
    reason: str
    record: str = ""


@dataclass(frozen=True)
class Host:
    """The machine that runs the examples, what is installed on it, and what was measured in this checkout.

    `software.packages` maps the normalised name of every installed package to its version. `devices` map each
    kind of device that an example asks for to the reason why torch can't use it, empty if it can. `programs` are the
    executables that were found, `environments` the state of the named environments, `ledger` the ids of the records
    measured in this checkout. `allotment` is what launches may use of the machine, None if unknown. `problem` says why
    nothing can be measured on this system, and is empty if it can.
    """

    machine: Machine
    software: Software
    devices: Mapping[str, str] = field(default_factory=lambda: {"cpu": ""})
    programs: frozenset[str] = frozenset()
    environments: Mapping[str, Installation] = field(default_factory=dict)
    ledger: frozenset[str] = frozenset()
    allotment: Allotment | None = None
    problem: str = ""

    def software_of(self, example: Example) -> Software:
        """The interpreter and packages that the example runs on: those of its named environment, if it has one."""
        installation = self.environments.get(example.environment)
        if installation is None:
            return self.software
        return replace(self.software, python=installation.python, packages=dict(installation.packages))


def plan(
    examples: Iterable[Example],
    records: Mapping[str, Record],
    host: Host,
    *,
    profile: Profile = "quick",
    devices: Sequence[str] = (),
    again: bool = False,
) -> tuple[Decision, ...]:
    """Return one decision for each example and device, sorted by id, the example that measures the roofs first.

    `devices` restricts the devices (none: all that the examples declare); `again` also runs what is fresh.
    """
    ordered = sorted(examples, key=lambda example: (not example.roofs, example.id))
    here: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
    for id in host.ledger & records.keys():
        here[records[id].example, records[id].device][id] = records[id]
    return tuple(
        _decide(example, device, here[example.id, device], host, profile, again)
        for example in ordered
        for device in example.devices
        if not devices or device in devices
    )


def _decide(
    example: Example, device: str, records: Mapping[str, Record], host: Host, profile: Profile, again: bool
) -> Decision:
    old = current_local_record(example, device, records, host)
    id = old.id if old else ""
    if requirement := missing_requirement(example, device, host):
        return Decision(example.id, device, "skip", f"skipped: {requirement}", id)
    reasons = stale(old, example, host.machine, host.software_of(example)) if old else ()
    if profile not in example.profiles and (old is None or reasons or again):
        return Decision(example.id, device, "skip", f"skipped: {' and '.join(example.profiles)} only", id)
    if old is None:
        return Decision(example.id, device, "run", "no record of this machine")
    if reasons:
        return Decision(example.id, device, "run", "; ".join(reasons), id)
    if profile == "full" and old.profile == "quick":
        return Decision(example.id, device, "run", "the current record is from a quick run", id)
    if again:
        return Decision(example.id, device, "run", "requested again", id)
    return Decision(example.id, device, "reuse", "fresh", id)


def current_local_record(example: Example, device: str, records: Mapping[str, Record], host: Host) -> Record | None:
    """Return the current one of the records measured in this checkout: the record that pages show for `here`.

    Only this record decides whether an example runs. A full record is reused in a quick run; a quick one is not
    reused in a full run.
    """
    candidates = (
        record
        for record in records.values()
        if record.id in host.ledger and record.example == example.id and record.device == device
    )
    return current(candidates, example)


def missing_requirement(example: Example, device: str, host: Host) -> str:
    """Describe the first requirement of the example that the host does not meet; empty if it meets all."""
    installation = host.environments.get(example.environment)
    problem = installation.problem if installation else "which is unknown"
    if example.environment and problem:
        return f"needs the environment {example.environment!r}, {problem}"
    python = host.software_of(example).python
    if example.requires_python and not SpecifierSet(example.requires_python).contains(python, prereleases=True):
        return f"needs Python {example.requires_python}, {python} runs here"
    if example.fault:
        return example.fault + (f" (line {example.fault_line})" if example.fault_line else "")
    if host.problem:
        return host.problem
    if reason := (installation.devices if installation else host.devices).get(device, "torch was not asked for it"):
        return f"needs {device}: {reason}"
    for need in example.needs_on(device):
        words, programs = NEEDS.get(need, (need, (need,)))
        if not host.programs.intersection(programs):
            return f"needs {words}"
    return _missing_package(example, host)


def _missing_package(example: Example, host: Host) -> str:
    software = host.software_of(example)
    where = f" in the environment {example.environment!r}" if example.environment else ""
    for requirement in requirements(example.dependencies, software.python):
        name = canonicalize_name(requirement.name)
        if name == "stackdoc":
            continue
        installed = software.packages.get(name)
        if installed is None:
            return f"needs {requirement.name}, which is not installed{where}{_import_line(example, requirement.name)}"
        if not requirement.specifier.contains(installed, prereleases=True):
            return f"needs {requirement.name}{requirement.specifier}, {installed} is installed{where}"
    return ""


def _import_line(example: Example, module: str) -> str:
    """Where the script imports the module, in words; empty if it has another name."""
    found = re.search(rf"(?m)^(?:import|from)\s+{re.escape(module)}\b", example.source)
    return f" (line {example.source.count(chr(10), 0, found.start()) + 1})" if found else ""


def programs_needed(examples: Iterable[Example]) -> frozenset[str]:
    """Return the names of the executables that the examples may need, for `Host.programs`."""
    needs = {need for example in examples for device in example.devices for need in example.needs_on(device)}
    return frozenset(program for need in needs for program in NEEDS.get(need, (need, (need,)))[1])


def select(examples: Iterable[Example], patterns: Sequence[str]) -> tuple[Example, ...]:
    """Return the examples whose id matches any of the patterns; all of them when there are no patterns.

    Raises StackdocError naming every pattern that matches no example.
    """
    known = tuple(examples)
    ids = [example.id for example in known]
    if unmatched := [pattern for pattern in patterns if not any(matches_any(id, [pattern]) for id in ids)]:
        raise StackdocError(
            Problem("examples", 0, repr(pattern), "matches no example", did_you_mean(pattern, ids))
            for pattern in unmatched
        )
    return tuple(example for example in known if matches_any(example.id, patterns))


def matches_any(id: str, patterns: Sequence[str]) -> bool:
    """Whether an example's id matches one of the shell patterns or is below one (`kernels`); true without patterns."""
    return not patterns or any(
        fnmatchcase(id, pattern) or id.startswith(pattern.rstrip("/") + "/") for pattern in patterns
    )
