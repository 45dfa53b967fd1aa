"""A system that the sources name: a product, library, technique or thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """`state` is active, maintenance, archived or hosted; never without a date and a source."""

    state: str
    as_of: str
    source: str


@dataclass(frozen=True)
class System:
    """`mentions` are qualified source layers; `layer` is its primary place, `also` the others.

    `examples` run it; `runs` says why none does.
    """

    id: str
    name: str
    kind: str
    subkind: str = ""
    layer: str = ""
    also: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    homonym_of: str = ""
    note: str = ""
    status: Status | None = None
    examples: tuple[str, ...] = ()
    runs: str = ""
