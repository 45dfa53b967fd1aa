"""A record that leaves its samples in its file, and reads the rest when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from stackdoc.model.record import Control, Output, Point, Ratio, Record
from stackdoc.records.summaries import SummaryFile, condensed_content, condensed_controls
from stackdoc.statistics.condensed import Content

CONTENTS = 1000  # of records, in memory at a time; each takes about 50 kB
CONTROLS = 20_000  # of records, in memory at a time; comparisons look at those of all runs of a machine


class StoredRecord(Record):
    """A record of which only what describes the run is in memory: example, machine, software, date, identity.

    Points, ratios, outputs and controls come from the summaries, and their launches have no blocks. `fields` returns
    everything, as it is in the record's file. `complete` reads that file; it raises StackdocError if it has changed.
    `dataclasses.replace` needs the record `in_full`.
    """

    def __init__(self, head: Record, summaries: SummaryFile, complete: Callable[[], Record]) -> None:
        vars(self).update(vars(head), summaries=summaries, complete=complete)

    def in_full(self) -> Record:
        record: Record = vars(self)["complete"]()
        return record

    def __eq__(self, other: object) -> bool:
        """Whether the other is the same record; its digest identifies it."""
        return isinstance(other, Record) and (self.id, self.sha256) == (other.id, other.sha256)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def fields(self) -> dict[str, Any]:
        return self.in_full().fields()

    @property
    def points(self) -> tuple[Point, ...]:
        return _content(self).points

    @property
    def ratios(self) -> tuple[Ratio, ...]:
        return _content(self).ratios

    @property
    def outputs(self) -> tuple[Output, ...]:
        return _content(self).outputs

    @property
    def controls(self) -> tuple[Control, ...]:
        return _controls(self)

    @property
    def _items(self) -> Mapping[str, Point | Ratio]:
        return _content(self).items


@lru_cache(CONTENTS)
def _content(record: StoredRecord) -> Content:
    summaries: SummaryFile = vars(record)["summaries"]
    return summaries.content(record.sha256) or condensed_content(record.in_full())


@lru_cache(CONTROLS)
def _controls(record: StoredRecord) -> tuple[Control, ...]:
    summaries: SummaryFile = vars(record)["summaries"]
    controls = summaries.controls(record.sha256)
    return condensed_controls(record.in_full()) if controls is None else controls


def forget() -> None:
    """Free the memory of what was read of any record; it is read again when it is used."""
    _content.cache_clear()
    _controls.cache_clear()
