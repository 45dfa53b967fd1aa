"""Reads `docs/data/remarks.yml`: what was learnt about records after they were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.provenance import Remark
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.records.lists import DATE_HINT, is_date


def read_remarks(layout: Layout, problems: list[Problem], records: Mapping[str, Record]) -> tuple[Remark, ...]:
    """Return the remarks. Each must name stored records, and points that all of these have."""
    remarks = read_list(layout, "remarks", Remark, problems)
    for entry, remark in remarks.entries:
        problems.extend(_problems(entry, remark, records))
    return remarks.values


def _problems(entry: Document, remark: Remark, records: Mapping[str, Record]) -> Iterator[Problem]:
    if not is_date(remark.date):
        yield entry.problem(("date",), f"{remark.date[:60]!r} is not a date", DATE_HINT)
    if not remark.records:
        yield entry.problem(("records",), "is empty", "list the records that the remark is about")
    for index, id in enumerate(remark.records):
        record = records.get(id)
        if record is None:
            yield entry.problem(("records", index), f"unknown record {id[:60]!r}", did_you_mean(id, records))
            continue
        known = {*record.keys, *(key.split(";")[0] for key in record.keys)}
        for number, point in enumerate(remark.points):
            if point not in known:
                message = f"record {id} has no point {point[:60]!r}"
                yield entry.problem(("points", number), message, did_you_mean(point, known))
