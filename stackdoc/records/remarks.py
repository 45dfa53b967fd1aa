"""What was learnt of records after they were made, from `docs/data/remarks.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.provenance import Remark
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.records.lists import is_day


def read_remarks(layout: Layout, problems: list[Problem], records: Mapping[str, Record]) -> tuple[Remark, ...]:
    """The remarks; each names records that are there, and points that each of these has."""
    listed = read_list(layout, "remarks", Remark, problems)
    for entry, remark in listed.entries:
        problems.extend(_faults(entry, remark, records))
    return listed.values


def _faults(entry: Document, remark: Remark, records: Mapping[str, Record]) -> Iterator[Problem]:
    if not is_day(remark.date):
        yield entry.problem(("date",), f"{remark.date[:60]!r} is not a day", "write YYYY-MM-DD")
    if not remark.records:
        yield entry.problem(("records",), "is empty", "name the records that it is about")
    for index, id in enumerate(remark.records):
        record = records.get(id)
        if record is None:
            yield entry.problem(("records", index), f"unknown record {id[:60]!r}", did_you_mean(id, records))
            continue
        keys = [*(point.key for point in record.points), *(ratio.key for ratio in record.ratios)]
        known = {*keys, *(key.split(";")[0] for key in keys)}
        for number, point in enumerate(remark.points):
            if point not in known:
                message = f"record {id} has no point {point[:60]!r}"
                yield entry.problem(("points", number), message, did_you_mean(point, known))
