"""The data that all pages are made of, loaded once, with look-ups in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.environments import read_creations
from stackdoc.model.edition import Edition
from stackdoc.model.environment import Creation, Environment
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Remark, Withdrawal
from stackdoc.model.record import Record
from stackdoc.plan.project import Project
from stackdoc.project import Layout
from stackdoc.reading.configuration import read_configuration
from stackdoc.reading.schema import Kind
from stackdoc.records.current import HERE, Place, contributor, current_records, machine_key
from stackdoc.records.identity import named
from stackdoc.records.signatures.signature import UNSIGNED, Signature
from stackdoc.site.editions import read_editions
from stackdoc.site.labels import ParameterLabel, read_labels
from stackdoc.site.redirects import Redirect, read_redirects
from stackdoc.statistics.roofs import Roofs

K = TypeVar("K")
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """What a site is about besides its examples; by default nothing. What it adds to pages is in `render/domain.py`.

    `read` returns the subject's data, `title` the site's name. `people` are those who measure, if not the site's
    author. `linted` yields faults in a page, given its path and content; `warnings` yields outdated data; `summary`
    yields lines about what was read. `kinds` are the kinds of its data files, by name. `priorities` rank the examples
    to measure, 0 first; those without a rank come last.
    """

    read: Callable[[Layout, list[Problem], Mapping[str, Example], Mapping[str, Environment]], object] = lambda *_: None
    title: Callable[[object], str] = lambda _: ""
    people: str = ""
    linted: Callable[[str, str], Iterable[Problem]] = lambda *_: ()
    warnings: Callable[[Site], Iterable[Problem]] = lambda _: ()
    summary: Callable[[Site], Iterable[str]] = lambda _: ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    priorities: Callable[[Site], Mapping[str, int]] = lambda _: {}


@dataclass(frozen=True)
class Site:
    """All data of a site. It never changes.

    `records` are those of every machine by id, and `measured_here` the ids in this checkout's ledger. A record's
    machine key is HERE if the ledger lists it, else its machine's id, marked if the record was contributed, so that a
    machine of the same class elsewhere never represents this one. `withdrawn` has withdrawals by the id of their
    record, which stays in `records` but is never current. `outcomes` says why an `example@device` has no new record.
    `signatures` has the signatures of signed records by id. `editions` are the editions, the newest first; `edition`
    is the one that this site becomes, None for a site that goes on changing.

    `address` is the published root of the site (`https://…/`), `name` that of the project, `author` who measures and
    writes, `licence` that of the records, `text_licence` that of the pages, `repository` the address from which the
    project is cloned; each is empty if unknown. `data` is what the `subject` has read, None without a subject. With
    `gallery` the list of examples has pictures and archives to download. `online` has the templates of links to online
    notebook services by their names. `labels` are how figures name parameters, by their names in scripts.
    """

    layout: Layout
    examples: Mapping[str, Example]
    records: Mapping[str, Record]
    measured_here: frozenset[str] = frozenset()
    default_machine: str = HERE
    outcomes: Mapping[str, str] = field(default_factory=dict)
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
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    edition: Edition | None = None
    subject: Subject = field(default=Subject(), repr=False)
    data: object = None
    gallery: bool = False
    online: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""
    labels: Mapping[str, ParameterLabel] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.layout.root

    @property
    def title(self) -> str:
        """The name under which the site is cited."""
        return self.subject.title(self.data) or self.name

    @property
    def people(self) -> str:
        """How the pages name those who measure and write."""
        return self.subject.people or self.author or "the project"

    def machine_key(self, record: Record) -> str:
        return machine_key(record, self.measured_here, self.contributed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, as in a new project or one that only has pages."""
        return self.data is None and not any((self.examples, self.records, self.redirects, self.environments))

    @cached_property
    def newest(self) -> str:
        """The UTC day of the newest record of the project's own (`YYYY-MM-DD`), empty if there is none."""
        own = (record.measured_at for record in self.records.values() if not self.contributor(record))
        return max(own, default="")[:10]

    @cached_property
    def by_example(self) -> Mapping[str, tuple[Record, ...]]:
        """All records by example."""
        return _grouped(self.records, lambda record: record.example)

    @cached_property
    def by_place(self) -> Mapping[tuple[str, str], tuple[Record, ...]]:
        """All records by machine key and device."""
        return _grouped(self.records, lambda record: (self.machine_key(record), record.device))

    @cached_property
    def classes_here(self) -> frozenset[str]:
        """The ids of the machines measured in this checkout."""
        return frozenset(self.records[id].machine.id for id in self.measured_here if id in self.records)

    @cached_property
    def _current(self) -> Mapping[Place, Record]:
        return current_records(self.records, self.examples, self.measured_here, self.withdrawn, self.contributed)

    def record(self, id: str) -> Record | None:
        """Return the record with that id or digest; None if there is none."""
        return named(id, self.records)

    def contributor(self, record: Record) -> str:
        """Return who contributed a record, which nobody has repeated; empty for the project's own records."""
        return contributor(record, self.contributed)

    def signature(self, record: Record) -> Signature:
        """Return the signature that covers the record: that of the vouched list, or of the bundle that it came in."""
        return self.signatures.get(record.id, UNSIGNED)

    def edition_of(self, path: str, revision: str) -> Edition | None:
        """Return the edition being made, else the newest that has the generated page at that revision, else None."""
        page = f"{self.layout.prefix}{path}"
        return self.edition or next((it for it in self.editions if it.revisions.get(page) == revision), None)

    def remarks_on(self, record: Record) -> tuple[Remark, ...]:
        """Return what was learnt about the record after it was made."""
        return tuple(remark for remark in self.remarks if record.id in remark.records)

    def current(self, example: str, machine: str, device: str = "cpu") -> Record | None:
        """Return the record that counts for the example on that machine and device."""
        return self._current.get((example, machine, device))

    def roofs(self, record: Record) -> Roofs | None:
        """Return the roofs that the record refers to, else the current ones of its machine and device."""
        source = self.records.get(record.roofs)
        if source is None:
            source = self.current(self._roofs_example, self.machine_key(record), record.device)
        return None if source is None else _roofs_of(self, source.id)

    @cached_property
    def _roofs_example(self) -> str:
        """The id of the example that measures the roofs, empty if there is none."""
        return next((example.id for example in self.examples.values() if example.roofs), "")

    @cached_property
    def cache(self) -> dict[Hashable, Any]:
        """The results of functions decorated with `cached`."""
        return {}


