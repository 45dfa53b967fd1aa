"""What a run and its launches exchange: a `LaunchOrder` in, a `LaunchResult` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from stackdoc.laws.known import KnownLaw
from stackdoc.model.device import Computed
from stackdoc.model.example import Cell
from stackdoc.model.record import Output, Point, Ratio
from stackdoc.statistics.roofs import Roofs


@dataclass(frozen=True)
class LaunchOrder:
    """An order to run one script in one process. `path` is the script, `report` the file for its report; both absolute.

    A launch of the `kind` "timed" measures, "display" executes the cells one by one for their outputs, and "control"
    measures the controls, without a script. `index` counts the timed launches of an example, or the rounds.

    `cells` are those of the example; outputs refer to them by number. Without them the script is one cell. The script
    can reach hosts other than 127.0.0.1 only with `network`. `sources` are the files below `root` that the example
    lists; others that the launch loads join its record. `laws` are those in the
    example's data files, by id; None if they were not read, as for a script that is run directly.
    """

    path: str
    device: str = "cpu"
    profile: Literal["quick", "full"] = "quick"
    threads: int = 1
    index: int = 0
    roofs: Roofs | None = None
    kind: Literal["timed", "display", "control"] = "timed"
    report: str = ""
    cells: tuple[Cell, ...] = ()
    network: bool = False
    root: str = ""
    sources: tuple[str, ...] = ()
    laws: Mapping[str, KnownLaw] | None = None

    def to_json(self) -> dict[str, Any]:
        data = dict(self.__dict__)
        data["roofs"] = self.roofs.to_json() if self.roofs else None
        data["cells"] = [cell.__dict__ for cell in self.cells]
        data["laws"] = {id: law.__dict__ for id, law in self.laws.items()} if self.laws is not None else None
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LaunchOrder:
        roofs = Roofs.from_json(data["roofs"]) if data["roofs"] else None
        cells = tuple(Cell(**cell) for cell in data["cells"])
        laws = {id: KnownLaw.from_json(law) for id, law in data["laws"].items()} if data["laws"] is not None else None
        return cls(**{**data, "roofs": roofs, "cells": cells, "sources": tuple(data["sources"]), "laws": laws})


@dataclass(frozen=True)
class LaunchResult:
    """What one launch measured, in the order measured. `refusals` are the reasons why no figure may be computed.

    `computed` is torch's device that was timed, None on a processor. `remarks` are what readers of the figures must
    know.
    """

    index: int
    points: tuple[Point, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    outputs: tuple[Output, ...] = ()
    refusals: tuple[str, ...] = ()
    computed: Computed | None = None
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
