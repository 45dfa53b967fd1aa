"""What passes between a run and its launches: the order in, what was observed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from stackdoc.laws.known import KnownLaw
from stackdoc.model.example import Cell
from stackdoc.model.record import Output, Point, Ratio
from stackdoc.statistics.roofs import Roofs


@dataclass(frozen=True)
class LaunchOrder:
    """One script in one process. `path` is the script, `result` the file for the outcome, both absolute.

    `kind` timed measures; display executes the cells one by one, untimed, for what they show. `cells` are
    those of the example, whose numbers the outputs bear; without them the script is one cell. Only with
    `network` may the script reach more than 127.0.0.1. `sources` are the files below `root` that the record will
    name; with them a display launch that reads others is refused. `laws` are those of the files that the example names
    in data, by id; None where nobody has read them, as for a script that runs alone.
    """

    path: str
    device: str = "cpu"
    profile: Literal["quick", "full"] = "quick"
    threads: int = 1
    index: int = 0
    roofs: Roofs | None = None
    kind: Literal["timed", "display"] = "timed"
    result: str = ""
    cells: tuple[Cell, ...] = ()
    network: bool = False
    root: str = ""
    sources: tuple[str, ...] = ()
    laws: Mapping[str, KnownLaw] | None = None

    def to_json(self) -> dict[str, Any]:
        plain = dict(self.__dict__)
        plain["roofs"] = self.roofs.to_json() if self.roofs else None
        plain["cells"] = [cell.__dict__ for cell in self.cells]
        plain["laws"] = {id: law.__dict__ for id, law in self.laws.items()} if self.laws is not None else None
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LaunchOrder:
        roofs = Roofs.from_json(data["roofs"]) if data["roofs"] else None
        cells = tuple(Cell(**cell) for cell in data["cells"])
        laws = {id: KnownLaw.from_json(law) for id, law in data["laws"].items()} if data["laws"] is not None else None
        return cls(**{**data, "roofs": roofs, "cells": cells, "sources": tuple(data["sources"]), "laws": laws})


@dataclass(frozen=True)
class LaunchResult:
    """Every point with this one launch, in the order measured. `refusals` say why no figure may be made of it."""

    index: int
    points: tuple[Point, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    outputs: tuple[Output, ...] = ()
    refusals: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