def cached(function: Callable[Concatenate[Site, P], T]) -> Callable[Concatenate[Site, P], T]:
    """Decorate a function of a site so that its results are kept in the site, which never changes."""

    @wraps(function)
    def wrapper(site: Site, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args, tuple(kwargs.items()))
        if key not in site.cache:
            site.cache[key] = function(site, *args, **kwargs)
        result: T = site.cache[key]
        return result

    return wrapper


@cached
def _roofs_of(site: Site, id: str) -> Roofs:
    """Cached, since this reads all blocks of the record."""
    return Roofs.from_record(site.records[id])


def _grouped(records: Mapping[str, Record], key: Callable[[Record], K]) -> dict[K, tuple[Record, ...]]:
    groups: dict[K, list[Record]] = defaultdict(list)
    for record in records.values():
        groups[key(record)].append(record)
    return {group: tuple(members) for group, members in groups.items()}


def load_site(project: Project, subject: Subject | None = None, default_machine: str = HERE) -> Site:
    """Return the site of a project and the data of its subject.

    Raises StackdocError with the problems of all files.
    """
    problems = [*project.problems, *project.damaged]
    layout, subject = project.layout, subject or Subject()
    data = subject.read(layout, problems, project.examples, project.environments)
    creations = read_creations(layout, problems, project.environments)
    redirects = read_redirects(layout, problems)
    editions = read_editions(layout, problems)
    labels = read_labels(layout, problems)
    if problems:
        raise StackdocError(problems)
    settings = read_configuration(layout.root)
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
        signatures=project.signatures,
        editions=editions,
        subject=subject,
        data=data,
        address=layout.published(settings.address),
        name=settings.name,
        author=settings.author or settings.name or subject.title(data) or layout.root.name,
        licence=settings.licence,
        text_licence=settings.text_licence,
        gallery=settings.gallery,
        online=settings.online,
        repository=settings.repository,
        labels=labels,
    )
