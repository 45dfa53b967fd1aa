"""Where a run begins: the project, the machine, and what was decided about each example; nothing is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision, Host, Profile, plan, select
from stackdoc.plan.project import Project
from stackdoc.project import ENVIRONMENTS
from stackdoc.records import store
from stackdoc.run.host import inspect_host


@dataclass(frozen=True)
class Situation:
    """`records` are all that count, by id; `decisions` those of the selection; `problems` of stored records."""

    project: Project
    records: Mapping[str, Record]
    host: Host
    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]

    @property
    def due(self) -> tuple[Decision, ...]:
        """What is to run."""
        return tuple(decision for decision in self.decisions if decision.action == "run")


def situation(
    project: Project,
    *,
    profile: Profile = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    within: Sequence[str] = (),
) -> Situation:
    """Decides, on all examples or those `within` named environments.

    Raises StackdocError when an example is not well formed, a pattern fits none, or no environment has that name.
    A damaged record is no error here: it counts as not there, as a withdrawn one does, and is in `problems`. So is one
    of the future: it would be the newest for ever.
    """
    if project.problems:
        raise StackdocError(project.problems)
    names = project.environments
    if unknown := [f"{ENVIRONMENTS}/{name}" for name in within if name not in names]:
        raise StackdocError(Problem(host, 0, "", "is no environment", ", ".join(names)) for host in unknown)
    examples = select(project.examples.values(), patterns)
    selected = [one for one in examples if not within or one.environment in within]
    valid = {id: record for id, record in project.records.items() if id not in project.withdrawn}
    early = store.future_problems(project.layout, valid.values(), datetime.now(UTC))
    records = {id: record for id, record in valid.items() if id not in early}
    host = inspect_host(project, selected)
    decisions = plan(selected, records, host, profile=profile, devices=devices, again=again)
    return Situation(project, records, host, decisions, (*project.damaged, *early.values()))
