"""One published taxonomy as it was printed: its own order, labels and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Relation = Literal["exact", "close", "broad", "narrow", "related"]
RELATIONS: tuple[str, ...] = get_args(Relation)


@dataclass(frozen=True)
class Atom:
    """The smallest subject that at least one source separates from others; it belongs to one layer or plane."""

    id: str
    name: str
    layer: str
    note: str = ""


@dataclass(frozen=True)
class Mapping:
    """How a row of a source relates to a canonical layer (SKOS); `broad` means that the row is the broader one."""

    layer: str
    relation: Relation
    note: str = ""


@dataclass(frozen=True)
class Erratum:
    """An error of the source: what it prints, what is meant, and in which rows; none means the source as a whole."""

    id: str
    kind: str
    printed: str
    meant: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceLayer:
    """One row of a taxonomy, in our words; `label` is the number as printed, which may be "X".

    `position` counts from the bottom of its own taxonomy; None means outside the tower.
    `tools` are ids of systems, `same_as` is the row of another source that this one reprints.
    """

    source: str
    label: str
    position: int | None
    name: str
    description: str
    gloss: str = ""
    aliases: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    tradeoffs: tuple[str, ...] = ()
    atoms: tuple[str, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    same_as: str = ""
    line: int = 0

    @property
    def qualified(self) -> str:
        """The label with its source: `8-layer:6`."""
        return f"{self.source}:{self.label}"


@dataclass(frozen=True)
class View:
    """A further table of a source (cloud resources; "same for all models?"); a row is (label, cells)."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""


@dataclass(frozen=True)
class Source:
    """Where a taxonomy was published. Sources of one `lineage` copy each other and cast one vote."""

    id: str
    title: str
    name: str
    author: str
    document: str
    sha256: str
    accessed: str
    lineage: str
    axis: str
    direction: str
    number_semantics: str
    url: str = ""
    licence: str = "none stated"


@dataclass(frozen=True)
class Taxonomy:
    """A source with its layers from the bottom up (rows outside the tower last), views, statements, errata."""

    source: Source
    layers: tuple[SourceLayer, ...]
    views: tuple[View, ...] = ()
    statements: tuple[str, ...] = ()
    errata: tuple[Erratum, ...] = ()
    file: str = ""

    def layer(self, label: str) -> SourceLayer:
        return next(row for row in self.layers if row.label == label)
