"""Everything the pages are made of, loaded from the files once. No behaviour but look-ups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from stackdoc import store
from stackdoc.alternatives import Alternatives
from stackdoc.claim import Claim
from stackdoc.contribution import Contribution
from stackdoc.current import HERE, Place, contributor, current_records, machine_key
from stackdoc.decision import Decision
from stackdoc.environment import Creation, Environment
from stackdoc.errors import Problem, StackdocError
from stackdoc.example import Example
from stackdoc.fact import Fact
from stackdoc.number import Number
from stackdoc.reading import (
    check_layers,
    read_alternatives,
    read_claims,
    read_configuration,
    read_contributions,
    read_creations,
    read_decisions,
    read_environments,
    read_examples,
    read_facts,
    read_numbers,
    read_redirects,
    read_stack,
    read_systems,
    read_terms,
    read_texts,
    read_withdrawals,
)
from stackdoc.record import Record
from stackdoc.redirect import Redirect
from stackdoc.roofs import Roofs
from stackdoc.stack import Stack
from stackdoc.system import System
from stackdoc.term import Term
from stackdoc.withdrawal import Withdrawal

K = TypeVar("K")
P = ParamSpec("P")
T = TypeVar("T")
NO_STACK = Stack("", (), (), (), (), (), ())  # of a project that has examples and pages, and merges nothing


@dataclass(frozen=True)
class Site:
    """`records` by id, of every machine; `measured_here` are the ids in this checkout's ledger.

    A record's machine key is HERE when the ledger lists it, else its machine's id: the same class of
    machine elsewhere never stands in for this one. `withdrawn` records stay, by id, but are current nowhere.
    `address` is the published root of the site (`https://…/`), empty where it is not known; `author` is who measures
    and writes, `licence` that of the records, `text_licence` that of the pages, both empty where none is named.
    `texts` are the systems that have a hand-written one.
    """

    root: Path
    stack: Stack
    examples: Mapping[str, Example]
    records: Mapping[str, Record]
    claims: Mapping[str, Claim]
    facts: Mapping[str, Fact]
    systems: Mapping[str, System]
    measured_here: frozenset[str] = frozenset()
    default_machine: str = HERE
    outcomes: Mapping[str, str] = field(default_factory=dict)  # "example@device": why it has no new record
    terms: Mapping[str, Term] = field(default_factory=dict)
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    address: str = ""
    author: str = ""
    licence: str = ""
    text_licence: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    contributed: Mapping[str, Contribution] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    creations: tuple[Creation, ...] = ()
    alternatives: Mapping[str, Alternatives] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()

    def machine_key(self, record: Record) -> str:
        return machine_key(record, self.measured_here)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, as in a project that has only begun or only writes pages."""
        held = (self.stack.places, self.stack.taxonomies, self.examples, self.records, self.facts, self.systems)
        return not any((*held, self.terms, self.numbers, self.decisions, self.redirects, self.environments))

    @cached_property
    def newest(self) -> str:
        """The UTC day of the newest record, `YYYY-MM-DD`; empty without one."""
        return max((record.measured_at for record in self.records.values()), default="")[:10]

    @cached_property
    def by_example(self) -> Mapping[str, tuple[Record, ...]]:
        """All records, by example."""
        return _grouped(self.records, lambda record: record.example)

    @cached_property
    def by_place(self) -> Mapping[tuple[str, str], tuple[Record, ...]]:
        """All records, by machine key and device."""
        return _grouped(self.records, lambda record: (self.machine_key(record), record.device))

    @cached_property
    def classes_here(self) -> frozenset[str]:
        """The ids of the machines measured in this checkout."""
        return frozenset(self.records[id].machine.id for id in self.measured_here if id in self.records)

    @cached_property
    def _current(self) -> Mapping[Place, Record]:
        return current_records(self.records, self.examples, self.measured_here, self.withdrawn, self.contributed)

    def contributor(self, record: Record) -> str:
        """Who measured a record that was handed in, empty for the project's own. Nobody has repeated it."""
        return contributor(record, self.contributed)

    def current(self, example: str, machine: str, device: str = "cpu") -> Record | None:
        """The record that counts of the example on that machine and device."""
        return self._current.get((example, machine, device))

    def roofs(self, record: Record) -> Roofs | None:
        """The roofs of the record's own machine and device: those it was measured under, else the newest."""
        given = self.records.get(record.roofs)
        if given is None:
            given = self.current(self._of_roofs, self.machine_key(record), record.device)
        return None if given is None else _roofs_of(self, given.id)

    @cached_property
    def _of_roofs(self) -> str:
        """The id of the example that measures the roofs, empty where there is none."""
        return next((example.id for example in self.examples.values() if example.roofs), "")

    @cached_property
    def told(self) -> dict[Hashable, Any]:
        """What `once` keeps of this site."""
        return {}


def once(ask: Callable[Concatenate[Site, P], T]) -> Callable[Concatenate[Site, P], T]:
    """Keeps each answer with the site it is about: a site never changes, and many pages ask the same."""

    @wraps(ask)
    def asked(site: Site, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (ask, args, tuple(kwargs.items()))
        if key not in site.told:
            site.told[key] = ask(site, *args, **kwargs)
        answer: T = site.told[key]
        return answer

    return asked


@once
def _roofs_of(site: Site, id: str) -> Roofs:
    """From a pass over all blocks of that record."""
    return Roofs.from_record(site.records[id])


def _grouped(records: Mapping[str, Record], key: Callable[[Record], K]) -> dict[K, tuple[Record, ...]]:
    found: dict[K, list[Record]] = defaultdict(list)
    for record in records.values():
        found[key(record)].append(record)
    return {place: tuple(together) for place, together in found.items()}


def load_site(root: Path, default_machine: str = HERE, known: Mapping[str, Record] | None = None) -> Site:
    """Everything under `root`, looked up against each other. Raises StackdocError with all problems of all files.

    `known` are the records that an earlier site of this root has read.
    """
    problems: list[Problem] = []
    has_stack = any((root / "docs/data" / name).exists() for name in ("stack.yml", "taxonomies"))
    stack = read_stack(root, problems) if has_stack else None
    examples = read_examples(root, problems)
    environments = read_environments(root, problems)
    claims = read_claims(root, problems, stack, examples)
    facts = read_facts(root, problems, stack)
    systems = read_systems(root, problems, stack, examples, environments)
    creations = read_creations(root, problems, environments)
    texts = read_texts(root, problems, systems)
    alternatives = read_alternatives(root, problems, systems)
    terms = read_terms(root, problems)
    numbers = read_numbers(root, problems, stack, examples, facts)
    decisions = read_decisions(root, problems, stack)
    redirects = read_redirects(root, problems)
    records = store.read_all(root, problems, known)
    withdrawn = read_withdrawals(root, problems, records)
    contributed = read_contributions(root, problems)
    if stack:
        check_layers(examples, stack, problems)
    if problems:
        raise StackdocError(problems)
    said = read_configuration(root)
    stack = stack or replace(NO_STACK, title=said.name)
    here = store.read_ledger(root).intersection(records)
    return Site(
        root,
        stack,
        examples,
        records,
        claims,
        facts,
        systems,
        here,
        default_machine,
        terms=terms,
        withdrawn=withdrawn,
        numbers=numbers,
        decisions=decisions,
        redirects=redirects,
        contributed=contributed,
        environments=environments,
        creations=creations,
        alternatives=alternatives,
        texts=texts,
        address=said.address,
        author=said.author or said.name or stack.title or root.name,
        licence=said.licence,
        text_licence=said.text_licence,
    )
