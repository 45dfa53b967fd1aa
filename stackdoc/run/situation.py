"""Everything a plan rests on, read from files and from the machine; nothing is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.environments import read_environments
from stackdoc.examples.read import ENVIRONMENTS, read_examples
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision, Place, Profile, plan, select
from stackdoc.records import store
from stackdoc.records.lists import read_withdrawals
from stackdoc.run.place import look_around


@dataclass(frozen=True)
class Survey:
    """`examples` and `records` are all there are; `decisions` those of the selection; `problems` of stored records."""

    examples: Mapping[str, Example]
    records: Mapping[str, Record]
    place: Place
    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]


def survey(
    root: Path,
    *,
    profile: Profile = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    known: Mapping[str, Record] | None = None,
    within: Sequence[str] = (),
) -> Survey:
    """Reads, but for the records `known`, and decides, on all examples or those `within` named environments.

    Raises StackdocError when an example is not well formed, a pattern fits none, or no environment has that name.
    A damaged record is no error here: it counts as not there, as a withdrawn one does, and stands in `problems`. So
    does one of the future: it would be the newest for ever.
    """
    problems: list[Problem] = []
    examples = read_examples(root, problems)
    environments = read_environments(root, problems)
    if problems:
        raise StackdocError(problems)
    unknown = [f"{ENVIRONMENTS}/{name}" for name in within if name not in environments]
    if unknown:
        raise StackdocError(Problem(place, 0, "", "is no environment", ", ".join(environments)) for place in unknown)
    selected = [one for one in select(examples.values(), patterns) if not within or one.environment in within]
    stored = store.read_all(root, problems, known)
    withdrawn = read_withdrawals(root, problems)
    valid = {id: record for id, record in stored.items() if id not in withdrawn}
    early = store.of_the_future(valid.values(), datetime.now(UTC))
    problems.extend(early.values())
    records = {id: record for id, record in valid.items() if id not in early}
    place = look_around(root, selected, environments)
    decisions = plan(selected, records, place, profile=profile, devices=devices, again=again)
    return Survey(examples, records, place, decisions, tuple(problems))
