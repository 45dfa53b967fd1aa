"""Everything a plan rests on, read from files and from the machine; nothing is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackdoc import store
from stackdoc.errors import Problem, StackdocError
from stackdoc.example import Example
from stackdoc.plan import Decision, Place, Profile, plan, select
from stackdoc.reading import read_environments, read_examples, read_withdrawals
from stackdoc.record import Record
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
) -> Survey:
    """Reads and decides. Raises StackdocError when an example is not well formed or a pattern fits none.

    A damaged record is no error here: it counts as not there, as a withdrawn one does, and stands in `problems`.
    """
    problems: list[Problem] = []
    examples = read_examples(root, problems)
    environments = read_environments(root, problems)
    if problems:
        raise StackdocError(problems)
    selected = select(examples.values(), patterns)
    stored = store.read_all(root, problems)
    withdrawn = read_withdrawals(root, problems)
    records = {id: record for id, record in stored.items() if id not in withdrawn}
    place = look_around(root, selected, environments)
    decisions = plan(selected, records, place, profile=profile, devices=devices, again=again)
    return Survey(examples, records, place, decisions, tuple(problems))
