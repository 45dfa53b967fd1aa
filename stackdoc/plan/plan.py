"""What would run, be reused or be skipped, each with its reason in words. Decides; does nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

from packaging.utils import canonicalize_name

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.environment import Installation
from stackdoc.model.example import Example
from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import Record
from stackdoc.plan.freshness import requirements, stale
from stackdoc.records.current import current

Action = Literal["run", "reuse", "skip"]
Profile = Literal["quick", "full"]

# What an example may need besides packages: the words of the reason, and the programs any of which will do.
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
    """One example on one device. `record` is the id of the record it reuses or replaces, else empty."""

    example: str
    device: str
    action: Action
    reason: str
    record: str = ""


@dataclass(frozen=True)
class Place:
    """Where one stands: the machine, what is installed on it, what was measured on it.

    `software.packages` lists all that is installed, by normalised name; `devices` are the kinds torch
    can use here, `programs` the executables found among those needed, `environments` what there is
    of the named environments, `ledger` the ids of the records measured in this checkout.
    """

    machine: Machine
    software: Software
    devices: frozenset[str] = frozenset({"cpu"})
    programs: frozenset[str] = frozenset()
    environments: Mapping[str, Installation] = field(default_factory=dict)
    ledger: frozenset[str] = frozenset()

    def software_of(self, example: Example) -> Software:
        """What the example runs on: interpreter and packages of its environment where it names one."""
        made = self.environments.get(example.environment)
        return replace(self.software, python=made.python, packages=dict(made.packages)) if made else self.software


def plan(
    examples: Iterable[Example],
    records: Mapping[str, Record],
    place: Place,
    *,
    profile: Profile = "quick",
    devices: Sequence[str] = (),
    again: bool = False,
) -> tuple[Decision, ...]:
    """One decision for each example and device, in the order of the ids, the example of the roofs first.

    `devices` restricts the devices; `again` runs what is fresh as well.
    """
    ordered = sorted(examples, key=lambda example: (not example.roofs, example.id))
    here: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
    for id in place.ledger & records.keys():
        here[records[id].example, records[id].device][id] = records[id]
    return tuple(
        _decide(example, device, here[example.id, device], place, profile, again)
        for example in ordered
        for device in example.devices
        if not devices or device in devices
    )


def _decide(
    example: Example, device: str, records: Mapping[str, Record], place: Place, profile: Profile, again: bool
) -> Decision:
    old = latest_here(example, device, records, place)
    id = old.id if old else ""
    if lack := missing(example, device, place):
        return Decision(example.id, device, "skip", f"skipped: {lack}", id)
    reasons = stale(old, example, place.machine, place.software_of(example)) if old else ()
    if profile not in example.profiles and (old is None or reasons or again):
        return Decision(example.id, device, "skip", f"skipped: {' and '.join(example.profiles)} only", id)
    if old is None:
        return Decision(example.id, device, "run", "no record of this machine")
    if reasons:
        return Decision(example.id, device, "run", "; ".join(reasons), id)
    if profile == "full" and old.profile == "quick":
        return Decision(example.id, device, "run", "the current record is of a quick run", id)
    if again:
        return Decision(example.id, device, "run", "asked for again", id)
    return Decision(example.id, device, "reuse", "fresh", id)


def latest_here(example: Example, device: str, records: Mapping[str, Record], place: Place) -> Record | None:
    """The record that counts of those measured in this checkout, and so the one that the pages show for `here`.

    A plan judges this record alone. A full one serves a quick run; a quick one never serves a full run.
    """
    found = (
        record
        for record in records.values()
        if record.id in place.ledger and record.example == example.id and record.device == device
    )
    return current(found, example)


def missing(example: Example, device: str, place: Place) -> str:
    """The first thing the example needs and this place lacks, in words, or an empty string."""
    made = place.environments.get(example.environment)
    if example.environment and (made is None or made.problem):
        return f"needs the environment {example.environment!r}, {made.problem if made else 'which is unknown'}"
    if device not in (made.devices if made else place.devices):
        return f"needs {device}"
    for need in example.needs:
        words, programs = NEEDS.get(need, (need, (need,)))
        if not place.programs.intersection(programs):
            return f"needs {words}"
    return _missing_package(example, place)


def _missing_package(example: Example, place: Place) -> str:
    software = place.software_of(example)
    where = f" in the environment {example.environment!r}" if example.environment else ""
    for requirement in requirements(example.dependencies, software.python):
        name = canonicalize_name(requirement.name)
        if name == "stackdoc":
            continue
        installed = software.packages.get(name)
        if installed is None:
            return f"needs {requirement.name}, which is not installed{where}"
        if not requirement.specifier.contains(installed, prereleases=True):
            return f"needs {requirement.name}{requirement.specifier}, {installed} is installed{where}"
    return ""


def programs_needed(examples: Iterable[Example]) -> frozenset[str]:
    """The executables to look for, so that a `Place` can say which of them are there."""
    needs = {need for example in examples for need in example.needs}
    return frozenset(program for need in needs for program in NEEDS.get(need, (need, (need,)))[1])


def select(examples: Iterable[Example], patterns: Sequence[str]) -> tuple[Example, ...]:
    """The examples whose id fits a shell pattern or lies below one (`kernels`); all when there is none.

    Raises StackdocError naming every pattern that fits nothing.
    """
    known = tuple(examples)
    if not patterns:
        return known
    unmet = [pattern for pattern in patterns if not any(fits(example.id, pattern) for example in known)]
    if unmet:
        ids = [example.id for example in known]
        raise StackdocError(
            Problem("examples", 0, repr(pattern), "fits no example", did_you_mean(pattern, ids)) for pattern in unmet
        )
    return tuple(example for example in known if any(fits(example.id, pattern) for pattern in patterns))


def fits(id: str, pattern: str) -> bool:
    return fnmatchcase(id, pattern) or id.startswith(pattern.rstrip("/") + "/")
