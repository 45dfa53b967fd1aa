"""What a run starts from: the project, the host, and a decision about each example. Starts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision, Host, Profile, plan, select
from stackdoc.plan.project import Project
from stackdoc.project import ENVIRONMENTS
from stackdoc.records import store
from stackdoc.run.host import inspect_host


@dataclass(frozen=True)
class Situation:
    """`records` maps ids to the records that count, `decisions` are those about the selected examples.

    `problems` are faults of stored records.
    """

    project: Project
    records: Mapping[str, Record]
    host: Host
    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]

    @property
    def due(self) -> tuple[Decision, ...]:
        """The decisions to run an example."""
        return tuple(decision for decision in self.decisions if decision.action == "run")


def assess(
    project: Project,
    *,
    profile: Profile = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    environments: Sequence[str] = (),
) -> Situation:
    """Decide about the selected examples, or only about those of the named `environments`.

    Raises StackdocError when an example is malformed, a pattern matches no example, or an environment is unknown.
    Damaged and withdrawn records are ignored, and so are records from the future, which would stay the newest
    forever. Those that are damaged or from the future are reported in `problems`.
    """
    if project.problems:
        raise StackdocError(project.problems)
    if unknown := [name for name in environments if name not in project.environments]:
        raise StackdocError(
            Problem(f"{ENVIRONMENTS}/{name}", 0, "", "unknown environment", did_you_mean(name, project.environments))
            for name in unknown
        )
    examples = select(project.examples.values(), patterns)
    selected = [example for example in examples if not environments or example.environment in environments]
    valid = {id: record for id, record in project.records.items() if id not in project.withdrawn}
    early = store.future_problems(project.layout, valid.values(), datetime.now(UTC))
    records = {id: record for id, record in valid.items() if id not in early}
    host = inspect_host(project, selected)
    decisions = plan(selected, records, host, profile=profile, devices=devices, again=again)
    return Situation(project, records, host, decisions, (*project.damaged, *early.values()))
