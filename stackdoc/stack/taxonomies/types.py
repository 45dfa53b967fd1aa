"""One published taxonomy as it was printed: its own order, labels and errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Relation = Literal["exact", "close", "broad", "narrow", "related"]
RELATIONS: tuple[str, ...] = get_args(Relation)
_PARTS = re.compile(r"\d+|\D+")


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

    `position` counts from the bottom of its own taxonomy; None means outside the tower. Rows of the same position are
    one tier: they have no order among themselves and cast no vote on each other.
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
    """Where a taxonomy was published. Sources of one `lineage` copy each other and cast one vote.

    `accessed` is the day on which it was read, `published` its own date (`2023-01-19`, `2023-01` or `2023`), empty if
    it has none. `sha256` is the digest of the file that was read, empty if none was. A `guest` is shown for comparison
    and has no vote. `weighed` are the ids of the rulings whose reasons take the source's votes into account.
    """

    id: str
    title: str
    name: str
    author: str
    document: str
    accessed: str
    lineage: str
    axis: str
    direction: str
    number_semantics: str
    published: str = ""
    sha256: str = ""
    url: str = ""
    licence: str = "none stated"
    guest: bool = False
    weighed: tuple[str, ...] = ()


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

    def rows_of_label(self, label: str) -> tuple[SourceLayer, ...]:
        """Return the row with this label, or the rows into which the source divides it: `2a` and `2b` for `2`."""
        whole = tuple(row for row in self.layers if row.label == label)
        return whole or tuple(row for row in self.layers if divided(row.label) == label)


def divided(label: str) -> str:
    """Return the number that a label such as `2a` is a part of, or an empty string."""
    match = re.fullmatch(r"(\d+)[a-z]", label)
    return match[1] if match else ""


def label_order(label: str) -> tuple[tuple[bool, int, str], ...]:
    """Return the key that sorts labels as people count: 2, 2a, 2b, 3, 10, X."""
    return tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _PARTS.findall(label))
