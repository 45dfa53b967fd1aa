"""Arrows between things with an id, in the diagrams `flow` and `nest`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from stackdoc.errors import did_you_mean
from stackdoc.reading.decode import written_as
from stackdoc.render.diagrams.label import Label
from stackdoc.render.diagrams.source import DiagramSource


@dataclass(frozen=True)
class Arrow:
    """An arrow as written; `back` marks one that closes a loop."""

    from_: Annotated[str, written_as("from")]
    to: str
    label: str = ""
    back: bool = False


@dataclass(frozen=True)
class Edge:
    """An arrow between two known ids."""

    start: str
    end: str
    label: Label
    back: bool


def read_arrows(written: tuple[Arrow, ...], known: Collection[str], source: DiagramSource) -> list[Edge]:
    """Return the arrows whose ends are known; report the others."""
    edges = []
    for index, arrow in enumerate(written):
        for key, id in (("from", arrow.from_), ("to", arrow.to)):
            if id not in known:
                source.refuse(("arrows", index, key), f"unknown id {id!r}", did_you_mean(id, known))
        label = source.label(arrow.label, "arrows", index, "label") if arrow.label else Label()
        if arrow.from_ in known and arrow.to in known:
            edges.append(Edge(arrow.from_, arrow.to, label, arrow.back))
    return edges
