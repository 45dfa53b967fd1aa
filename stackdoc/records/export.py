"""Exports of records: CSV and JSON Lines with one row for each quantity, and the JSON of pytest-benchmark."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median, stdev
from typing import Any, NamedTuple

from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Point, Record
from stackdoc.records.current import contributor, withdrawal
from stackdoc.records.signatures.signature import UNSIGNED, Signature
from stackdoc.statistics import quantity, sample, summarise
from stackdoc.statistics.quantities import QUANTITIES
from stackdoc.statistics.roofs import Roofs
from stackdoc.statistics.samples import quantile

SUMMARY = ("quality", "launches", "counted", "blocks", "calls", "set_aside")
COLUMNS = (
    *("record", "example", "machine", "device", "profile", "threads", "measured_at", "method", "digest", "point"),
    *("quantity", "value", "low", "high", "unit", "estimate", *SUMMARY),
    *("sha256", "contributed_by", "signature", "withdrawn"),
)
FORMULA = ("=", "+", "-", "@")  # what begins one in a spreadsheet
FENCE = 1.5  # interquartile ranges beyond which pytest-benchmark counts a value as an outlier


def rows(
    records: Iterable[Record],
    known: Mapping[str, Record],
    contributed: Mapping[str, Contribution],
    withdrawn: Mapping[str, Withdrawal],
    signatures: Mapping[str, Signature] = {},
) -> Iterator[dict[str, Any]]:
    """Yield a row for every quantity of each point and ratio, in SI base units, with its interval.

    Shares are fractions of 1. `known` has the records of the roofs, by id. Each row states who contributed its record,
    when and why it was withdrawn, and its signature. Controls have no rows, since they are not figures of the example.
    """
    for record in _ordered(records):
        measured_roofs = known.get(record.roofs)
        roofs = Roofs.from_record(measured_roofs) if measured_roofs else None
        for key in record.keys:
            for name in QUANTITIES:
                figure = quantity(record, key, name, roofs)
                if figure is None:
                    continue
                point = record.point(key)
                summary = asdict(summarise(point)) if point else {}
                yield {
                    **{name: getattr(record, name) for name in COLUMNS[1:9] if name != "machine"},
                    **{"record": record.id, "machine": record.machine.id, "point": key, "quantity": name},
                    **{"value": figure.value, "low": figure.low, "high": figure.high},
                    "unit": {"%": "1", "×": "1"}.get(figure.unit, figure.unit),
                    "estimate": figure.estimate,
                    **{name: summary.get(name) for name in SUMMARY},
                    "quality": figure.quality,
                    "contributed_by": contributor(record, contributed),
                    "withdrawn": withdrawal(record, withdrawn),
                    "sha256": record.sha256,
                    "signature": str(signatures.get(record.id, UNSIGNED)),
                }


def as_csv(table: Iterable[Mapping[str, Any]]) -> str:
    """Return a header and the rows; a missing value is an empty cell, and no text is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in table:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def as_json_lines(table: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False)}\n" for row in table)


def as_pytest_benchmark(records: Iterable[Record]) -> str:
    """Return the document that `pytest-benchmark compare` reads, with a benchmark for each timed point.

    Its data are the launches' medians. Raises ValueError unless all records are of one machine.
    """
    ordered = _ordered(records)
    machines = {record.machine.id: record.machine for record in ordered}
    if len(machines) != 1:
        raise ValueError(f"expected the records of one machine, not of {', '.join(sorted(machines)) or 'none'}")
    machine = next(iter(machines.values()))
    newest = max(ordered, key=lambda record: record.measured_at)
    document = {
        "machine_info": {
            "node": machine.id,
            "machine": machine.architecture,
            "cpu": {"brand_raw": machine.cpu, "count": machine.cores},
            "python_version": newest.software.python,
            "system": newest.software.system,
        },
        "commit_info": {"id": newest.commit or None, "dirty": newest.dirty, "branch": "", "project": "stackdoc"},
        "benchmarks": [
            _benchmark(record, point) for record in ordered for point in record.points if point.kind == "time"
        ],
        "datetime": newest.measured_at.replace("Z", "+00:00"),
        "version": "5.0.0",
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


class ExportSelection(NamedTuple):
    """Records to export, with what describes them: all `known` records, who contributed and withdrew which, and
    which are signed.
    """

    records: Sequence[Record]
    known: Mapping[str, Record]
    contributed: Mapping[str, Contribution]
    withdrawn: Mapping[str, Withdrawal]
    signatures: Mapping[str, Signature]


@dataclass(frozen=True)
class ExportFormat:
    """A format of the figures of records; one that can't mark withdrawn records gets none."""

    write: Callable[[ExportSelection], str]
    marks_withdrawn: bool = True


FORMATS: Mapping[str, ExportFormat] = {
    "pytest-benchmark": ExportFormat(lambda chosen: as_pytest_benchmark(chosen.records), marks_withdrawn=False),
    "csv": ExportFormat(lambda chosen: as_csv(rows(*chosen))),
    "jsonl": ExportFormat(lambda chosen: as_json_lines(rows(*chosen))),
}


def _ordered(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r.example, r.machine.id, r.device, r.measured_at, r.id))


def _cell(value: Any) -> Any:
    return "" if value is None else csv_text(value) if isinstance(value, str) else value


def csv_text(text: str) -> str:
    """Return the text for a cell of a CSV file, with a quote before what a spreadsheet would take for a formula.

    Some programs ignore blanks and invisible characters before it, and read full-width signs as ASCII.
    """
    visible = (sign for sign in text if not (sign.isspace() or unicodedata.category(sign).startswith("C")))
    first = unicodedata.normalize("NFKC", next(visible, ""))
    return f"'{text}" if first.startswith(FORMULA) or text.startswith(("\t", "\r")) else text


def _benchmark(record: Record, point: Point) -> dict[str, Any]:
    values = [sample(launch).value for launch in point.launches]
    summary = summarise(point)
    return {
        "group": record.example,
        "name": f"{point.key}[{record.device}]",
        "fullname": f"{record.example}::{point.key}[{record.device}]",
        "params": dict(point.parameters) or None,
        "param": ";".join(str(value) for _, value in point.parameters) or None,
        "extra_info": {
            "stackdoc": {
                **{
                    "record": record.id,
                    "sha256": record.sha256,
                    "digest": record.digest,
                    "method": record.method,
                    "unit": "s",
                },
                **{"low": summary.low, "high": summary.high, "quality": summary.quality},
            }
        },
        "options": {"timer": "perf_counter", "warmup": True, "disable_gc": True},
        "stats": {**_statistics(values), "data": values, "iterations": summary.calls},
    }


def _statistics(values: list[float]) -> dict[str, Any]:
    first, third = quantile(values, 0.25), quantile(values, 0.75)
    mean, spread = fmean(values), stdev(values) if len(values) > 1 else 0.0
    low, high = first - FENCE * (third - first), third + FENCE * (third - first)
    inside = [value for value in values if low <= value <= high]
    far = sum(abs(value - mean) > spread for value in values)
    return {
        **{"min": min(values), "max": max(values), "mean": mean, "stddev": spread, "rounds": len(values)},
        **{"median": median(values), "iqr": third - first, "q1": first, "q3": third},
        **{"iqr_outliers": len(values) - len(inside), "stddev_outliers": far},
        "outliers": f"{far};{len(values) - len(inside)}",
        **{"ld15iqr": min(inside), "hd15iqr": max(inside), "ops": 1 / mean if mean else 0.0},
        "total": sum(values),
    }
