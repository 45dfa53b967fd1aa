"""Everything the pages are made of, loaded from the files once. No behaviour but look-ups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.environments import read_creations
from stackdoc.model.environment import Creation, Environment
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Remark, Withdrawal
from stackdoc.model.record import Record
from stackdoc.plan.project import Project
from stackdoc.project import Layout
from stackdoc.reading.configuration import read_configuration
from stackdoc.reading.schema import Kind
from stackdoc.records.current import HERE, Place, contributor, current_records, machine_key
from stackdoc.site.redirects import Redirect, read_redirects
from stackdoc.statistics.roofs import Roofs

K = TypeVar("K")
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """What a site is about beside its examples, without what renders it. This one is about nothing else.

    `read` gives its data, `title` its name, `people` are those who measured, where that is not the site's author;
    `linted` finds faults in the text of a page (its path and content), `warnings` what has grown old; `summary` says
    what was read; `kinds` are the kinds of its data files. What it adds to pages is in `render/domain.py`.
    """

    read: Callable[[Layout, list[Problem], Mapping[str, Example], Mapping[str, Environment]], object] = lambda *_: None
    title: Callable[[object], str] = lambda _: ""
    people: str = ""
    linted: Callable[[str, str], Iterable[Problem]] = lambda *_: ()
    warnings: Callable[[Site], Iterable[Problem]] = lambda _: ()
    summary: Callable[[Site], Iterable[str]] = lambda _: ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """`records` by id, of every machine; `measured_here` are the ids in this checkout's ledger.

    A record's machine key is HERE when the ledger lists it, else its machine's id: the same class of
    machine elsewhere never stands in for this one. `withdrawn` records stay, by id, but are current nowhere.
    `address` is the published root of the site (`https://…/`), empty where it is not known; `name` is what the project
    calls itself, `author` who measures and writes, `licence` that of the records, `text_licence` that of the pages;
    both are empty where none is named. `data` is what the `subject` has read, None where there is none.
    """

    layout: Layout
    examples: Mapping[str, Example]
    records: Mapping[str, Record]
    measured_here: frozenset[str] = frozenset()
    default_machine: str = HERE
    outcomes: Mapping[str, str] = field(default_factory=dict)  # "example@device": why it has no new record
    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    address: str = ""
    name: str = ""
    author: str = ""
    licence: str = ""
    text_licence: str = ""
    redirects: tuple[Redirect, ...] = ()
    contributed: Mapping[str, Contribution] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    environments: Mapping[str, Environment] = field(default_factory=dict)
    creations: tuple[Creation, ...] = ()
    subject: Subject = field(default=Subject(), repr=False)
    data: object = None

    @property
    def root(self) -> Path:
        return self.layout.root

    @property
    def title(self) -> str:
        """The name under which the site is cited."""
        return self.subject.title(self.data) or self.name

    @property
    def people(self) -> str:
        """What the pages call whoever measures and writes."""
        return self.subject.people or self.author or "the project"

    def machine_key(self, record: Record) -> str:
        return machine_key(record, self.measured_here)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, as in a project that has only begun or only writes pages."""
        return self.data is None and not any((self.examples, self.records, self.redirects, self.environments))

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

    def remarks_on(self, record: Record) -> tuple[Remark, ...]:
        """What was learnt of the record after it was made."""
        return tuple(remark for remark in self.remarks if record.id in remark.records)

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


def load_site(project: Project, subject: Subject | None = None, default_machine: str = HERE) -> Site:
    """The project and the data of its subject, looked up against each other.

    Raises StackdocError with all problems of all files.
    """
    problems = [*project.problems, *project.damaged]
    layout, subject = project.layout, subject or Subject()
    data = subject.read(layout, problems, project.examples, project.environments)
    creations = read_creations(layout, problems, project.environments)
    redirects = read_redirects(layout, problems)
    if problems:
        raise StackdocError(problems)
    said = read_configuration(layout.root)
    return Site(
        layout,
        project.examples,
        project.records,
        project.ledger,
        default_machine,
        withdrawn=project.withdrawn,
        redirects=redirects,
        contributed=project.contributed,
        remarks=project.remarks,
        environments=project.environments,
        creations=creations,
        subject=subject,
        data=data,
        address=said.address,
        name=said.name,
        author=said.author or said.name or subject.title(data) or layout.root.name,
        licence=said.licence,
        text_licence=said.text_licence,
    )
