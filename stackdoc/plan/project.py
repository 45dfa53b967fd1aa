"""A project as read from disk: examples, environments and records. The plan and the site share one reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from stackdoc.errors import Problem
from stackdoc.examples.environments import read_environments
from stackdoc.examples.known_digests import KnownDigests
from stackdoc.examples.loaded import source_digests
from stackdoc.examples.read import read_examples
from stackdoc.model.environment import Environment
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Remark, Withdrawal
from stackdoc.model.record import Record
from stackdoc.project import STATE, Layout
from stackdoc.records import store
from stackdoc.records.ledger import measured_here
from stackdoc.records.lists import read_withdrawals
from stackdoc.records.remarks import read_remarks
from stackdoc.records.signatures.signature import Signature
from stackdoc.records.signatures.signed import read_signatures
from stackdoc.records.vouched import contributions


@dataclass(frozen=True)
class Project:
    """Everything read from a project's files.

    `records` maps ids to the valid records, including withdrawn ones, and `signatures` the ids of signed ones to their
    signature; `ledger` has the ids of those measured in this checkout. `problems` are faults of examples and
    environments, which prevent planning; `damaged` are faults of records, which are then ignored.
    """

    layout: Layout
    examples: Mapping[str, Example]
    environments: Mapping[str, Environment]
    records: Mapping[str, Record]
    withdrawn: Mapping[str, Withdrawal]
    contributed: Mapping[str, Contribution]
    ledger: frozenset[str]
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Problem, ...] = ()
    damaged: tuple[Problem, ...] = ()
    signatures: Mapping[str, Signature] = field(default_factory=dict)


def read_project(layout: Layout, known: Mapping[str, Record] | None = None, *, summarised: bool = False) -> Project:
    """Read a project and collect its faults; never raises. `known` are already validated records, by id.

    With `summarised`, records leave their samples in their files; see `stackdoc.records.store.read_all`.
    """
    problems: list[Problem] = []
    damaged: list[Problem] = []
    digests = KnownDigests(layout.root)
    examples = read_examples(layout.root, problems, layout.examples, digests)
    environments = read_environments(layout.root, problems)
    records = store.read_all(layout, damaged, known, summarised=summarised)
    examples = with_loaded(layout, examples, records.values(), digests)
    if (layout / STATE).is_dir():  # whatever only reads a project leaves no folder in it
        digests.save()
    here = measured_here(layout, records)
    signatures = read_signatures(layout, damaged, records, is_build=summarised)
    return Project(
        layout,
        examples,
        environments,
        records,
        read_withdrawals(layout, damaged, records),
        contributions(layout, damaged, records, here),
        here,
        read_remarks(layout, damaged, records),
        tuple(problems),
        tuple(damaged),
        signatures,
    )


def with_loaded(
    layout: Layout, examples: Mapping[str, Example], records: Iterable[Record], known: KnownDigests | None = None
) -> dict[str, Example]:
    """Return the examples with the files that these records of theirs name beside the closure, as they are now."""
    named: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if example := examples.get(record.example):
            named[example.id].update(dict(record.closure).keys() - dict(example.closure).keys())
    now = source_digests(layout.root, set().union(*named.values()), known or KnownDigests(layout.root))
    return {
        id: replace(example, loaded=tuple((path, now[path]) for path in sorted(named[id]) if path in now))
        for id, example in examples.items()
    }
