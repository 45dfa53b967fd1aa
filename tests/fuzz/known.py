"""Inputs that failed once and are too large to store as files, by target. Those in `corpus/` are files."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from stackdoc.records.bundle import MANIFEST
from tests.fuzz import bundles, data_files
from tests.fuzz.mutations import as_json
from tests.fuzz.records import identified, real

POINT, LAUNCH = "points.0", "points.0.launches.0"
CHART = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}


def chart(**changes: Any) -> list[dict[str, Any]]:
    spec = json.dumps({**CHART, **changes})
    return [{"cell": 1, "mime": "application/vnd.vegalite.v5+json", "data": spec, "alt": ""}]


def launches(number: int) -> list[dict[str, Any]]:
    (launch, *_) = real()[0][0]["points"][0]["launches"]
    return [{**launch, "index": index} for index in range(number)]


# Where in a real record, and the value that is there instead; None removes the field.
RECORDS: Mapping[str, tuple[str, Any]] = {
    "a launch without blocks": (f"{LAUNCH}.wall_ns", []),
    "short processor times": (f"{LAUNCH}.cpu_ns", [1]),
    "threads=abc": (f"{POINT}.parameters", [["threads", "abc"]]),
    "the smallest number": (f"{POINT}.prediction", {"seconds": 5e-324, "formula": "x"}),
    "a prediction of 1e308": (f"{POINT}.prediction", {"seconds": 1e308, "formula": "x"}),
    "work of 1e308": (f"{POINT}.work", {"flop": 1e308, "bytes": 1.0}),
    "no launches": (f"{POINT}.launches", []),
    "a thousand launches": (f"{POINT}.launches", launches(1000)),
    "a label of 100 kB": (f"{POINT}.label", "x" * 100_000),
    "a label of 1 MB": (f"{POINT}.label", "é" * 1_000_000),
    "a name of markup": (f"{POINT}.name", "<" * 500),
    "deep data": (f"{POINT}.parameters", json.loads("[" * 400 + "]" * 400)),
    "31 February": ("measured_at", "2026-02-31T00:00:00Z"),
    "negative calls": (f"{LAUNCH}.calls", -1),
    "negative threads": ("threads", -2),
    "cores: -3": ("machine.cores", -3),
    "an empty digest": ("digest", ""),
    "a machine called here": ("machine.id", "here"),
    "a hundred million ticks": ("outputs", chart(config={"axis": {"tickCount": 100_000_000}})),
    "ten million rows": ("outputs", chart(data={"sequence": {"start": 0, "stop": 10_000_000, "as": "a"}})),
    "a width of a billion": ("outputs", chart(width=1_000_000_000)),
    "a slow pattern": (
        "outputs",
        chart(transform=[{"filter": "test(regexp('(a|a)*b$'), '" + "a" * 40 + "')"}]),
    ),
    "deep HTML": ("outputs", [{"cell": 1, "mime": "text/html", "data": "<b>" * 50_000, "alt": ""}]),
    "forged classes": (
        "outputs",
        [{"cell": 1, "mime": "text/html", "data": '<b class="md-header sd-measured">', "alt": ""}],
    ),
}


def record(place: str, value: Any) -> bytes:
    """Return a real record with another value at the place, under its own hash."""
    changed = copy.deepcopy(real()[0][0])
    holder: Any = changed
    *way, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    for key in way:
        holder = holder[key]
    holder[last] = value
    return as_json(identified(changed)).encode()


def many_points() -> bytes:
    changed = copy.deepcopy(real()[0][0])
    (first, *_) = changed["points"]
    changed["points"] = [{**first, "name": f"p{number}"} for number in range(2000)]
    return as_json(identified(changed)).encode()


def bundle_by(name: str) -> bytes:
    entries = {**bundles.ENTRIES, MANIFEST: json.dumps({**bundles.STATED, "by": name}).encode()}
    return bundles.zipped(list(entries.items()), [0] * len(entries))


def many_entries() -> bytes:
    entries = [(f"records/{number:016x}.json", b"") for number in range(20_000)]
    return bundles.zipped([*bundles.ENTRIES.items(), *entries], [0] * (len(entries) + len(bundles.ENTRIES)))


def data(path: str, text: str) -> bytes:
    assert path in data_files.TEXT
    return f"# {path}\n{text}".encode()


def contributions(number: int) -> str:
    return "".join(f'- {{record: "{entry:016x}", by: A. Person, contact: ""}}\n' for entry in range(number))


def document(text: str) -> bytes:
    return f"design.md\n{text}".encode()


KNOWN: Mapping[str, Mapping[str, Callable[[], bytes]]] = {
    "record": {
        **{name: partial(record, place, value) for name, (place, value) in RECORDS.items()},
        "2,000 points": many_points,
    },
    "chart": {},
    "bundle": {
        "a name that turns the line": partial(bundle_by, "A\u202eB"),
        "20,000 entries": many_entries,
    },
    "data": {
        "7,143 contributions": partial(data, "docs/data/contributed.yml", contributions(7143)),
        "aliases": partial(data, "docs/data/claims.yml", "- &a [x]\n" + "- [*a, *a]\n" * 1000),
    },
    "script": {},
    "page": {
        "100,000 backticks": lambda: b"stackdoc\n\n" + b"`" * 100_000,
        "a list 300 deep": lambda: b"stackdoc\n\n" + b"- " * 300 + b"x",
        "a quote 300 deep": lambda: b"stackdoc\n\n" + b"> " * 300 + b"x",
        "bytes of Latin-1": lambda: "stackdoc é\n".encode("latin-1"),
        "an open fence": lambda: b"```stackdoc\nexample: pot/boiling\n",
        "a fence in a quote": lambda: b"> ```stackdoc\n> example: pot/boiling\n> ```\n",
    },
    "document": {
        f"20,000 times {run!r}": partial(document, f"0123456789ab {run * 20_000} 1.0 µs")
        for run in (" ", "\t", "`", "[", "(", "<", "<a ", "1", "1.", "1 ", "a", "\n", "-", '"', "%", "{")
    }
    | {"200,000 blanks": partial(document, "x" + " " * 200_000 + "1 s")},
    "state": {},
}


def inputs(target: str, corpus: Path) -> dict[str, Callable[[], bytes]]:
    """Return every input of a target that failed once, by its name."""
    files = {path.name: path.read_bytes for path in sorted((corpus / target).glob("*"))}
    return {**KNOWN[target], **files}
